// Package codec compresses the rows of arrays with a trained model, to one bit for each of its codes, and reads and writes the
// files of codes, .a1b.
package codec
