// Package demo trains three small models and draws their errors beside the theory, for autoamp demo.
//
//	runs, figure, err := demo.Run(ctx, demo.Settings{Executor: exec, Dir: "runs/demo"})
//
// A second call with the same directory continues an interrupted training and reads a finished one.
package demo
