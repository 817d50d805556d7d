package terminal

import (
	"io"
	"log/slog"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

// TestCurve checks columns and heights: the logarithm of the error is the height, the newest step is the end of the
// line, and what has no error of its own has that of the column before it.
func TestCurve(t *testing.T) {
	t.Parallel()
	c := &Curve{Total: 800}
	if lines := c.lines(Style{Unicode: true}, 8); lines != nil {
		t.Errorf("without an error: %q", lines)
	}
	c.Add(0, 1)
	c.Add(1, math.NaN())
	c.Add(2, math.Inf(1))
	c.Add(3, 0)
	c.Add(150, 1e-3)
	c.Add(350, 1e-5)
	c.Add(450, 1e-7)
	c.Reach(650)
	for style, want := range map[Style]string{
		{Unicode: true}:                 "█▅▅▃▁▁▁",
		{Unicode: true, Colour: true}:   "\x1b[36m█▅▅▃▁▁▁\x1b[m",
		{Unicode: false, Colour: false}: "#==-___",
	} {
		if lines := c.lines(style, 8); len(lines) != 1 || lines[0] != want {
			t.Errorf("%v: %q, want %q", style, lines, want)
		}
	}
	c.Floor = 1e-21
	if got := c.lines(Style{Unicode: true}, 8)[0]; got != "█▇▇▆▆▆▆" {
		t.Errorf("above a floor: %s", got)
	}
	for columns := 1; columns < 3*buckets; columns += 13 {
		if got := c.columns(columns); len(got) > columns || len(got) < columns*650/800 {
			t.Errorf("%d columns: %d", columns, len(got))
		}
	}
}

// TestCurveOfOne checks a curve that is flat, and steps outside of it.
func TestCurveOfOne(t *testing.T) {
	t.Parallel()
	c := &Curve{Total: 10}
	c.Add(10, 0.5)
	c.Add(11, 0.5)
	c.Add(-1, 0.5)
	if got := c.lines(Style{}, 4); got[0] != "____" {
		t.Errorf("%q", got)
	}
	none := &Curve{}
	none.Add(1, 1)
	none.Reach(1)
	if got := none.lines(Style{}, 4); got != nil {
		t.Errorf("of no steps: %q", got)
	}
}

// TestCurveOfAnything draws curves of random numbers, among them those of trainings that diverge.
func TestCurveOfAnything(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		c := &Curve{Total: 1 + random.IntN(1<<random.IntN(40)), Floor: max(0, random.NormFloat64())}
		for range random.IntN(40) {
			c.Add(random.IntN(c.Total+1), math.Exp(700*random.NormFloat64()))
		}
		c.Reach(random.IntN(c.Total + 1))
		columns := 1 + random.IntN(300)
		for _, line := range c.lines(Style{}, columns) {
			if len(line) > columns {
				t.Fatalf("%d columns of %d: %q", len(line), columns, line)
			}
		}
	}
	rising := &Curve{Total: 100}
	for s := range 100 {
		rising.Add(s, 0.1+float64(s))
	}
	if got := rising.lines(Style{}, 20)[0]; got != "__.-~===+++*****####" {
		t.Errorf("of errors that rise: %s", got)
	}
}

func TestBar(t *testing.T) {
	t.Parallel()
	for want, bar := range map[string]Bar{"##--": {1, 2}, "----": {-1, 2}, "####": {3, 2}} {
		if got := bar.lines(Style{}, 4); len(got) != 1 || got[0] != want {
			t.Errorf("%v: %q, want %q", bar, got, want)
		}
	}
	for _, bar := range []Bar{{1, 0}, {1, math.NaN()}} {
		if got := bar.lines(Style{}, 4); got != nil {
			t.Errorf("%v: %q", bar, got)
		}
	}
	if got := (&Bar{1, 2}).lines(Style{Unicode: true, Colour: true}, 4); got[0] != "\x1b[36m██\x1b[m░░" {
		t.Errorf("%q", got)
	}
}

// TestFields checks names with control characters and with letters that are two columns wide, and the letters of a terminal that is
// not UTF-8.
func TestFields(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		style   Style
		columns int
		fields  Fields
		want    string
	}{
		{Style{Unicode: true}, 10, Fields{"a", "", "b"}, "a  b"},
		{Style{Unicode: true}, 30, Fields{"a\x1b[2Jb\nc"}, `a\x1b[2Jb\x0ac`},
		{Style{Unicode: true}, 7, Fields{"日本語日本語"}, "日本語…"},
		{Style{Unicode: true}, 13, Fields{"日本語", "日本語"}, "日本語\n日本語"},
		{Style{Unicode: true}, 14, Fields{"日本語", "日本語"}, "日本語  日本語"},
		{Style{}, 40, Fields{"0.1 ±\u00a00.2", "–", "日本"}, "0.1 +- 0.2  -  ??"},
		{Style{}, 6, Fields{"one two three"}, "one\ntwo\nthree"},
		{Style{Unicode: true}, 9, Fields{"test 0.1 ±\u00a00.2"}, "test 0.1\n± 0.2"},
	} {
		if got := strings.Join(c.fields.lines(c.style, c.columns), "\n"); got != c.want {
			t.Errorf("%q in %d columns:\n%s\nwant\n%s", c.fields, c.columns, got, c.want)
		}
	}
}

func TestStyle(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		env  map[string]string
		want Style
	}{
		{map[string]string{}, Style{Colour: true}},
		{map[string]string{"LANG": "C"}, Style{Colour: true}},
		{map[string]string{"LANG": "de_DE.UTF-8"}, Style{Unicode: true, Colour: true}},
		{map[string]string{"LANG": "C.utf8", "NO_COLOR": "1"}, Style{Unicode: true}},
		{map[string]string{"LANG": "C.UTF-8", "LC_ALL": "C"}, Style{Colour: true}},
		{map[string]string{"LANG": "C", "LC_CTYPE": "C.UTF-8"}, Style{Unicode: true, Colour: true}},
	} {
		if got := StyleOf(func(name string) string { return c.env[name] }); got != c.want {
			t.Errorf("%v: %v, want %v", c.env, got, c.want)
		}
	}
}

// TestPace checks rates and times left against counts that grow evenly and in jumps.
func TestPace(t *testing.T) {
	t.Parallel()
	p := Pace{Window: 10 * time.Second}
	if p.Rate("steps") != "" || p.Left(1) != "" {
		t.Errorf("before the first reading: %q, %q", p.Rate("steps"), p.Left(1))
	}
	for i := range 1001 { // 100 s at 7 in a second, then 100 s at 250
		p.Add(time.Duration(i)*100*time.Millisecond, 0.7*float64(i))
	}
	if rate, left := p.Rate("steps"), p.Left(700); rate != "7.0 steps/s" || left != "1:40 left" {
		t.Errorf("%q, %q", rate, left)
	}
	for i := range 1001 {
		p.Add(100*time.Second+time.Duration(i)*100*time.Millisecond, 700+25*float64(i))
	}
	if rate, left := p.Rate("steps"), p.Left(250*3600*2); rate != "250 steps/s" || left != "2:00:00 left" {
		t.Errorf("%q, %q", rate, left)
	}
	if len(p.seen) > 2*apart {
		t.Errorf("%d readings are kept", len(p.seen))
	}
	slow := Pace{}
	for i := range 100 {
		slow.Add(time.Duration(i)*time.Hour, float64(i))
	}
	if rate, left := slow.Rate("cells"), slow.Left(50); rate != "0.00028 cells/s" || left != "2 d 2 h left" || len(slow.seen) != 2 {
		t.Errorf("%q, %q, %d readings", rate, left, len(slow.seen))
	}
	if left := slow.Left(1e300); left != "over 1000 days left" {
		t.Error(left)
	}
}

func TestHandler(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	log := slog.New(NewHandler(&out))
	log.Debug("not this")
	log.Info("measured", "dim", 100, "ms", 0.25)
	log.With("device", "cpu").WithGroup("disk").Warn("figures", "error", io.ErrShortWrite, slog.Group("of", "run", "runs/a b"), "empty", "")
	log.Error("failed")
	want := "measured: dim 100, ms 0.25\nwarning: figures: device cpu, disk.error short write, disk.of.run runs/a b\nerror: failed\n"
	if out.String() != want {
		t.Errorf("%s\nwant\n%s", out.String(), want)
	}
}
