// Package report draws what a run directory holds: the loss, the weights, the trajectory of alternating minimisation, and the
// error against p. How a chart looks is package figure's.
package report
