// Package rangamani repeats Rangamani, Mukherjee, Basu, Arora, Ganapathi, Chin, Tran, Sparse Coding and Autoencoders (2018).
//
//	e := rangamani.Experiments()[0] // Table 1
//
// The measurement, the figure and the claims of an experiment are in this package together:
//
//	setting.go, landscape.go            the constants; loss and expected gradient at any W
//	table1*.go, gradient.go             Table 1, its constants fitted on a half of it and tested on the other
//	fig1*.go, line.go, average.go       lines through the dictionary, Figures 1 to 6, and the average over lines and dictionaries
//	theorem31.go, recovery.go           which units are active, Theorem 3.1, over δ, k and h
//	lemma*.go, proxy.go                 the proxy gradient and its coefficients, Lemmas 5.1 and 5.2
//	square.go, orthogonal.go            a square orthogonal dictionary as the minimum
//	mnist.go, panel.go, digits.go       reconstructions of digits by the paper's two nets
//
// amp/THEORY.md §13 has the constants that the paper does not print, and the formulas.
package rangamani
