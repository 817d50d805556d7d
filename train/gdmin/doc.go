// Package gdmin is alternating minimisation, eq. (6) of ICML 2024: at every step the optimal decoder in closed form, then a
// gradient step of the encoder on the unit spheres of its rows. [Replicas] is the algorithm, on an exact population objective
// or on samples; [Trace] compares it with the spectral flow of Theorem 4.1.
//
// It runs no program and needs no executor. When rows are due, checkpoints and summaries are package train's.
package gdmin
