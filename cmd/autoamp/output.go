package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"sync"
	"syscall"
	"unicode"
	"unicode/utf8"

	"golang.org/x/term"
)

// output is standard output. It keeps its first error, and the command fails with that error. So code that prints need not
// check for errors.
type output struct {
	w   io.Writer
	err error
}

// newOutput escapes control characters for a terminal only. Output to a file or a pipe stays as it is.
func newOutput(f *os.File) *output {
	if term.IsTerminal(int(f.Fd())) {
		return &output{w: &escaped{w: f}}
	}
	return &output{w: f}
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

// escaped writes text for a terminal. File names and values from the user may hold control characters, which would move the
// cursor or overwrite printed text. escaped writes them as in Go, \x1b.
type escaped struct {
	w    io.Writer
	mu   sync.Mutex
	rest []byte // the first bytes of a letter; its other bytes come with the next write
}

// Write implements io.Writer.
func (e *escaped) Write(p []byte) (int, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	text := append(e.rest, p...)
	out := make([]byte, 0, len(text))
	for len(text) > 0 && utf8.FullRune(text) {
		r, size := utf8.DecodeRune(text)
		out = appendEscaped(out, text[:size], r)
		text = text[size:]
	}
	e.rest = append([]byte(nil), text...)
	if _, err := e.w.Write(out); err != nil {
		return 0, err
	}
	return len(p), nil
}

// appendEscaped appends a letter of text, or its escape if it is hidden or no letter at all.
func appendEscaped(out, letter []byte, r rune) []byte {
	switch {
	case r == '\n', r == '\t':
	case r == utf8.RuneError && len(letter) == 1, hidden(r) && r < utf8.RuneSelf:
		return fmt.Appendf(out, `\x%02x`, letter[0])
	case hidden(r):
		return fmt.Appendf(out, `\u%04x`, r)
	}
	return append(out, letter...)
}

// hidden reports whether a letter acts on a terminal instead of being seen: controls, marks of direction, separators of lines.
func hidden(r rune) bool {
	return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == '\u2028' || r == '\u2029'
}

// terminal returns the file behind a writer, and whether it is a terminal.
func terminal(w io.Writer) (*os.File, bool) {
	if o, ok := w.(*output); ok {
		w = o.w
	}
	if e, ok := w.(*escaped); ok {
		w = e.w
	}
	f, ok := w.(*os.File)
	return f, ok && term.IsTerminal(int(f.Fd()))
}
