// Package nguyen repeats Nguyen, Wong, Hegde, On the Dynamics of Gradient Descent for Autoencoders (AISTATS 2019).
//
//	e := nguyen.Experiments()[0] // Figure 2
//
// The measurement and the verdict of an experiment are in this package together:
//
//	descent.go, descents.go, fig2.go, fig3.go       loss and distance from the dictionary, Figures 2 and 3
//	consistency.go, theorem3.go                     how often the code has the true signs, Theorem 3
//	guarantee.go, chance.go                         its lower bound by the theorem's condition, and its mean over dictionaries
//	convergence.go, theorem4.go                     the rate of convergence near the dictionary, Theorem 4
//	floor.go, floors.go                             where that descent ends
//	population.go, cluster.go                       the expected descent: of sparse codes, and of the mixture
//	dictionaries.go                                 dictionaries from orthogonal to alike
package nguyen
