// Package matrix converts weights between float32 and gonum's float64: matrices of rows, transposes, products, and rows of
// unit length. Weights are trained and stored in float32.
package matrix
