// Package search measures codes of one bit as people use them to search: how many bits a coordinate takes, how far decoded rows are from
// the rows, and how many of the ten nearest rows by inner product a search among decoded rows finds. Beside the decoders of package codec
// stands scalar quantisation of the rotated rows, which is what vector databases do, and for speed NumPy with SciPy.
package search
