// Package report draws the results in a run directory: the loss, the weights, the trajectory of alternating minimisation, and
// the error against p. Package figure decides the look of a chart.
package report
