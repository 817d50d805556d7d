// Package special holds the special functions of amp/THEORY.md §12 that neither math nor gonum has: erfcx, ln Φ, the
// inverse Mills ratio, Owen's T and Kummer's ₁F₁.
package special
