package bench

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"time"

	"autoamp/graph"
	"autoamp/train"
	"autoamp/train/machine"
)

// StepSettings describes the training step to time. Zero fields mean the stated default.
type StepSettings struct {
	// Config is the model, the law of its data, the batch and the optimizer, and by its seeds
	// the number of replicas that step together. Its zero value is the denoiser of
	// train.Config at d = 100.
	Config train.Config
	// Executor runs the step. Required.
	Executor graph.Executor
	// Profiled, if not nil, runs the step a second time with Times, for ProductsShare.
	Profiled graph.Executor
	// Times returns the time that a runner of Profiled has spent in matrix products, and in all
	// instructions, since it was loaded.
	Times func(graph.Runner) (products, all time.Duration)
	// Threads is copied to the report and has no other effect.
	Threads int
	// Repetitions is the number of timed chunks, each of about 25 ms. Zero means 40.
	Repetitions int
}

// StepOf says which step was timed or modelled.
type StepOf struct {
	Model    string  `json:"model"`
	Dim      int     `json:"dim"`
	Rate     float64 `json:"rate"`
	Batch    int     `json:"batch"`
	Data     string  `json:"data"`
	P        float64 `json:"p"`
	Replicas int     `json:"replicas"`
}

// stepOf is the step of a Config with its defaults.
func stepOf(c train.Config) StepOf {
	return StepOf{
		Model: c.Model.Name, Dim: c.Model.Dim, Rate: c.Model.Rate, Batch: c.Batch, Data: c.Data.Name, P: c.Data.P[0], Replicas: len(c.Replicas()),
	}
}

// StepResult is the speed of a training step. Its JSON is a contract with scripts.
type StepResult struct {
	MsPerStep     float64  `json:"ms_per_step"` // median over chunks; of all replicas together
	P10           float64  `json:"p10"`
	P90           float64  `json:"p90"`
	Device        string   `json:"device"`
	Threads       int      `json:"threads"`
	GFLOPS        float64  `json:"gflops"`         // of the matrix products, over the whole step's time
	ProductsShare *float64 `json:"products_share"` // share of the step spent in products; null if not measured
	StepOf
	StepsPerChunk int   `json:"steps_per_chunk"`
	Repetitions   int   `json:"repetitions"`
	Bytes         int64 `json:"bytes"` // weights and optimizer state of all replicas, and one arena of activations
	// PeakRSS is the most memory that this process has held at one time, in bytes, and absent where the system does not tell.
	PeakRSS int64 `json:"peak_rss,omitempty"`
	// Ceilings and Rates are present if the executor can measure its device.
	Ceilings *Ceilings `json:"ceilings,omitempty"`
	Rates    *Rates    `json:"rates,omitempty"`
}

// chunk is the time of one sample: long beside the clock's and the scheduler's noise.
const chunk = 25 * time.Millisecond

// Step times training steps.
func Step(ctx context.Context, s StepSettings) (*StepResult, error) {
	if s.Repetitions == 0 {
		s.Repetitions = 40
	}
	c := s.Config.WithDefaults()
	l, err := load(c, s.Executor)
	if err != nil {
		return nil, err
	}
	defer l.Close()
	steps, err := calibrate(ctx, l, chunk)
	if err != nil {
		return nil, err
	}
	var times []float64
	for range s.Repetitions {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		ms, err := clock(l, steps)
		if err != nil {
			return nil, err
		}
		times = append(times, ms)
	}
	t := spread(times)
	kept, arena := l.program.Bytes()
	replicas := len(c.Replicas())
	r := &StepResult{
		MsPerStep: t.Median, P10: t.P10, P90: t.P90, Device: s.Executor.Device(), Threads: s.Threads,
		GFLOPS:        float64(replicas) * executedFlops(s.Executor, l.program) / t.Median / 1e6,
		StepOf:        stepOf(c),
		StepsPerChunk: steps, Repetitions: s.Repetitions, Bytes: int64(replicas)*kept + arena,
	}
	w := workOf(s.Executor, l.program, replicas)
	if err := l.Close(); err != nil { // the next runner may need its memory
		return nil, err
	}
	r.PeakRSS = machine.PeakBytes()
	if s.Profiled != nil && s.Times != nil {
		r.ProductsShare, err = s.share(c, steps)
	}
	if _, ok := s.Executor.(ceilingMeter); ok && err == nil {
		err = s.rate(ctx, c, w, r)
	}
	return r, err
}

// rate measures the device and the elementwise passes.
func (s StepSettings) rate(ctx context.Context, c train.Config, w work, r *StepResult) error {
	best, err := ceilings(ctx, s.Executor)
	if err != nil {
		return err
	}
	elementwise, err := elementwiseMs(ctx, c, s.Executor, 3)
	if err != nil {
		return err
	}
	rates := w.rates(r.MsPerStep, elementwise, best)
	r.Ceilings, r.Rates = &best, &rates
	return nil
}

// elementwiseMs is the median time of a step without its matrix products.
func elementwiseMs(ctx context.Context, c train.Config, exec graph.Executor, turns int) (float64, error) {
	l, err := loadElementwise(c, exec)
	if err != nil {
		return 0, err
	}
	defer l.Close()
	steps, err := calibrate(ctx, l, chunk)
	if err != nil {
		return 0, err
	}
	times := make([]float64, turns)
	for i := range times {
		if times[i], err = clock(l, steps); err != nil {
			return 0, err
		}
	}
	return spread(times).Median, nil
}

// share runs a few chunks of steps under the profiler.
func (s StepSettings) share(c train.Config, steps int) (*float64, error) {
	l, err := load(c, s.Profiled)
	if err != nil {
		return nil, err
	}
	defer l.Close()
	if err := l.Run(steps); err != nil { // first touch of every buffer
		return nil, err
	}
	products, all := s.Times(l.runner)
	if err := l.Run(8 * steps); err != nil {
		return nil, err
	}
	productsEnd, allEnd := s.Times(l.runner)
	share := float64(productsEnd-products) / float64(max(allEnd-all, 1))
	return &share, nil
}

// loaded is a compiled model with starting weights on an executor: autoamp as a stepper.
type loaded struct {
	program  *graph.Program
	runner   graph.Runner
	replicas int
	next     uint64
	losses   []float64
}

// load compiles a Config and starts its replicas.
func load(c train.Config, exec graph.Executor) (*loaded, error) {
	programs, err := train.Compile(c)
	if err != nil {
		return nil, err
	}
	return loadProgram(c, exec, programs.Model, programs.Train)
}

// loadElementwise compiles a Config without its matrix products.
func loadElementwise(c train.Config, exec graph.Executor) (*loaded, error) {
	programs, err := train.Compile(c)
	if err != nil {
		return nil, err
	}
	return loadProgram(c, exec, programs.Model, withoutProducts(programs.Train))
}

func loadProgram(c train.Config, exec graph.Executor, model *graph.Model, program *graph.Program) (*loaded, error) {
	replicas := c.Replicas()
	runner, err := exec.Load(replicas, program)
	if err != nil {
		return nil, err
	}
	l := &loaded{program: program, runner: runner, replicas: len(replicas)}
	for _, param := range model.Params {
		err = errors.Join(err, l.write(param.Name, start(param)))
	}
	for _, b := range program.Buffers {
		if b.Kind == graph.Input && strings.HasPrefix(b.Name, "product.") {
			err = errors.Join(err, l.write(b.Name, normals(b.Size(), 1)))
		}
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("bench: %w", err), l.Close())
	}
	return l, nil
}

// write gives all replicas the same values.
func (l *loaded) write(tensor string, values []float32) error {
	for i := range l.replicas {
		if err := l.runner.Write(tensor, i, values); err != nil {
			return err
		}
	}
	return nil
}

// Run does the next steps.
func (l *loaded) Run(steps int) error {
	if len(l.losses) != steps*l.replicas {
		l.losses = make([]float64, steps*l.replicas)
	}
	err := l.runner.Run(0, l.next, steps, l.losses)
	l.next += uint64(steps)
	return err
}

// Close releases the runner. It may be called twice.
func (l *loaded) Close() error {
	if l.runner == nil {
		return nil
	}
	err := l.runner.Close()
	l.runner = nil
	return err
}

// start draws a parameter's starting value. A Haar matrix becomes a normal one of the same size,
// which takes the same time.
func start(param graph.Param) []float32 {
	if param.Init.Kind == "values" {
		return param.Init.Values
	}
	shape := param.Node.Shape()
	std := param.Init.Std
	if std == 0 {
		std = 1 / math.Sqrt(float64(shape[len(shape)-1]))
	}
	return normals(shape.TotalSize(), std)
}

// normals draws size normal numbers of standard deviation std. Numbers after the first million
// repeat the first million.
func normals(size int, std float64) []float32 {
	const distinct = 1<<20 + 7 // no multiple of a row, so that rows differ
	random := rand.New(rand.NewPCG(1, 2))
	values := make([]float32, size)
	for i := range min(size, distinct) {
		values[i] = float32(std * random.NormFloat64())
	}
	for done := distinct; done < size; done *= 2 {
		copy(values[done:], values[:done])
	}
	return values
}
