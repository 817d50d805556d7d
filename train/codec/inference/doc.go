// Package inference decodes codes of one bit by inference: x from y = sign(Bx), for a rotation B and the law of a coordinate of x.
// Nothing is trained.
//
//	linear     α·Bᵀy, the best for Gaussian data
//	denoiser   E[x | Bᵀy], coordinate by coordinate
//	rigamp     RI-GAMP
//	vamp       vector AMP, to the error of its state evolution's fixed point
//
// Package amp holds the algorithms for one code, which find the size of their messages' noise on the way. Here the noise is the state
// evolution's, known before a code is seen. So all functions of one number are tables, all rows of a batch take the same steps, and the
// work is that of the products: 2T for T iterations. Decoder.Predict says beforehand what error they have at this d.
//
// The rows have a mean square of 1: a code of signs says nothing about it. Rows that differ in it are the business of package codec.
package inference
