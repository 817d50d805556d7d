package kogler

import (
	"math"
	"math/rand/v2"
	"testing"

	"autoamp/amp"
	"autoamp/bench/reproduce"
	"autoamp/datasets"
	"autoamp/kernels/cpu"
	"autoamp/train"
)

// spreadRows are rows s·z of independent coordinates z with s² = 1/5 or 9/5, so that κ = (E s)².
func spreadRows(rows, dim int, seed uint64, coordinate func(*rand.Rand) float64) *datasets.Table {
	r := rand.New(rand.NewPCG(seed, 0))
	t := &datasets.Table{Cols: dim}
	for range rows {
		s := math.Sqrt(0.2 + 1.6*float64(r.IntN(2)))
		for range dim {
			t.Data = append(t.Data, float32(s*coordinate(r)))
		}
	}
	return t
}

// TestNormsAreTheSpread trains the linear decoder behind a Haar encoder on Gaussian rows with spread norms: without norms the error
// is that of κ, with norms in 8 bits it is R_Gauss, on rows that were trained on and on others. Relative to their energy, 4096 rows of
// 64 numbers have errors with a standard error below 0.002.
func TestNormsAreTheSpread(t *testing.T) {
	t.Parallel()
	const dim = 64
	normal := func(r *rand.Rand) float64 { return r.NormFloat64() }
	images := newImageRows(spreadRows(8192, dim, 1, normal), spreadRows(4096, dim, 2, normal), 0)
	law, err := images.law(0.8)
	if err != nil {
		t.Fatal(err)
	}
	exec, err := cpu.New(cpu.Settings{Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	kappa := math.Pow((math.Sqrt(0.2)+math.Sqrt(1.8))/2, 2)
	for norms, want := range map[bool]float64{false: linearOnImages(0.5, 0, kappa), true: amp.RGauss(0.5)} {
		cell := imageTraining{
			Model: train.ModelConfig{Name: "shallow", Encoder: "haar", Tied: true, Rate: 0.5}, P: 0.8, Steps: 200, Batch: 64, LearningRate: 0.01,
		}
		row, err := cell.one(t.Context(), exec, images, law, norms, 1)
		if err != nil {
			t.Fatal(err)
		}
		for _, column := range []string{"train_mse", "held_mse"} {
			if found := row.Num(column); math.Abs(found-want) > 0.008 {
				t.Errorf("norms known %v: %s %.4f, want %.4f", norms, column, found, want)
			}
		}
		// The rows' own norms spread by (3/p − 1)/d in their squares. κ of 4096 rows has a standard error of 0.0025.
		if found, want := row.Num("norm_factor"), kappa*(1-(3/0.8-1)/(4*dim)); math.Abs(found-want) > 0.01 {
			t.Errorf("κ %.4f, want %.4f", found, want)
		}
	}
}

// TestDenoiserWithNorms compares the theory for rows s·z, z i.i.d. Laplace, of which the decoder knows s√d, with the theory for
// Laplace data. At d = 500 the norms of the z themselves, which the decoder learns too, move it by about 1 %.
func TestDenoiserWithNorms(t *testing.T) {
	t.Parallel()
	laplace := func(r *rand.Rand) float64 {
		return math.Copysign(r.ExpFloat64()/math.Sqrt2, r.Float64()-0.5)
	}
	images := newImageRows(spreadRows(4096, 500, 1, laplace), &datasets.Table{Cols: 500}, 0)
	law, err := images.law(0.5)
	if err != nil {
		t.Fatal(err)
	}
	theory, err := predict(laplaceData, []float64{0.5}, []float64{1})
	if err != nil {
		t.Fatal(err)
	}
	if found, want := law.denoiser(1, true), theory[0].Denoiser; math.Abs(found/want-1) > 0.02 {
		t.Errorf("norms known: %.4f, want %.4f", found, want)
	}
	if known, unknown := law.denoiser(1, true), law.denoiser(1, false); unknown < known+0.1 {
		t.Errorf("norms unknown: %.4f, want well above %.4f", unknown, known)
	}
}

// TestNormCode: a norm is rounded by at most half a step, and norms that the code does not reach become its ends.
func TestNormCode(t *testing.T) {
	t.Parallel()
	c := newNormCode([]float64{0.5, 0, 1.2, 2})
	for norm := 0.25; norm <= 4; norm *= 1.003 {
		if off := math.Abs(math.Log(c.round(norm) / norm)); off > c.step/2*(1+1e-9) {
			t.Fatalf("norm %v is rounded by a factor %v, step %v", norm, math.Exp(off), c.step)
		}
	}
	for norm, want := range map[float64]float64{0: 0.25, 0.1: 0.25, 50: 4} {
		if got := c.round(norm); math.Abs(got-want) > 1e-12 {
			t.Errorf("norm %v becomes %v, want %v", norm, got, want)
		}
	}
	seen := map[float64]bool{}
	for norm := 0.2; norm < 5; norm *= 1.0005 {
		seen[c.round(norm)] = true
	}
	if len(seen) != normLevels {
		t.Errorf("%d norms, want %d", len(seen), normLevels)
	}
}

// TestMasks: rows have the norm √d where they are scaled, the norms are those before, and the mean square is that of the table.
func TestMasks(t *testing.T) {
	t.Parallel()
	const dim, batch = 400, 500
	table := spreadRows(batch, dim, 3, func(r *rand.Rand) float64 { return r.NormFloat64() })
	for _, unit := range []bool{false, true} {
		m := newMasks(0.5, unit, batch, dim, 1, 0)
		if err := m.draw(table, evenly(table, batch)); err != nil {
			t.Fatal(err)
		}
		zeros, square := 0.0, 0.0
		for i, norm := range m.norms {
			row := m.rows[i*dim:][:dim]
			for _, v := range row {
				if v == 0 {
					zeros++
				}
			}
			want := norm * norm * dim
			if unit {
				want = dim
			}
			if e := energy(row); math.Abs(e/want-1) > 1e-5 {
				t.Errorf("scaled %v: ‖x‖² is %v, want %v", unit, e, want)
			}
			square += norm * norm / batch
		}
		if share := zeros / (dim * batch); math.Abs(share-0.5) > 0.006 { // 5 standard errors
			t.Errorf("share of zeros %v", share)
		}
		if math.Abs(square/table.SecondMoment()-1) > 0.02 { // 4 standard errors of E x⁴·(1/p − 1)
			t.Errorf("mean square %v, of the table %v", square, table.SecondMoment())
		}
	}
}

// TestInProportion: rows are drawn in proportion to their energy. Of rows with 1/5 and 9/5 a share 1/10 is of the first kind.
func TestInProportion(t *testing.T) {
	t.Parallel()
	table := spreadRows(1000, 50, 4, func(r *rand.Rand) float64 { return math.Copysign(1, r.Float64()-0.5) })
	images := newImageRows(table, table, 0)
	random, small, want := rand.New(rand.NewPCG(1, 1)), 0.0, 0.0
	light := func(i int) bool { return energy(table.Data[i*50:][:50]) < 50 }
	for i := range table.Len() {
		if light(i) {
			want += 10 / images.energies[1000]
		}
	}
	const draws = 20000
	for range draws {
		if light(images.inProportion(random)) {
			small++
		}
	}
	if share := small / draws; math.Abs(share-want) > 5*math.Sqrt(want/draws) {
		t.Errorf("share of rows with little energy %v, want %v", share, want)
	}
}

// TestImagePoints: rows come back by class, p, rate, encoder and norms.
func TestImagePoints(t *testing.T) {
	t.Parallel()
	var rows []reproduce.Row
	for _, rate := range []float64{0.5, 1} {
		for _, encoder := range []string{"trained", "haar"} {
			for _, norms := range []string{normsUnknown, normsKnown} {
				for seed := range 3 {
					rows = append(rows, reproduce.Row{"class": "3", "p": 0.8, "rate": rate, "encoder": encoder, "norms": norms, "seed": seed})
				}
			}
		}
	}
	points := imagePoints(rows)
	if len(points) != 2 || len(points[1].known) != 3 || len(points[1].haar) != 3 || points[1].byNorm[0].Text("norms") != normsKnown {
		t.Fatalf("%+v", points)
	}
}
