// Package kogler repeats Kögler, Shevchenko, Hassani, Mondelli, Compression of Structured Data with Autoencoders (ICML 2024).
//
//	for _, e := range kogler.Experiments() {
//		fmt.Println(e.Name, e.Claim)
//	}
//
// There is one file for each figure. Figures that differ in a few settings share a file: transition.go is the error against
// p at r = 1 (Figures 1, 5, 9, 15), staircase.go the error against the step (2, 8, 10, 16), and images.go the error against
// the rate on whitened images (3, 6, 11). A recipe holds the settings of a figure's training at each scale.
package kogler
