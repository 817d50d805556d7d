// Package hardphase shows where the best decoder behind a Haar encoder knows more than AMP finds: sparse Rademacher data, whose code
// determines them from a rate r_IT on (amp/THEORY.md §11.4). It compares four things: the fixed point of AMP's state evolution, the
// optimum, VAMP run on matrices, and the exact posterior of small dimensions by enumeration of all inputs, which shares no code
// with the theory. Nobody else shows that; the papers stop at AMP's fixed point.
package hardphase
