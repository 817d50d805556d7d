package kogler

import (
	"math"
	"slices"
	"testing"

	"autoamp/bench/reproduce"
	"autoamp/kernels/cpu"
	"autoamp/train"
)

// A net at its end is judged, and one that is still falling only where more steps cannot undo what it claims.
func TestGrownClaims(t *testing.T) {
	t.Parallel()
	g := grownNets[reproduce.Paper][0]
	for name, c := range map[string]struct {
		half, end float64 // of the net; the denoiser's error is 0.55
		outcomes  []reproduce.Status
	}{
		"ends below":           {0.541, 0.54, []reproduce.Status{reproduce.Deviates, reproduce.Pass}},
		"below, still falling": {0.546, 0.54, []reproduce.Status{reproduce.Deviates}},
		"above, still falling": {0.57, 0.56, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := &reproduce.Results{Params: reproduce.Params{Scale: reproduce.Paper}, Rows: g.table(0.55, c.half, c.end)}
			at, err := g.candidates(r)
			if err != nil {
				t.Fatal(err)
			}
			var got []reproduce.Status
			for _, claim := range g.claims(r, at) {
				got = append(got, claim.Outcome())
			}
			if len(got) != len(c.outcomes) {
				t.Fatalf("outcomes %v, want %v", got, c.outcomes)
			}
			for i := range got {
				if got[i] != c.outcomes[i] {
					t.Errorf("outcomes %v, want %v", got, c.outcomes)
				}
			}
		})
	}
}

// table has the net's rows of four seeds, with these errors of the denoiser and of the net.
func (g grown) table(denoiser, half, end float64) (rows []reproduce.Row) {
	for seed := range 4 {
		for kind, mse := range map[string]float64{denoiserKind: denoiser, halfKind: half, grownKind: end} {
			rows = append(rows, reproduce.Row{"kind": kind, "p": g.p, "rate": g.rate, "dim": g.dim, "depth": g.depth, "width": g.width,
				"steps": g.steps, "seed": seed, "test_mse": mse + 1e-4*float64(seed)*(mse-0.5), "test_mse_stderr": 0.001})
		}
	}
	return rows
}

// A net is held against the one of its shape at the smallest dimension, if that one is at its end.
func TestGrowth(t *testing.T) {
	t.Parallel()
	nets := grownNets[reproduce.Paper]
	net, least := nets[0], nets[slices.IndexFunc(nets, func(g grown) bool { return g.dim == deepLow.dim && g.depth == nets[0].depth })]
	for name, c := range map[string]struct {
		of        grown
		half, end float64 // of the net at the smallest dimension
		outcomes  []reproduce.Status
	}{
		"gains more":          {net, 0.546, 0.545, []reproduce.Status{reproduce.Pass}},
		"gains less":          {net, 0.531, 0.53, []reproduce.Status{reproduce.Fail}},
		"still falling there": {net, 0.549, 0.545, nil},
		"the smallest one":    {least, 0.546, 0.545, nil},
	} {
		r := &reproduce.Results{Params: reproduce.Params{Scale: reproduce.Paper}, Rows: append(net.table(0.55, 0.541, 0.54), least.table(0.55, c.half, c.end)...)}
		var got []reproduce.Status
		for _, claim := range c.of.growth(r, 0.04) {
			got = append(got, claim.Outcome())
		}
		if !slices.Equal(got, c.outcomes) {
			t.Errorf("%s: outcomes %v, want %v", name, got, c.outcomes)
		}
	}
}

// A seed has a row for each kind, and the net's error at the start is near the denoiser's.
func TestGrownStart(t *testing.T) {
	t.Parallel()
	exec, err := cpu.New(cpu.Settings{Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	config := func(n deepNet) train.Config {
		r, model := n.training()
		return r.config(reproduce.Params{Seed: 1}, model, "sparse-gaussian").Earlier()
	}
	at := deepCase{0.5, 0.5, 8}
	g := grownStart{config(deepNet{at, 0, 0, 1500, 1, hot}), config(deepNet{at, 2, 4, 20, 1, warm})}
	g.Net.Optimizer.LearningRate = 1e-6
	var last train.Progress
	out, err := g.run(t.Context(), &reproduce.Env{Executor: exec, Progress: func(p train.Progress) { last = p }})
	if err != nil {
		t.Fatal(err)
	}
	if last.Step != 1500+20+10+20 || last.Steps != last.Step {
		t.Errorf("the last progress is step %d of %d", last.Step, last.Steps)
	}
	of := map[string]reproduce.Row{}
	for _, row := range out.Rows {
		of[row.Text("kind")] = row
	}
	if len(of) != 4 || len(out.Rows) != 4 {
		t.Fatalf("rows %v", out.Rows)
	}
	denoiser := of[denoiserKind].Num("test_mse")
	for _, kind := range []string{startKind, halfKind, grownKind} {
		if e := of[kind].Num("test_mse"); math.Abs(e-denoiser) > 0.01 || e == denoiser {
			t.Errorf("%s: error %g, the denoiser's is %g", kind, e, denoiser)
		}
	}
	if half, all := of[halfKind].Num("step"), of[grownKind].Num("step"); half != 10 || all != 20 {
		t.Errorf("%g and %g steps", half, all)
	}
}
