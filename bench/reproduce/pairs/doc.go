// Package pairs shows an encoder that is far better than the Haar encoder for sparse data and a linear decoder: two rows t·e_i ± Δ_i for
// half of the coordinates, whose bits serve the others (amp.BestServingPairs, amp/THEORY.md §6.2). It compares the formula with
// simulations of such rows beside Haar rows, and shows that training keeps such rows with small steps and loses them with large ones.
package pairs
