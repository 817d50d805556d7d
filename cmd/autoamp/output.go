package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"syscall"

	"golang.org/x/term"

	"autoamp/cmd/autoamp/terminal"
)

// output is standard output. It keeps its first error, and the command fails with that error. So code that prints need not
// check for errors.
type output struct {
	w    io.Writer
	file *os.File // if it is a terminal
	err  error
}

// newOutput escapes control characters for a terminal only. Output to a file or a pipe stays as it is. The screen may be nil.
func newOutput(f *os.File, screen *terminal.Screen) *output {
	switch {
	case !term.IsTerminal(int(f.Fd())):
		return &output{w: f}
	case screen != nil:
		return &output{w: &terminal.Escaped{W: screen.Above(f)}, file: f}
	}
	return &output{w: &terminal.Escaped{W: f}, file: f}
}

// Write implements io.Writer.
func (o *output) Write(p []byte) (int, error) {
	if o.err != nil {
		return 0, o.err
	}
	n, err := o.w.Write(p)
	if err != nil {
		o.err = &outputError{err}
	}
	return n, o.err
}

// outputError reports that a write to standard output failed.
type outputError struct{ err error }

func (e *outputError) Error() string {
	reason := e.err
	if path := (*fs.PathError)(nil); errors.As(reason, &path) {
		reason = path.Err
	}
	return fmt.Sprintf("standard output cannot be written: %v", reason)
}

func (e *outputError) Unwrap() error { return e.err }

// readerLeft reports whether an error says that standard output is a pipe from which nobody reads, as after | head.
func readerLeft(err error) bool {
	var output *outputError
	return errors.As(err, &output) && errors.Is(err, syscall.EPIPE)
}
