package terminal

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"golang.org/x/term"
)

// Screen is a terminal with a frame below the text.
//
// Between two redraws the cursor stands at the first column of the frame. So a redraw needs no count of the lines that are there,
// which a terminal that was made narrower may have broken in two. All methods may be called by several goroutines.
type Screen struct {
	mu      sync.Mutex
	w       io.Writer
	style   Style
	size    func() (columns, rows int)
	front   func() bool // Foreground
	frame   Frame
	drawn   bool // the frame is on the terminal
	partial bool // the text above ends within a line, where no frame can begin
	closed  bool
	next    time.Time // when a new frame is due
}

// Open returns the screen of a file, and false where it is no terminal that a frame can be drawn on.
func Open(f *os.File, env func(string) string) (*Screen, bool) {
	fd := int(f.Fd())
	if kind := env("TERM"); kind == "" || kind == "dumb" || !term.IsTerminal(fd) {
		return nil, false
	}
	s := &Screen{w: f, style: StyleOf(env), size: sizeOf(fd), front: func() bool { return foreground(fd) }}
	s.listen()
	return s, true
}

// sizeOf reads the size of a terminal.
func sizeOf(fd int) func() (columns, rows int) {
	return func() (columns, rows int) {
		columns, rows, err := term.GetSize(fd)
		if err != nil || columns < 1 || rows < 1 { // as of a serial line, which does not know
			return 80, 24
		}
		return columns, rows
	}
}

// often is the time between two frames.
const often = 100 * time.Millisecond

// Foreground reports whether the terminal is ours to draw on. A job in the background leaves it to the shell.
func (s *Screen) Foreground() bool { return s.front() }

// Due reports whether it is time for a new frame. It saves the making of frames that nobody would see.
func (s *Screen) Due() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return !s.closed && !time.Now().Before(s.next)
}

// Show replaces the frame. The caller does not change it afterwards.
func (s *Screen) Show(f Frame) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return
	}
	s.frame, s.next = f, time.Now().Add(often)
	s.draw()
}

// Clear removes the frame.
func (s *Screen) Clear() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.erase()
	s.frame, s.next = nil, time.Time{}
}

// Close removes the frame. What is shown afterwards is left out; text still appears.
func (s *Screen) Close() {
	s.Clear()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
}

// Write writes text above the frame.
func (s *Screen) Write(p []byte) (int, error) { return s.above(s.w, p) }

// Above returns a writer for another file of the same terminal, such as standard output: its text appears above the frame too.
func (s *Screen) Above(w io.Writer) io.Writer { return above{s, w} }

type above struct {
	screen *Screen
	w      io.Writer
}

// Write implements io.Writer.
func (a above) Write(p []byte) (int, error) { return a.screen.above(a.w, p) }

func (s *Screen) above(w io.Writer, p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.erase()
	n, err := w.Write(p)
	if n > 0 {
		s.partial = p[n-1] != '\n'
	}
	s.draw()
	return n, err
}

// redraw draws the frame again, after a change of the size.
func (s *Screen) redraw() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.draw()
}

// suspend takes the frame off the terminal while stop stops the process: the shell then writes on lines that are free.
func (s *Screen) suspend(stop func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.erase()
	stop()
	s.draw()
}

// draw draws the frame over the old one, in one write. A terminal that went away is no reason to stop.
func (s *Screen) draw() {
	if s.frame == nil || s.partial || !s.front() {
		s.drawn = s.drawn && s.front()
		return
	}
	columns, rows := s.size()
	// The last column stays free: what is written there leaves the cursor at a place on which terminals do not agree.
	lines := s.frame.lines(s.style, max(1, columns-1), rows)
	var out bytes.Buffer
	// The terminal may have become narrower a moment ago: it must not break lines now either.
	out.WriteString("\x1b[?7l\r")
	for i, line := range lines {
		if i > 0 {
			out.WriteString("\r\n")
		}
		out.WriteString(line + "\x1b[K") // erase to the end of the line
	}
	out.WriteString("\x1b[J\r") // and what is below
	if up := len(lines) - 1; up > 0 {
		fmt.Fprintf(&out, "\x1b[%dA", up)
	}
	out.WriteString("\x1b[?7h")
	_, _ = s.w.Write(out.Bytes())
	s.drawn = true
}

// erase takes the frame off the terminal.
func (s *Screen) erase() {
	if s.drawn && s.front() {
		_, _ = io.WriteString(s.w, "\r\x1b[J")
	}
	s.drawn = false
}
