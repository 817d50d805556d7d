// Package matrix has what weights need between float32, in which they are trained and stored, and gonum's float64: matrices of
// rows, transposes, products, and rows of unit length.
package matrix
