// Package kerneltest is the conformance suite of executors: every implementation of
// graph.Executor passes Run.
//
// The oracle is gorgonia's TapeMachine running the same graph, with the reference arithmetic of
// package graph's ops. Adding an op or a model there tests all executors at once.
package kerneltest

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"testing"

	"autoamp/graph"
	"autoamp/kernels"
)

// Run tests an executor. open is called once per subtest.
func Run(t *testing.T, open func(t *testing.T) graph.Executor) {
	seen := &coverage{ops: map[string]bool{}}
	open = seen.record(open)
	t.Run("Models", func(t *testing.T) { testModels(t, open(t)) })
	t.Run("RandomGraphs", func(t *testing.T) { testRandomGraphs(t, open(t)) })
	t.Run("Rules", func(t *testing.T) { testRules(t, open(t)) })
	t.Run("Generate", func(t *testing.T) { testGenerate(t, open(t)) })
	t.Run("Decay", func(t *testing.T) { testDecay(t, open(t)) })
	t.Run("Clip", func(t *testing.T) { testClip(t, open(t)) })
	t.Run("Evaluation", func(t *testing.T) { testEvaluation(t, open(t)) })
	t.Run("Replicas", func(t *testing.T) { testReplicas(t, open(t)) })
	t.Run("Continue", func(t *testing.T) { testContinue(t, open(t)) })
	t.Run("NotFinite", func(t *testing.T) { testNotFinite(t, open(t)) })
	t.Run("Gather", func(t *testing.T) { testGather(t, open(t)) })
	t.Run("GatherNotFinite", func(t *testing.T) { testGatherNotFinite(t, open(t)) })
	t.Run("Halves", func(t *testing.T) { testHalves(t, open(t)) })
	t.Run("Coins", func(t *testing.T) { testCoins(t, open(t)) })
	t.Run("BadInput", func(t *testing.T) { testBadInput(t, open(t)) })
	t.Run("EveryOp", func(t *testing.T) { seen.check(t) })
}

// sgd is gradient descent without momentum: after one step its buffer is the gradient.
var sgd = graph.Update{Rule: graph.Momentum, Schedule: graph.Schedule{Shape: graph.Constant}}

// sizes are (b, n, d), ragged on purpose.
var sizes = [][3]int{{1, 1, 1}, {3, 17, 1}, {17, 1, 3}, {1, 3, 64}, {64, 17, 100}, {100, 100, 64}, {17, 64, 17}}

func testModels(t *testing.T, exec graph.Executor) {
	for _, c := range configs(t) {
		for _, s := range sizes {
			c.Batch, c.Code, c.Dim = s[0], s[1], s[2]
			name := fmt.Sprintf("%s/encoder=%s/tied=%t/%s%s/%s", c.Model, c.Encoder, c.Tied, c.Denoiser, c.Activation,
				sizeName(s[0], s[1], s[2]))
			if c.Iterations > 0 {
				name += fmt.Sprintf("/T=%d", c.Iterations)
			}
			if c.Model == "tied" {
				name += fmt.Sprintf("/depth=%d/bias=%s/proxy=%t/mirrored=%t/rectified=%t", c.Depth, c.Bias, c.Proxy, c.Mirrored, c.Rectified)
			}
			t.Run(name, func(t *testing.T) { checkGradients(t, exec, func() *graph.Model { return build(t, c) }) })
		}
	}
}

// configs lists every variant of every model.
func configs(t *testing.T) []graph.Config {
	t.Helper()
	var list []graph.Config
	for _, model := range graph.Models() {
		if model == "tied" { // tied has no fixed encoder and no setting Tied
			list = append(list, variants(t, graph.Config{Model: model})...)
			continue
		}
		for _, encoder := range []string{"trained", "haar"} {
			for _, tied := range []bool{false, true} {
				list = append(list, variants(t, graph.Config{Model: model, Encoder: encoder, Tied: tied})...)
			}
		}
	}
	return list
}

// variants lists the configurations of a model that differ in more than encoder and ties. A model that it does not list fails
// the test.
func variants(t *testing.T, c graph.Config) (list []graph.Config) {
	t.Helper()
	switch c.Model {
	case "shallow":
		return []graph.Config{c}
	case "denoiser":
		for _, f := range graph.Families() {
			c.Denoiser = f
			list = append(list, c)
		}
	case "rigamp":
		for _, iterations := range []int{1, 2, 4} {
			c.Iterations = iterations
			list = append(list, c)
		}
		for _, f := range []graph.Family{kernels.T1, graph.Spline(5, true)} {
			c.Iterations, c.Denoiser = 2, f
			list = append(list, c)
		}
	case "deep":
		for _, a := range graph.Activations() {
			c.Activation, c.Width, c.Depth = a, 19, 2
			list = append(list, c)
		}
	case "tied":
		for _, a := range graph.TiedActivations() {
			c.Activation, c.Lambda, c.Width = a, 0.3, 19
			for _, v := range []graph.Config{
				{Bias: "trained", Depth: 1}, {Bias: "fixed", Depth: 1, Proxy: true}, {Bias: "decayed", Depth: 2},
				{Bias: "trained", Depth: 2, Mirrored: true}, {Bias: "trained", Depth: 1, Rectified: true},
			} {
				c.Bias, c.Depth, c.Proxy, c.Mirrored, c.Rectified = v.Bias, v.Depth, v.Proxy, v.Mirrored, v.Rectified
				list = append(list, c)
			}
		}
	default:
		t.Fatalf("model %s has no conformance case", c.Model)
	}
	return list
}

func build(t *testing.T, c graph.Config) *graph.Model {
	t.Helper()
	m, err := graph.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func compile(t *testing.T, m *graph.Model, o graph.Options) *graph.Program {
	t.Helper()
	p, err := m.Compile(o)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// load loads programs for some replicas and closes the runner when the test ends.
func load(t *testing.T, exec graph.Executor, replicas []graph.Replica, programs ...*graph.Program) graph.Runner {
	t.Helper()
	r, err := exec.Load(replicas, programs...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	return r
}

func write(t *testing.T, r graph.Runner, replica int, at values) {
	t.Helper()
	for name, data := range at {
		if err := r.Write(name, replica, data); err != nil {
			t.Fatal(err)
		}
	}
}

func read(t *testing.T, r graph.Runner, replica int, name string, size int) []float32 {
	t.Helper()
	out := make([]float32, size)
	if err := r.Read(name, replica, out); err != nil {
		t.Fatal(err)
	}
	return out
}

// checkGradients compares loss and gradients of one step with the TapeMachine's.
func checkGradients(t *testing.T, exec graph.Executor, build func() *graph.Model) {
	t.Helper()
	at, wantLoss, wantGrads := drawClear(t, build)
	m := build()
	p := compile(t, m, graph.Options{Update: &sgd})
	r := load(t, exec, []graph.Replica{{Seed: 1, LearningRate: 1}}, p)
	write(t, r, 0, at)
	losses := make([]float64, 1)
	if err := r.Run(0, 0, 1, losses); err != nil {
		t.Fatal(err)
	}
	tol := tolerance(largest(p))
	if math.Abs(losses[0]-wantLoss) > tol*math.Abs(wantLoss) {
		t.Errorf("loss %g, want %g\n%v", losses[0], wantLoss, p)
	}
	for name, want := range wantGrads {
		got := read(t, r, 0, name+".momentum_buffer", len(want))
		compare(t, "gradient of "+name, got, want, tol)
		for i := range want { // the update itself: w − 1·g
			want[i] = at[name][i] - got[i]
		}
		compare(t, "updated "+name, read(t, r, 0, name, len(want)), want, 4*unit)
	}
	if t.Failed() {
		t.Log(p)
	}
}

func largest(p *graph.Program) int {
	k := 1
	for _, b := range p.Buffers {
		if len(b.Shape) > 0 {
			k = max(k, slices.Max(b.Shape))
		}
	}
	return k
}

// testRules runs ten steps of each rule against the rule's formula in float64 on the executor's own
// gradients, which testModels has checked: a second program without update is not needed,
// since Momentum's buffer at μ = 0 is the gradient.
func testRules(t *testing.T, exec graph.Executor) {
	rules := []graph.Update{
		{Rule: graph.Adam, Beta1: 0.9, Beta2: 0.999, Epsilon: 1e-8, Schedule: graph.Schedule{Shape: graph.Cosine, WarmUp: 3, Steps: 10}},
		{Rule: graph.Momentum, Beta1: 0.9, Schedule: graph.Schedule{Shape: graph.StepDown, Every: 4, Factor: 0.5}},
		{Rule: graph.RMSProp, Beta2: 0.9, Epsilon: 1e-8, Schedule: graph.Schedule{Shape: graph.Constant}},
		{Rule: graph.Normalised, Schedule: graph.Schedule{Shape: graph.Constant}},
		{Rule: graph.Adam, Beta1: 0.9, Beta2: 0.999, Epsilon: 1e-8, Project: true, Schedule: graph.Schedule{Shape: graph.Constant}},
	}
	for _, u := range rules {
		t.Run(fmt.Sprintf("%s/project=%t", u.Rule, u.Project), func(t *testing.T) { checkRule(t, exec, u) })
	}
}

func checkRule(t *testing.T, exec graph.Executor, u graph.Update) {
	const rate = 0.01
	c := graph.Config{Model: "denoiser", Batch: 17, Code: 5, Dim: 19}
	replica := []graph.Replica{{Seed: 3, LearningRate: rate}}
	p := compile(t, build(t, c), graph.Options{Update: &u})
	r := load(t, exec, replica, p)
	probe := load(t, exec, replica, compile(t, build(t, c), graph.Options{Update: &sgd}))
	at := draw(build(t, c), 5)
	write(t, r, 0, at)
	want, state := map[string][]float64{}, map[string][2][]float64{}
	for name, v := range at {
		want[name] = widen(v)
		state[name] = [2][]float64{make([]float64, len(v)), make([]float64, len(v))}
	}
	loss := make([]float64, 1)
	for step := range 10 {
		for name := range at { // the gradient at the executor's own weights
			if name == "x" {
				write(t, probe, 0, values{"x": at["x"]})
				continue
			}
			write(t, probe, 0, values{name: read(t, r, 0, name, len(at[name]))})
			write(t, probe, 0, values{name + ".momentum_buffer": make([]float32, len(at[name]))})
		}
		if err := probe.Run(0, 0, 1, loss); err != nil {
			t.Fatal(err)
		}
		if err := r.Run(0, uint64(step), 1, loss); err != nil {
			t.Fatal(err)
		}
		for name := range at {
			if name != "x" {
				g := widen(read(t, probe, 0, name+".momentum_buffer", len(at[name])))
				apply(u, rate*u.Schedule.At(uint64(step)), step+1, want[name], g, state[name])
				if cols := columns(p, name); u.Rule == graph.Normalised && cols < len(g) || u.Project && name == graph.EncoderWeight {
					normaliseRows(want[name], cols)
				}
			}
		}
	}
	for name := range at {
		if name != "x" {
			// Ten float32 updates round the weight ten times, and each step's size by a few units.
			compare(t, name, read(t, r, 0, name, len(at[name])), narrow(want[name]), 100*unit)
		}
	}
}

// apply is the update rule as its paper writes it.
func apply(u graph.Update, rate float64, t int, w, g []float64, state [2][]float64) {
	m, v := state[0], state[1]
	for i := range w {
		switch u.Rule {
		case graph.Adam:
			m[i] = u.Beta1*m[i] + (1-u.Beta1)*g[i]
			v[i] = u.Beta2*v[i] + (1-u.Beta2)*g[i]*g[i]
			mhat := m[i] / (1 - math.Pow(u.Beta1, float64(t)))
			vhat := v[i] / (1 - math.Pow(u.Beta2, float64(t)))
			w[i] -= rate * mhat / (math.Sqrt(vhat) + u.Epsilon)
		case graph.Momentum:
			m[i] = u.Beta1*m[i] + g[i]
			w[i] -= rate * m[i]
		case graph.RMSProp:
			v[i] = u.Beta2*v[i] + (1-u.Beta2)*g[i]*g[i]
			w[i] -= rate * g[i] / math.Sqrt(v[i]+u.Epsilon)
		case graph.Normalised:
			w[i] -= rate * g[i]
		}
	}
}

// columns is the length of a row of a tensor.
func columns(p *graph.Program, name string) int {
	for _, b := range p.Buffers {
		if b.Name == name {
			return b.Cols()
		}
	}
	return 0
}

func normaliseRows(w []float64, cols int) {
	for ; len(w) > 0; w = w[cols:] {
		var sum float64
		for _, x := range w[:cols] {
			sum += x * x
		}
		for i := range cols {
			w[i] /= math.Sqrt(sum)
		}
	}
}

func widen(a []float32) []float64 {
	out := make([]float64, len(a))
	for i, x := range a {
		out[i] = float64(x)
	}
	return out
}

func narrow(a []float64) []float32 {
	out := make([]float32, len(a))
	for i, x := range a {
		out[i] = float32(x)
	}
	return out
}

// testClip checks that a bound on the gradients' common norm shrinks all of them alike.
func testClip(t *testing.T, exec graph.Executor) {
	c := graph.Config{Model: "denoiser", Batch: 33, Code: 7, Dim: 20}
	replica := []graph.Replica{{Seed: 1, LearningRate: 1}}
	free, bound := sgd, sgd
	bound.ClipNorm = 1e-3
	at := draw(build(t, c), 2)
	grads := map[bool]values{}
	for _, clipped := range []bool{false, true} {
		u := free
		if clipped {
			u = bound
		}
		r := load(t, exec, replica, compile(t, build(t, c), graph.Options{Update: &u}))
		write(t, r, 0, at)
		if err := r.Run(0, 0, 1, make([]float64, 1)); err != nil {
			t.Fatal(err)
		}
		grads[clipped] = values{}
		for name, v := range at {
			if name != "x" {
				grads[clipped][name] = read(t, r, 0, name+".momentum_buffer", len(v))
			}
		}
	}
	var norm2 float64
	for _, g := range grads[false] {
		for _, x := range g {
			norm2 += float64(x) * float64(x)
		}
	}
	for name, g := range grads[false] {
		for i := range g {
			g[i] *= float32(bound.ClipNorm / math.Sqrt(norm2))
		}
		compare(t, "clipped "+name, grads[true][name], g, 16*unit)
	}
}

// testEvaluation checks that the evaluation program of a model sees the training program's
// weights and computes the same loss, without changing anything.
func testEvaluation(t *testing.T, exec graph.Executor) {
	for _, c := range configs(t) {
		c.Batch, c.Code, c.Dim = 33, 9, 20
		if c.Bias == "decayed" { // training changes it even at rate 0
			c.Bias = "fixed"
		}
		sample := &graph.Sample{Law: "sparse-gaussian", Stream: 5}
		train := compile(t, build(t, c), graph.Options{Sample: sample, Update: &sgd})
		eval := compile(t, build(t, c), graph.Options{Sample: sample})
		r := load(t, exec, []graph.Replica{{Seed: 4, LearningRate: 0, P: 0.5}}, train, eval)
		at := draw(build(t, c), 3)
		delete(at, "x")
		write(t, r, 0, at)
		var a, b [3]float64
		if err := errors.Join(r.Run(1, 10, 3, a[:]), r.Run(0, 10, 3, b[:])); err != nil {
			t.Fatal(err)
		}
		for i := range a {
			if math.Abs(a[i]-b[i]) > tolerance(33)*b[i] {
				t.Errorf("%+v: step %d: evaluation %g, training %g", c, i, a[i], b[i])
			}
		}
	}
}

// testReplicas checks that models trained side by side are the models trained one by one:
// each with its own seed, learning rate and sparsity.
func testReplicas(t *testing.T, exec graph.Executor) {
	c := graph.Config{Model: "denoiser", Batch: 20, Code: 11, Dim: 16}
	p := compile(t, build(t, c), graph.Options{Sample: &graph.Sample{Law: "sparse-laplace"}, Update: &sgd})
	var replicas []graph.Replica
	for i := range 7 {
		replicas = append(replicas, graph.Replica{Seed: uint64(i % 5), LearningRate: 0.01 * float64(i), P: 0.1 + 0.1*float64(i)})
	}
	const steps = 5
	together := make([]float64, steps*len(replicas))
	r := load(t, exec, replicas, p)
	for i := range replicas {
		at := draw(build(t, c), uint64(i))
		delete(at, "x")
		write(t, r, i, at)
	}
	if err := r.Run(0, 0, steps, together); err != nil {
		t.Fatal(err)
	}
	for i, rep := range replicas {
		one := load(t, exec, []graph.Replica{rep}, p)
		at := draw(build(t, c), uint64(i))
		delete(at, "x")
		write(t, one, 0, at)
		alone := make([]float64, steps)
		if err := one.Run(0, 0, steps, alone); err != nil {
			t.Fatal(err)
		}
		for s := range alone {
			// A sign that rounding turns over changes one product's row by about 1/√b.
			if got := together[s*len(replicas)+i]; math.Abs(got-alone[s]) > 1e-3*alone[s] {
				t.Errorf("replica %d, step %d: loss %g beside others, %g alone", i, s, got, alone[s])
			}
		}
		compare(t, "first loss", []float32{float32(together[i])}, []float32{float32(alone[0])}, tolerance(20))
	}
}

// testContinue checks that steps 0…19 in one call, and 0…6 then 7…19 after a reload from the tensors of a
// checkpoint, end in the same bits.
func testContinue(t *testing.T, exec graph.Executor) {
	adam := graph.Update{Rule: graph.Adam, Beta1: 0.9, Beta2: 0.999, Epsilon: 1e-8, ClipNorm: 1,
		Schedule: graph.Schedule{Shape: graph.Cosine, Steps: 20}}
	c := graph.Config{Model: "denoiser", Batch: 50, Code: 30, Dim: 40}
	p := compile(t, build(t, c), graph.Options{Sample: &graph.Sample{Law: "sparse-mixture"}, Update: &adam})
	replicas := []graph.Replica{
		{Seed: 1, LearningRate: 0.01, P: 0.5, Mean: 1}, {Seed: 2, LearningRate: 0.02, P: 0.3, Mean: 0.5}, {Seed: 1, LearningRate: 0.01, P: 1, Mean: 1},
	}
	begin := func() graph.Runner {
		r := load(t, exec, replicas, p)
		for i := range replicas {
			at := draw(build(t, c), uint64(i))
			delete(at, "x")
			write(t, r, i, at)
		}
		return r
	}
	whole, first, second := begin(), begin(), begin()
	losses := make([]float64, 20*len(replicas))
	parts := make([]float64, len(losses))
	cut := 7 * len(replicas)
	if err := errors.Join(whole.Run(0, 0, 20, losses), first.Run(0, 0, 7, parts[:cut])); err != nil {
		t.Fatal(err)
	}
	for i := range replicas {
		for _, b := range p.Tensors() {
			write(t, second, i, values{b.Name: read(t, first, i, b.Name, b.Size())})
		}
	}
	if err := second.Run(0, 7, 13, parts[cut:]); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(losses, parts) {
		t.Errorf("losses differ:\n%v\n%v", losses, parts)
	}
	for i := range replicas {
		for _, b := range p.Tensors() {
			if !slices.Equal(read(t, whole, i, b.Name, b.Size()), read(t, second, i, b.Name, b.Size())) {
				t.Errorf("replica %d: %s differs", i, b.Name)
			}
		}
	}
}

// testNotFinite checks that a NaN ends the run before the update, with step, replica and
// tensor named.
func testNotFinite(t *testing.T, exec graph.Executor) {
	c := graph.Config{Model: "denoiser", Batch: 50, Code: 30, Dim: 40}
	for _, broken := range []string{graph.EncoderWeight, graph.DecoderWeight, graph.DenoiserTheta} {
		p := compile(t, build(t, c), graph.Options{Sample: &graph.Sample{Law: "gaussian"}, Update: &sgd})
		r := load(t, exec, []graph.Replica{{Seed: 1, P: 1}, {Seed: 2, P: 1}, {Seed: 3, P: 1}}, p)
		for i := range 3 {
			at := draw(build(t, c), uint64(i))
			delete(at, "x")
			if i == 1 {
				at[broken][0] = float32(math.NaN())
			}
			write(t, r, i, at)
		}
		before := read(t, r, 1, graph.DecoderWeight, 30*40)
		err := r.Run(0, 100, 5, make([]float64, 15))
		var bad *graph.NonFiniteError
		if !errors.As(err, &bad) || bad.Step != 100 || bad.Replica != 1 || bad.Tensor != broken {
			t.Errorf("NaN in %s: error %v", broken, err)
		}
		after := read(t, r, 1, graph.DecoderWeight, 30*40)
		if broken != graph.DecoderWeight && !slices.Equal(before, after) {
			t.Errorf("NaN in %s: the decoder was updated", broken)
		}
	}
}

// testCoins checks that sign(0) is a fair coin that depends on the seed and the step: with an
// encoder of zeros every bit of the code is one.
func testCoins(t *testing.T, exec graph.Executor) {
	const b, n, d = 64, 64, 8
	c := graph.Config{Model: "shallow", Batch: b, Code: n, Dim: d, Encoder: "haar"}
	p := compile(t, build(t, c), graph.Options{Sample: &graph.Sample{Law: "gaussian"}})
	r := load(t, exec, []graph.Replica{{Seed: 1, P: 1}, {Seed: 2, P: 1}}, p)
	ones := make([]float32, d*n)
	for i := range ones {
		ones[i] = 1
	}
	// x̂ᵢ = Σ of the n coins of a sample, so the loss estimates n + 1.
	for i := range 2 {
		write(t, r, i, values{graph.EncoderWeight: make([]float32, n*d), graph.DecoderWeight: ones})
	}
	const steps = 50
	losses := make([]float64, 2*steps)
	if err := r.Run(0, 0, steps, losses); err != nil {
		t.Fatal(err)
	}
	var mean float64
	for _, l := range losses {
		mean += l / float64(len(losses))
	}
	// (Σ coins)² has mean n and variance 2n² − 2n; 2·50·64 independent sums.
	stderr := math.Sqrt(2*n*n) / math.Sqrt(2*steps*b)
	if math.Abs(mean-(n+1)) > 4*stderr {
		t.Errorf("mean loss %g, want %d ± %.2g", mean, n+1, stderr)
	}
	if losses[0] == losses[1] || losses[0] == losses[2] {
		t.Errorf("coins repeat across seeds or steps: %v", losses[:4])
	}
}

func testBadInput(t *testing.T, exec graph.Executor) {
	c := graph.Config{Model: "shallow", Batch: 3, Code: 2, Dim: 4}
	p := compile(t, build(t, c), graph.Options{Update: &sgd})
	r := load(t, exec, []graph.Replica{{}}, p)
	bad := map[string]error{
		"no such program":   r.Run(1, 0, 1, make([]float64, 1)),
		"too few losses":    r.Run(0, 0, 2, make([]float64, 1)),
		"no such tensor":    r.Read("weight", 0, make([]float32, 8)),
		"no such replica":   r.Write(graph.EncoderWeight, 1, make([]float32, 8)),
		"wrong size":        r.Write(graph.EncoderWeight, 0, make([]float32, 7)),
		"unknown law":       loadError(exec, compile(t, build(t, c), graph.Options{Sample: &graph.Sample{Law: "cauchy"}})),
		"nothing to load":   loadError(exec),
		"no CPU/GPU kernel": loadError(exec, &graph.Program{Buffers: []graph.Buffer{{Kind: graph.Reduction}}, Instrs: []graph.Instr{{Op: unknown{}, Out: []int{0}, In: []int{0}}}}),
	}
	for name, err := range bad {
		if err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func loadError(exec graph.Executor, programs ...*graph.Program) error {
	_, err := exec.Load([]graph.Replica{{P: 1}}, programs...)
	return err
}

// unknown is an op that no executor knows.
type unknown struct{}

func (unknown) String() string     { return "unknown" }
func (unknown) Facts() graph.Facts { return graph.Facts{} }
