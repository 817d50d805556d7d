package kogler

import (
	"math"
	"math/rand/v2"
	"testing"

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
// is that of κ, with norms in 8 bits and for rows of one norm it is R_Gauss, on rows that were trained on and on others, here of
// twice the norm. Relative to their energy, 4096 rows of 64 numbers have errors with a standard error below 0.002.
func TestNormsAreTheSpread(t *testing.T) {
	t.Parallel()
	const dim = 64
	normal := func(r *rand.Rand) float64 { return r.NormFloat64() }
	held := spreadRows(4096, dim, 2, normal)
	for i := range held.Data {
		held.Data[i] *= 2
	}
	images := newImageRows(spreadRows(8192, dim, 1, normal), held, 0)
	exec, err := cpu.New(cpu.Settings{Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	kappa := math.Pow((math.Sqrt(0.2)+math.Sqrt(1.8))/2, 2)
	mask := 1 - (3/0.8-1)/(4*dim) // rows' own norms spread by (3/p − 1)/d in their squares
	cell := imageTraining{
		Model: train.ModelConfig{Name: "shallow", Encoder: "haar", Tied: true}, P: 0.8, Steps: 200, Batch: 64, LearningRate: 0.01,
	}
	cell.Model.Rate = 0.5
	for norms, want := range map[string][2]float64{ // κ of training rows, and of held-out rows: (2·2 − 1)/4 of it
		normsUnknown: {kappa * mask, 0.75 * kappa * mask}, normsKnown: {1, 1}, normsEqual: {1 - (1/0.8-1)*3/(4*dim), 1 - (1/0.8-1)*3/(4*dim)},
	} {
		law, err := images.law(cell.P, norms, cell.Batch)
		if err != nil {
			t.Fatal(err)
		}
		row, err := cell.one(t.Context(), reproduce.Telling(&reproduce.Env{Executor: exec}, cell.Steps), images, law, norms, 1)
		if err != nil {
			t.Fatal(err)
		}
		for i, column := range []string{"train_mse", "held_mse"} {
			if found, want := row.Num(column), linearOnImages(0.5, 0, want[i]); math.Abs(found-want) > 0.008 {
				t.Errorf("norms %s: %s %.4f, want %.4f", norms, column, found, want)
			}
		}
		// κ of 4096 rows has a standard error of 0.0025.
		for i, column := range []string{"norm_factor", "held_norm_factor"} {
			if found := row.Num(column); math.Abs(found-want[i]) > 0.01 {
				t.Errorf("norms %s: %s %.4f, want %.4f", norms, column, found, want[i])
			}
		}
	}
}

// TestImageDenoiser trains the denoiser behind a Haar encoder on Laplace rows with spread norms. It ends at the theory for its own
// rows, with norms and without; with norms that is the theory for Laplace data at this d, to 1 % of it.
func TestImageDenoiser(t *testing.T) {
	t.Parallel()
	const dim = 256
	laplace := func(r *rand.Rand) float64 { return math.Copysign(r.ExpFloat64()/math.Sqrt2, r.Float64()-0.5) }
	images := newImageRows(spreadRows(4096, dim, 1, laplace), spreadRows(1024, dim, 2, laplace), 0)
	exec, err := cpu.New(cpu.Settings{Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	cell := imageTraining{Model: fig6Model, P: 0.5, Steps: 300, Batch: 32, LearningRate: 0.03}
	cell.Model.Rate = 0.5
	theory, err := predict(&reproduce.Results{}, laplaceData, []float64{0.5}, []float64{0.5})
	if err != nil {
		t.Fatal(err)
	}
	for _, norms := range plainAndKnown {
		law, err := images.law(cell.P, norms, cell.Batch)
		if err != nil {
			t.Fatal(err)
		}
		row, err := cell.one(t.Context(), reproduce.Telling(&reproduce.Env{Executor: exec}, cell.Steps), images, law, norms, 1)
		if err != nil {
			t.Fatal(err)
		}
		for _, of := range [][2]string{{"train_mse", "denoiser"}, {"held_mse", "held_denoiser"}} {
			found, want := row.Num(of[0]), row.Num(of[1])
			if math.Abs(found-want) > 0.01 { // 3 standard errors of one Haar matrix at this d
				t.Errorf("norms %s: %s %.4f, theory %.4f", norms, of[0], found, want)
			}
			if far := math.Abs(want/theory[0].Denoiser - 1); (far < 0.015) != (norms == normsKnown) {
				t.Errorf("norms %s: theory %.4f, Laplace data %.4f", norms, want, theory[0].Denoiser)
			}
		}
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

// TestMasks: rows have the norm √d where they are scaled, behind the mask or before it, the norms are those before a scaling there,
// and the mean square is that of the table, or 1.
func TestMasks(t *testing.T) {
	t.Parallel()
	const dim, batch = 400, 500
	table := spreadRows(batch, dim, 3, func(r *rand.Rand) float64 { return r.NormFloat64() })
	for norms, want := range map[string]float64{normsUnknown: table.SecondMoment(), normsKnown: table.SecondMoment(), normsEqual: 1} {
		m := newMasks(0.5, norms, batch, dim, 1, 0)
		if err := m.draw(table, evenly(table, batch)); err != nil {
			t.Fatal(err)
		}
		zeros, square, root := 0.0, 0.0, 0.0
		for i, norm := range m.norms {
			row := m.rows[i*dim:][:dim]
			for _, v := range row {
				if v == 0 {
					zeros++
				}
			}
			want := norm * norm * dim
			if norms == normsKnown {
				want = dim
			}
			if e := energy(row); math.Abs(e/want-1) > 1e-5 {
				t.Errorf("norms %s: ‖x‖² is %v, want %v", norms, e, want)
			}
			square, root = square+norm*norm/batch, root+norm/batch
		}
		if share := zeros / (dim * batch); math.Abs(share-0.5) > 0.006 { // 5 standard errors
			t.Errorf("norms %s: share of zeros %v", norms, share)
		}
		if math.Abs(square/want-1) > 0.02 { // 4 standard errors of E x⁴·(1/p − 1)
			t.Errorf("norms %s: mean square %v, want %v", norms, square, want)
		}
		if equal := root*root/square > 0.99; equal != (norms == normsEqual) {
			t.Errorf("norms %s: κ = %v", norms, root*root/square)
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
	if len(points) != 2 || len(points[1].trained(normsKnown)) != 3 || len(points[1].haar(normsUnknown)) != 3 || len(points[1].haar(normsEqual)) != 0 {
		t.Fatalf("%+v", points)
	}
}
