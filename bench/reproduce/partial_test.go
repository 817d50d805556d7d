package reproduce

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"autoamp/train/sweep/cells"
)

// drawn is an experiment whose figures need a row and the matrix of its cell, and a number that is computed once.
func drawn(c *counting, computed *int) *Experiment {
	e := c.experiment()
	e.Figures = func(r *Results) ([]Figure, error) {
		m, err := r.Matrix("c")
		if err != nil {
			return nil, err
		}
		if c := Pick(r.Rows, "name", "c").Num("x"); c == 2 && m.IsEmpty() {
			return nil, errors.New("the matrix of a cell that is done is empty")
		}
		_, err = Once(r, "theory", func() (float64, error) { *computed++; return 1, nil })
		return []Figure{{Name: r.Rows[len(r.Rows)-1].Text("name")}}, err
	}
	return e
}

// TestDrawWhileCellsCome draws a suite that stopped in a cell, and again when it is finished: what depends on no row is computed once. A
// matrix may be missing while its cell is, and not later.
func TestDrawWhileCellsCome(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	c := &counting{runs: map[string]int{}, cancel: cancel, stopIn: "b"}
	if _, err := suite(t, ctx, c, Settings{Dir: dir}); !errors.Is(err, context.Canceled) {
		t.Fatalf("interrupted: %v", err)
	}
	computed := 0
	begun, err := ReadBegun(dir, func(string) (*Experiment, error) { return drawn(c, &computed), nil })
	if err != nil {
		t.Fatal(err)
	}
	figures := func() ([]Figure, error) {
		parts, err := begun.Parts()
		if err != nil {
			t.Fatal(err)
		}
		return parts[0].Draw()
	}
	if f, err := figures(); err != nil || len(f) != 1 || f[0].Name != "a" {
		t.Errorf("one cell: %+v, %v", f, err)
	}
	c.stopIn = ""
	if _, err := suite(t, t.Context(), c, Settings{Dir: dir}); err != nil {
		t.Fatal(err)
	}
	if f, err := figures(); err != nil || len(f) != 1 || f[0].Name != "c" || computed != 1 {
		t.Errorf("all cells: %+v, %v, computed %d times", f, err, computed)
	}
	if err := os.Remove(filepath.Join(dir, "counting", matricesFolder, "c.npz")); err != nil {
		t.Fatal(err)
	}
	var damage *cells.DamagedError
	if _, err := figures(); !errors.As(err, &damage) {
		t.Errorf("a matrix was removed: %v", err)
	}
	begun.crew.experiments[0].Figures = func(r *Results) ([]Figure, error) { return nil, errors.New(r.Rows[99].Text("x")) }
	if _, err := figures(); err == nil || !strings.Contains(err.Error(), "counting: figures: runtime error") {
		t.Errorf("a figure that panics: %v", err)
	}
}

// TestOnce keeps values by their arguments and types, and no errors.
func TestOnce(t *testing.T) {
	t.Parallel()
	type name string
	calls := 0
	number := func() (int, error) { calls++; return calls, nil }
	r := &Results{known: &known{}}
	for _, want := range []int{1, 1} {
		if v, err := Once(r, "a", number); v != want || err != nil {
			t.Errorf("%d, %v", v, err)
		}
	}
	if v, _ := Once(r, name("a"), number); v != 2 {
		t.Errorf("arguments of another type: %d", v)
	}
	if v, _ := Once(r, "a", func() (string, error) { return "text", nil }); v != "text" {
		t.Errorf("a value of another type: %s", v)
	}
	if _, err := Once(r, "b", func() (int, error) { return 0, errors.New("no") }); err == nil {
		t.Error("no error")
	}
	if v, err := Once(r, "b", number); v != 3 || err != nil {
		t.Errorf("after an error: %d, %v", v, err)
	}
	if v, _ := Once(&Results{}, "a", number); v != 4 {
		t.Errorf("nothing is kept: %d", v)
	}
}
