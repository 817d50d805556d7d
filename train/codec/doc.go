// Package codec compresses the rows of arrays to one bit for each of their codes, and reads and writes the files of codes, .a1b: with
// a trained model (version 1 of the files), or with a rotation and no model (version 2).
package codec
