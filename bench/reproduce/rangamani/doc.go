// Package rangamani repeats Rangamani, Mukherjee, Basu, Arora, Ganapathi, Chin, Tran, Sparse Coding and Autoencoders (2018).
//
//	e := rangamani.Experiments()[0] // Table 1
//
// The measurement and the verdict of an experiment are in this package together:
//
//	setting.go, gradient.go, table1.go   the gradient near the dictionary, Table 1
//	landscape.go, fig1.go                loss and gradient on a line through the dictionary, Figures 1 to 6
//	recovery.go, support.go              which units are active, Theorem 3.1
//	panel.go, mnist.go                   reconstructions of digits
//
// amp/THEORY.md §13 has the constants that the paper does not print.
package rangamani
