package train_test

import (
	"encoding/csv"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"autoamp/amp"
	"autoamp/train"
	"autoamp/train/matrix"
)

func measure(t *testing.T, b, a mat.Matrix) train.Structure {
	t.Helper()
	s, err := train.MeasureStructure(b, a)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// A signed sub-sampled permutation, its rows scaled, is at distance 0, tied to its transpose.
func TestStructureOfPermutation(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(5, 6))
	for _, shape := range [][2]int{{7, 7}, {4, 9}, {9, 4}} {
		n, d := shape[0], shape[1]
		b := mat.NewDense(n, d, nil)
		order := r.Perm(max(n, d))
		for i := range n {
			if n <= d {
				b.Set(i, order[i], 2.5*float64(1-2*(i%2)))
			} else {
				b.Set(i, order[i]%d, -3)
			}
		}
		s := measure(t, b, mat.DenseCopyOf(b.T()))
		if s.Permutation > 1e-7 || *s.Tied > 1e-7 && n <= d {
			t.Errorf("%d×%d: %+v, tied %g", n, d, s, *s.Tied)
		}
		if n <= d && (s.GramRMS != 0 || s.GramMax != 0) {
			t.Errorf("%d×%d: off-diagonal %g, %g, want 0", n, d, s.GramRMS, s.GramMax)
		}
	}
}

// A Haar encoder has zeros off the diagonal and is far from any permutation. Its transpose is tied, and a random decoder is
// not.
func TestStructureOfHaar(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(7, 8))
	for _, shape := range [][2]int{{60, 60}, {30, 60}, {90, 60}} {
		b, err := amp.Haar(shape[0], shape[1], r)
		if err != nil {
			t.Fatal(err)
		}
		a := mat.DenseCopyOf(b.T())
		a.Scale(-0.7, a)
		s := measure(t, b, a)
		if shape[0] <= shape[1] && (s.GramMax > 1e-12 || *s.Tied > 1e-12) {
			t.Errorf("%v: %+v, tied %g", shape, s, *s.Tied)
		}
		if s.EmptyColumns != 0 {
			t.Errorf("%v: a share of %g of the columns is empty, want none", shape, s.EmptyColumns)
		}
		if s.PermutationRows != 0 {
			t.Errorf("%v: a share of %g of the rows is like a permutation's, want none", shape, s.PermutationRows)
		}
		if s.Permutation < 1.1 || s.Permutation > math.Sqrt2 {
			t.Errorf("%v: permutation distance %g", shape, s.Permutation)
		}
		random := mat.NewDense(shape[1], shape[0], nil)
		random.Apply(func(_, _ int, _ float64) float64 { return r.NormFloat64() }, random)
		if s := measure(t, b, random); *s.Tied < 0.8 {
			t.Errorf("%v: random decoder has tied distance %g", shape, *s.Tied)
		}
	}
	if s := measure(t, mat.NewDense(1, 1, []float64{-2}), nil); s.Tied != nil || s.Permutation != 0 || s.GramMax != 0 {
		t.Errorf("1×1: %+v", s)
	}
}

// Of five columns of unit rows, the third has an energy just below 0.02, the fourth none, and the fifth one just above. The
// scale of a row does not matter.
func TestEmptyColumns(t *testing.T) {
	t.Parallel()
	b := mat.NewDense(2, 5, []float64{
		10 * math.Sqrt(0.5), 10 * math.Sqrt(0.48), 10 * math.Sqrt(0.0199), 0, 10 * math.Sqrt(0.0001),
		0, math.Sqrt(0.979), 0, 0, math.Sqrt(0.021),
	})
	if s := measure(t, b, nil); s.EmptyColumns != 0.4 {
		t.Errorf("share of empty columns %g, want 0.4: the third and the fourth", s.EmptyColumns)
	}
}

// Of four rows the first has just more than half of its energy in one entry, the second just less, the third in two entries
// one half each, and the last is a row of a signed permutation. The scale of a row does not matter.
func TestPermutationRows(t *testing.T) {
	t.Parallel()
	b := mat.NewDense(4, 3, []float64{
		-math.Sqrt(0.51), math.Sqrt(0.49), 0,
		5 * math.Sqrt(0.49), 5 * math.Sqrt(0.25), 5 * math.Sqrt(0.26),
		1, 1, 0.1,
		0, 0, -3,
	})
	if s := measure(t, b, nil); s.PermutationRows != 0.5 {
		t.Errorf("share of rows like a permutation's %g, want 0.5: the first and the last", s.PermutationRows)
	}
}

func TestStructureBadInput(t *testing.T) {
	t.Parallel()
	b := mat.NewDense(2, 3, []float64{1, 0, 0, 0, 1, math.NaN()})
	if _, err := train.MeasureStructure(b, nil); err == nil || !strings.Contains(err.Error(), "not finite") {
		t.Error(err)
	}
	b.Set(1, 2, 0)
	if _, err := train.MeasureStructure(b, mat.NewDense(2, 3, nil)); err == nil || !strings.Contains(err.Error(), "want 3×2") {
		t.Error(err)
	}
}

// structure.csv has rows at some checkpoints and at the end; the last rows equal the rows of the summary and of sweep.csv.
func TestStructureFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	c := fewSteps()
	c.Steps, c.Checkpoint.Every = 4000, 1000
	s := mustRun(t, dir, c, false)
	rows := readCSV(t, filepath.Join(dir, "structure.csv"))
	if got := strings.Join(rows[0], ","); got != "step,replica,seed,p,gram_rms,gram_max,tied,permutation,empty_columns,permutation_rows" {
		t.Errorf("header %s", got)
	}
	if len(rows) != 1+4*4 || rows[1][0] != "1000" || rows[16][0] != "4000" {
		t.Errorf("%d rows: %v", len(rows), rows)
	}
	for _, run := range s.Runs {
		if run.Structure.Permutation <= 0 || run.Structure.Tied == nil {
			t.Errorf("replica %d: %+v", run.Replica, run.Structure)
		}
	}
	sweep := readCSV(t, filepath.Join(dir, "sweep.csv"))
	if len(sweep) != 3 || len(sweep[0]) != 8 || sweep[1][0] != "0.4" || sweep[2][0] != "0.8" || sweep[2][7] != s.Points[1].Candidate {
		t.Errorf("sweep.csv: %v", sweep)
	}
}

func readCSV(t *testing.T, path string) [][]string {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// BenchmarkStructure is the cost behind structureEvery.
func BenchmarkStructure(b *testing.B) {
	for _, d := range []int{100, 400} {
		b.Run(map[int]string{100: "100", 400: "400"}[d], func(b *testing.B) {
			m, err := amp.Haar(d, d, rand.New(rand.NewPCG(1, 1)))
			if err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				if _, err := train.MeasureStructure(m, m); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// The measurement is in strips of rows; whole matrices give the same numbers.
func TestStructureOfWholeMatrices(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(9, 10))
	for _, shape := range [][2]int{{130, 150}, {300, 140}, {128, 128}} {
		n, d := shape[0], shape[1]
		w, a := mat.NewDense(n, d, nil), mat.NewDense(d, n, nil)
		for _, m := range []*mat.Dense{w, a} {
			m.Apply(func(_, _ int, _ float64) float64 { return r.NormFloat64() }, m)
		}
		b := matrix.UnitRows(w)
		a.Scale(1e-9, a)
		a.Add(a, b.T()) // nearly tied
		s := measure(t, w, a)
		var gram, coded, tied mat.Dense
		if gram.Mul(b, b.T()); n > d {
			gram.Reset()
			gram.Mul(b.T(), b)
			gram.Scale(float64(d)/float64(n), &gram)
		}
		size, sum, most := min(n, d), 0.0, 0.0
		for i := range size {
			gram.Set(i, i, 0)
		}
		sum, most = mat.Norm(&gram, 2), math.Max(mat.Max(&gram), -mat.Min(&gram))
		if rms := sum / math.Sqrt(float64(size*(size-1))); math.Abs(s.GramRMS-rms) > 1e-13 || math.Abs(s.GramMax-most) > 1e-13 {
			t.Errorf("%v: off the diagonal %g and %g, want %g and %g", shape, s.GramRMS, s.GramMax, rms, most)
		}
		coded.Mul(a, b)
		tied.Mul(b.T(), b)
		x, y := coded.RawMatrix().Data, tied.RawMatrix().Data
		norm := floats.Norm(x, 2)
		floats.AddScaled(x, -floats.Dot(x, y)/floats.Dot(y, y), y)
		if want := floats.Norm(x, 2) / norm; math.Abs(*s.Tied-want) > 1e-6*want {
			t.Errorf("%v: tied distance %g, want %g", shape, *s.Tied, want)
		}
	}
}

// A measurement of float32 weights does not copy them as a whole. The test is not parallel: it counts what the process allocates.
func TestStructureMemory(t *testing.T) {
	const d = 768
	r := rand.New(rand.NewPCG(11, 12))
	values := make([]float32, d*d)
	for i := range values {
		values[i] = float32(r.NormFloat64())
	}
	m := matrix.Narrow(matrix.New(d, d, values))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	measure(t, m, m)
	runtime.ReadMemStats(&after)
	const whole = 8 * d * d
	if got := after.TotalAlloc - before.TotalAlloc; got > 2*whole {
		t.Errorf("%d bytes allocated, want at most %d, two matrices of float64", got, 2*whole)
	}
}
