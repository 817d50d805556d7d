// Package universality compares fast rotations with Haar matrices as encoders of one bit (train/codec/rotation), by the errors of
// decoders that need no training (train/codec/inference), and both with the theory of a Haar encoder.
//
// On rows of independent numbers the two agree. On rows with the structure of the Walsh–Hadamard transform itself the Haar encoder
// keeps the theory's error and a single round of signs and transform does not; the three rounds of the codec do again.
package universality
