//go:build !unix

package terminal

// listen does nothing: the next frame has the terminal's new size.
func (s *Screen) listen() {}

// foreground is always true: there are no jobs.
func foreground(int) bool { return true }
