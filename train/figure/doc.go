// Package figure is the house style of autoamp's figures, in one place: colours, dashes, axes, direct labels, heat maps,
// and the formats they are written in.
//
//	chart := figure.Chart{Title: "Sparse Gaussian data", X: "rate r = n/d", Y: "MSE per coordinate"}
//	chart.Add(figure.Curve{Label: "theory", Points: xys, Pen: figure.Solid(figure.Blue)})
//	chart.Mark(figure.Marks{Label: "trained, mean of 3 seeds ± s.e.", Points: xys, Errors: stderrs, Colour: figure.Vermilion})
//	svg, err := figure.Render(figure.SVG, 8*vg.Inch, 4.6*vg.Inch, chart.Paint)
//
// Measured values are points with error bars, computed values are lines, and a line has its label beside its end. The
// colours can be told apart with any colour vision and in print, and the dashes can be told apart without colour.
//
// The package opens no file, and it does not know the meaning of the numbers.
package figure
