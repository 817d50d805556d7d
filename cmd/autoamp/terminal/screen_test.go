package terminal

import (
	"fmt"
	"strings"
	"testing"

	"github.com/charmbracelet/x/vt"
)

// display is a screen on an emulated terminal.
type display struct {
	*Screen
	emulator *vt.Emulator
}

func newDisplay(columns, rows int, s Style) *display {
	d := &display{emulator: vt.NewEmulator(columns, rows)}
	// A terminal of a shell writes a new line as carriage return and line feed.
	d.Screen = &Screen{
		w: cooked{d.emulator}, style: s, front: func() bool { return true },
		size: func() (int, int) { return d.emulator.Width(), d.emulator.Height() },
	}
	return d
}

type cooked struct{ *vt.Emulator }

func (c cooked) Write(p []byte) (int, error) {
	_, err := c.Emulator.Write([]byte(strings.ReplaceAll(strings.ReplaceAll(string(p), "\r\n", "\n"), "\n", "\r\n")))
	return len(p), err
}

// seen are the lines on the emulated terminal, without what is empty at the end.
func (d *display) seen() []string {
	lines := strings.Split(d.emulator.String(), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	for len(lines) > 0 && lines[len(lines)-1] == "" {
		lines = lines[:len(lines)-1]
	}
	return lines
}

func (d *display) want(t *testing.T, lines ...string) {
	t.Helper()
	if got, want := strings.Join(d.seen(), "\n"), strings.Join(lines, "\n"); got != want {
		t.Errorf("the terminal shows\n%s\nwant\n%s", got, want)
	}
}

var unicodeStyle = Style{Unicode: true, Colour: true}

// stepFrame is a frame like that of a training, with every sign that a terminal may show two columns wide.
func stepFrame(step int) Frame {
	curve := &Curve{Total: 1000}
	for s := 1; s <= step; s++ {
		curve.Add(s, 1/float64(s))
	}
	return Frame{
		Fields{fmt.Sprintf("step %d of 1000", step), "50\u00a0%", "1204 steps/s", "0:06 left"},
		Fields{"test 0.2312 ±\u00a00.0004", "theory 0.2298 (spiked, linear)", "gap +0.62\u00a0%"},
		curve,
	}
}

// TestFrameInPlace redraws a frame many times at every width, on a terminal that is filled: the text above stays, nothing is there
// twice, and every field can be read.
func TestFrameInPlace(t *testing.T) {
	t.Parallel()
	for columns := 20; columns <= 200; columns++ {
		d := newDisplay(columns, 12, unicodeStyle)
		for i := range 12 {
			fmt.Fprintf(d, "text %d\n", i)
		}
		for step := 520; step < 530; step++ {
			d.Show(stepFrame(step))
		}
		frame := stepFrame(529).lines(Style{Unicode: true}, columns-1, 12)
		var want []string
		for i := 12 - (12 - len(frame)); i < 12; i++ {
			want = append(want, fmt.Sprintf("text %d", i))
		}
		for _, line := range frame {
			want = append(want, strings.TrimRight(line, " "))
		}
		d.want(t, want...)
		all := strings.Join(strings.Fields(strings.Join(d.seen(), " ")), " ")
		for _, field := range []string{"step 529 of 1000", "50\u00a0%", "1204 steps/s", "0:06 left", "test 0.2312 ±\u00a00.0004", "theory 0.2298 (spiked, linear)", "gap +0.62\u00a0%"} {
			if strings.Count(strings.ReplaceAll(all, "\u00a0", " "), strings.ReplaceAll(field, "\u00a0", " ")) != 1 {
				t.Errorf("%d columns: %q is not there once:\n%s", columns, field, strings.Join(d.seen(), "\n"))
			}
		}
		d.Clear()
		d.want(t, want[:len(want)-len(frame)]...)
	}
}

// TestTextAbove checks that text of both files of a terminal appears above the frame, and that a line that is not ended is not
// drawn over.
func TestTextAbove(t *testing.T) {
	t.Parallel()
	d := newDisplay(40, 10, unicodeStyle)
	d.Show(Frame{Fields{"frame"}, Fields{"two"}})
	fmt.Fprintln(d, "warning: one")
	result := d.Above(cooked{d.emulator})
	fmt.Fprintln(result, "result")
	d.want(t, "warning: one", "result", "frame", "two")
	fmt.Fprint(result, "half a")
	d.want(t, "warning: one", "result", "half a")
	d.Show(Frame{Fields{"another"}})
	d.want(t, "warning: one", "result", "half a")
	fmt.Fprintln(result, " line")
	d.want(t, "warning: one", "result", "half a line", "another")
	d.Close()
	d.Show(Frame{Fields{"too late"}})
	fmt.Fprintln(d, "error")
	d.want(t, "warning: one", "result", "half a line", "error")
}

// TestResize makes a terminal narrower and wider, shorter and higher under a frame.
func TestResize(t *testing.T) {
	t.Parallel()
	d := newDisplay(80, 10, Style{})
	fmt.Fprintln(d, "text")
	frame := Frame{Fields{"aaaaaaaaaa", "bbbbbbbbbb", "cccccccccc"}}
	d.Show(frame)
	d.want(t, "text", "aaaaaaaaaa  bbbbbbbbbb  cccccccccc")
	for _, size := range []struct {
		columns, rows int
		want          []string
	}{
		{30, 10, []string{"text", "aaaaaaaaaa  bbbbbbbbbb", "cccccccccc"}},
		{20, 10, []string{"text", "aaaaaaaaaa", "bbbbbbbbbb", "cccccccccc"}},
		{5, 10, []string{"text", "aaa~", "bbb~", "ccc~"}},
		{80, 10, []string{"text", "aaaaaaaaaa  bbbbbbbbbb  cccccccccc"}},
		{20, 2, []string{"aaaaaaaaaa", "bbbbbbbbbb"}},
		{2, 1, []string{"~"}},
	} {
		d.emulator.Resize(size.columns, size.rows)
		d.redraw()
		d.want(t, size.want...)
	}
}

// TestReflow checks that a redraw needs no count of lines: on a terminal that breaks the lines of a frame when it is made narrower,
// the cursor stays with the frame's first letter.
func TestReflow(t *testing.T) {
	t.Parallel()
	d := newDisplay(40, 10, Style{})
	d.Show(Frame{Fields{strings.Repeat("x", 38)}, Fields{"second"}})
	if at := d.emulator.CursorPosition(); at.X != 0 || at.Y != 0 {
		t.Fatalf("the cursor is at %v", at)
	}
	// What such a terminal has after a change to 20 columns, with the cursor where it was.
	narrow := newDisplay(20, 10, Style{})
	fmt.Fprint(narrow.emulator, strings.Repeat("x", 20)+"\r\n"+strings.Repeat("x", 18)+"\r\nsecond\x1b[H")
	narrow.Screen.frame, narrow.drawn = d.Screen.frame, true
	narrow.redraw()
	narrow.want(t, strings.Repeat("x", 18)+"~", "second")
}

// TestBackground checks that a job in the background leaves the terminal to the shell, and that its text still appears.
func TestBackground(t *testing.T) {
	t.Parallel()
	d, front := newDisplay(40, 10, Style{}), true
	d.front = func() bool { return front }
	d.Show(Frame{Fields{"frame"}})
	front = false
	fmt.Fprint(d.emulator, "\r$ vi\x1b[K")
	d.Show(Frame{Fields{"another frame"}})
	d.Clear()
	d.want(t, "$ vi")
	fmt.Fprint(d.emulator, "\r\n")
	fmt.Fprintln(d, "warning: one")
	d.want(t, "$ vi", "warning: one")
	front = true
	d.Show(Frame{Fields{"frame"}})
	d.want(t, "$ vi", "warning: one", "frame")
}

// TestSuspend checks that a shell to which Ctrl-Z leads writes on free lines, and that the frame is below them afterwards.
func TestSuspend(t *testing.T) {
	t.Parallel()
	d := newDisplay(40, 10, Style{})
	fmt.Fprintln(d, "above")
	d.Show(Frame{Fields{"step 10 of 1000 and more"}, Fields{"test 0.2312 and more"}})
	fmt.Fprint(d.emulator, "^Z") // which the terminal echoes
	d.suspend(func() { fmt.Fprint(d.emulator, "\r\n[1]+  Stopped\r\n$ fg\r\nautoamp\r\n") })
	d.want(t, "above", "", "[1]+  Stopped", "$ fg", "autoamp", "step 10 of 1000 and more", "test 0.2312 and more")
}
