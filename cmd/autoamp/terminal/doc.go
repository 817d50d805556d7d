// Package terminal shows the progress of a command on a terminal: a frame of a few lines, which is redrawn in place below the text
// that the command prints.
//
//	screen, ok := terminal.Open(os.Stderr, os.Getenv)
//	if ok {
//		defer screen.Close()
//		screen.Show(terminal.Frame{terminal.Fields{"step 10 of 20", "3 steps/s"}, &terminal.Bar{Done: 10, Total: 20}})
//	}
//
// A frame wraps at no width: what has no room beside its neighbour goes to the next line, and what is wider than the terminal is
// cut. The frame follows a change of the terminal's size. Log lines and other text appear above it, without control characters.
package terminal
