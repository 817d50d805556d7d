// Package rotation holds encoders that are known by a seed: a Haar matrix, and fast rotations that stand for one.
//
// An encoder B is (n, d), with r = n/d as everywhere:
//
//	r ≤ 1: orthonormal rows, BBᵀ = I
//	r > 1: orthogonal columns of squared norm r, BᵀB = r·I
//
// so that package amp's theory of a Haar encoder holds for its spectrum, and for its code sign(Bx) as far as the rotation is as good as
// a uniformly distributed one. Products of amp's algorithms are in float64, those of many rows in float32, by a Worker for each goroutine.
package rotation
