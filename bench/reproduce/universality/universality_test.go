package universality

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/recorder"

	"autoamp/amp"
	"autoamp/bench/reproduce"
	"autoamp/kernels"
	"autoamp/train/codec/law"
)

// Structured rows have the law that their decoders are told: the share of non-zeros, and the mean square.
func TestStructuredRowsHaveTheirLaw(t *testing.T) {
	t.Parallel()
	const d, count = 64, 200
	for _, k := range structured() {
		want := k.law.P
		if k.name == "one number" {
			want = 1. / d
		}
		x := k.sample(count, d, 1)
		for i := range count {
			row, nonzero := x[i*d:][:d], 0
			for _, v := range row {
				if v != 0 {
					nonzero++
				}
			}
			if e := kernels.Dot(row, row) / d; nonzero != int(want*d) || math.Abs(e-1) > 1e-6 {
				t.Fatalf("%s: %d of %d numbers are not 0, mean square %g", k.name, nonzero, d, e)
			}
		}
	}
}

// A sum of two Walsh functions has a transform of two numbers.
func TestWalshRows(t *testing.T) {
	t.Parallel()
	row := make([]float32, 64)
	walsh(row, rand.New(rand.NewPCG(1, 1)))
	kernels.Hadamard(row)
	nonzero := 0
	for _, v := range row {
		if v != 0 {
			nonzero++
		}
	}
	if nonzero != 2 {
		t.Errorf("%d numbers of the transform are not 0, want 2", nonzero)
	}
}

// Noise confined to all coordinates is not confined.
func TestConfinedErrorOnAllCoordinates(t *testing.T) {
	t.Parallel()
	for _, l := range []law.Law{{Name: "sparse-rademacher", P: 1}, {Name: "sparse-gaussian", P: 1}} {
		got, want := kind{law: l}.confinedError(), amp.DenoiserMSE(l.Prior(), 1)
		if math.Abs(got-want) > 1e-6 {
			t.Errorf("%s: %.9f, want %.9f", l.Name, got, want)
		}
	}
}

// Every figure can be drawn from any part of the table: a run in progress, or an interrupted one.
func TestFiguresOfPartialTables(t *testing.T) {
	t.Parallel()
	rows := []reproduce.Row{}
	for _, seed := range []uint64{1, 2} {
		for _, count := range []int{0, rounds} {
			b, err := encoder(32, 1, count, seed)
			if err != nil {
				t.Fatal(err)
			}
			some, err := independent()[1].decoded(t.Context(), b, count, 3)
			if err != nil {
				t.Fatal(err)
			}
			rows = append(rows, some...)
		}
	}
	for count := range len(rows) + 1 {
		drawn, err := figures(&reproduce.Results{Params: reproduce.Params{Scale: reproduce.Quick, Seed: 1}, Rows: rows[:count]})
		if err != nil {
			t.Fatalf("%d rows: %v", count, err)
		}
		for _, f := range drawn {
			f.Paint(draw.NewCanvas(new(recorder.Canvas), 400, 300))
		}
	}
}

// All encoders of a seed have the same rows: errors are paired.
func TestRowsArePaired(t *testing.T) {
	t.Parallel()
	k := independent()[1]
	var mse []string
	for range 2 {
		b, err := encoder(64, 1, rounds, 3)
		if err != nil {
			t.Fatal(err)
		}
		rows, err := k.decoded(t.Context(), b, rounds, 4)
		if err != nil {
			t.Fatal(err)
		}
		mse = append(mse, fmt.Sprint(rows))
	}
	if a, b := k.sample(4, 64, 3), k.sample(4, 64, 3); fmt.Sprint(a) != fmt.Sprint(b) || mse[0] != mse[1] {
		t.Error("the rows of a seed differ between two draws")
	}
}
