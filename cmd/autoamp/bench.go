package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"autoamp/bench"
	"autoamp/bench/reproduce"
	"autoamp/bench/reproduce/speed"
	"autoamp/datasets/durable"
	"autoamp/graph"
	"autoamp/kernels/cpu"
	"autoamp/train"
)

// benchCmd is autoamp bench.
type benchCmd struct {
	Step   benchStepCmd   `cmd:"" help:"Time one training step."`
	Suite  benchSuiteCmd  `cmd:"" help:"Time a training step at five sizes, beside PyTorch and gorgonia's TapeMachine."`
	Theory benchTheoryCmd `cmd:"" help:"Time the theory beside NumPy by Monte Carlo."`

	Design    benchDesignCmd    `cmd:"" help:"Train points drawn at random with train's defaults, and list their gaps to the theory."`
	Precision benchPrecisionCmd `cmd:"" help:"Compare the precisions of a GPU: errors of products and of trained models."`
}

// benchStepCmd is autoamp bench step.
type benchStepCmd struct {
	deviceFlags
	Model       string  `complete:"@models" default:"denoiser" help:"shallow, denoiser, rigamp or deep. Default: ${default}." placeholder:"M"`
	Dim         int     `default:"100" help:"Dimension d of the data. Default: ${default}." placeholder:"D"`
	Batch       int     `default:"100" help:"Samples per step. Default: ${default}." placeholder:"B"`
	Rate        float64 `default:"1" help:"Bits of code per coordinate, r = n/d. Default: ${default}." placeholder:"R"`
	Data        string  `complete:"@laws" default:"sparse-gaussian" help:"Law of the data. Default: ${default}." placeholder:"D"`
	P           float64 `name:"p" default:"0.4" help:"Probability of a coordinate not to be zero. Default: ${default}." placeholder:"P"`
	Replicas    int     `default:"1" help:"Models that step side by side. Default: ${default}." placeholder:"K"`
	Predict     string  `complete:"@cards" help:"Print the modelled cost of the step on a card instead, without a GPU: h200, a100 or rtx4090." placeholder:"CARD"`
	Repetitions int     `default:"40" help:"Timed chunks of steps, about 25 ms each. Default: ${default}." placeholder:"N"`
	Against     string  `complete:"file" help:"Another autoamp to compare with: both time the step in turns, each turn a process of its own." placeholder:"PROGRAM"`
	Pairs       int     `default:"15" help:"Turns of each with --against. Default: ${default}." placeholder:"N"`
	JSON        bool    `name:"json" help:"Print one JSON object."`
}

// Run times a step. With --predict it models the step instead, with --against it compares two programs.
func (c *benchStepCmd) Run(ctx context.Context, a *app) error {
	config, err := c.config()
	if err != nil {
		return err
	}
	if c.Predict != "" && c.Against != "" {
		return usagef("--predict = %s: measures nothing to compare with --against; give one of them", c.Predict)
	}
	if c.Predict != "" {
		return c.predict(a, config)
	}
	if c.Repetitions < 1 {
		return usagef("--repetitions = %d: must be at least 1", c.Repetitions)
	}
	if c.Against != "" {
		return c.pair(ctx, a)
	}
	exec, err := c.open()
	if err != nil {
		return err
	}
	defer a.release(exec)
	profiled, err := c.openProfiled()
	if err != nil {
		return err
	}
	r, err := bench.Step(ctx, bench.StepSettings{
		Config: config, Executor: exec, Profiled: profiled, Times: instructionTimes,
		Threads: threadsOf(exec), Repetitions: c.Repetitions,
	})
	if err != nil {
		return err
	}
	if c.JSON {
		return json.NewEncoder(a.stdout).Encode(r)
	}
	writeStep(a.stdout, r)
	return nil
}

// config is the step to time.
func (c *benchStepCmd) config() (train.Config, error) {
	if c.Replicas < 1 || c.Replicas > train.MaxReplicas {
		return train.Config{}, usagef("--replicas = %d: must be at least 1 and at most %d", c.Replicas, train.MaxReplicas)
	}
	settings := []string{
		"model.name=" + quoteYAML(c.Model), "model.dim=" + itoa(c.Dim), "model.rate=" + ftoa(c.Rate),
		"data.name=" + quoteYAML(c.Data), "batch=" + itoa(c.Batch),
	}
	if c.Data != "gaussian" {
		settings = append(settings, "data.p=["+ftoa(c.P)+"]")
	}
	config, err := configOf(defaults, settings)
	if err != nil {
		return train.Config{}, err
	}
	config.Seeds = bench.Seeds(1, c.Replicas)
	return config, nil
}

// stepTitle says which step was timed.
func stepTitle(r *bench.StepResult) string {
	return fmt.Sprintf("%s, %s, p = %s, d = %d, rate %s, batch %d, %s",
		r.Model, r.Data, ftoa(r.P), r.Dim, ftoa(r.Rate), r.Batch, plural(r.Replicas, "model"))
}

func writeStep(w io.Writer, r *bench.StepResult) {
	fmt.Fprintf(w, "%s\n%s\n\n", stepTitle(r), r.Device)
	share := "–"
	if r.ProductsShare != nil {
		share = fmt.Sprintf("%.0f %%", 100**r.ProductsShare)
	}
	peak := "–"
	if r.PeakRSS > 0 {
		peak = fmt.Sprintf("%.1f MiB", float64(r.PeakRSS)/(1<<20))
	}
	writeTable(w, [][]string{
		{"ms per step", "p10", "p90", "GFLOP/s", "in products", "memory", "peak RSS"},
		{fmt.Sprintf("%.4f", r.MsPerStep), fmt.Sprintf("%.4f", r.P10), fmt.Sprintf("%.4f", r.P90),
			fmt.Sprintf("%.1f", r.GFLOPS), share, fmt.Sprintf("%.1f MiB", float64(r.Bytes)/(1<<20)), peak},
	})
	if r.Rates != nil {
		writeRates(w, r)
	}
}

// writeRates writes the rates of a step beside the best rates of its device.
func writeRates(w io.Writer, r *bench.StepResult) {
	ms, rate, share := "–", "–", "–" // where the elementwise passes seemed to take the whole step
	if r.Rates.ProductTFLOPS > 0 {
		ms = fmt.Sprintf("%.4f", r.MsPerStep-r.Rates.ElementwiseMs)
		rate, share = fmt.Sprintf("%.1f TFLOP/s", r.Rates.ProductTFLOPS), fmt.Sprintf("%.0f %%", 100*r.Rates.ProductShare)
	}
	fmt.Fprintln(w)
	writeTable(w, [][]string{
		{"", "ms", "rate", "device at its best", "share"},
		{"products", ms, rate, fmt.Sprintf("%.1f TFLOP/s", r.Ceilings.ProductTFLOPS), share},
		{"elementwise", fmt.Sprintf("%.4f", r.Rates.ElementwiseMs), fmt.Sprintf("%.0f GB/s", r.Rates.ElementwiseGBs),
			fmt.Sprintf("%.0f GB/s", r.Ceilings.CopyGBs), fmt.Sprintf("%.0f %%", 100*r.Rates.CopyShare)},
	})
}

func threadsOf(exec graph.Executor) int {
	if e, ok := exec.(*cpu.Executor); ok {
		return e.Threads()
	}
	return 0
}

// instructionTimes are the times that a profiled CPU runner has spent in matrix products and in
// all instructions.
func instructionTimes(r graph.Runner) (products, all time.Duration) {
	runner, ok := r.(*cpu.Runner)
	if !ok {
		return 0, 0
	}
	for _, t := range runner.Profile(0) {
		all += t.Time
		if strings.HasPrefix(t.Instr, "matmul") {
			products += t.Time
		}
	}
	return products, all
}

// benchSuiteCmd is autoamp bench suite.
type benchSuiteCmd struct {
	Out     string   `complete:"dir" help:"Directory for speed.md and speed.json and, on the CPU, a report; what is measured there already is not measured again." placeholder:"DIR"`
	Device  string   `complete:"@devices" default:"cpu" help:"cpu, or gpu or gpu:N for the GPU's table beside PyTorch and JAX there. Default: ${default}." placeholder:"D"`
	Model   string   `enum:"denoiser,rigamp" default:"denoiser" help:"denoiser or, on the CPU, rigamp. Default: ${default}."`
	Sizes   []string `complete:"-" help:"Sizes to measure, as DIMxBATCH, on a GPU also DIMxBATCHxMODELS. Default: 100x100,200x128,784x256,1024x512,2048x1024; on a GPU up to 32768." placeholder:"DxB,..."`
	P       float64  `name:"p" default:"0.4" help:"Share of the data that is not zero, on the CPU. Default: ${default}." placeholder:"P"`
	Threads []int    `help:"Numbers of threads. Default: 1,2." placeholder:"N,..."`
	Rounds  int      `default:"15" help:"Turns of every contestant at every size. Default: ${default}." placeholder:"N"`
	Product string   `enum:"auto,openblas,accelerate,simd,go" default:"auto" help:"autoamp's matrix products: auto, openblas, accelerate (macOS), simd or go."`
	Python  []string `complete:"file" help:"Interpreters to look for torch in, on a GPU also for jax. Default: python3,/usr/bin/python3." placeholder:"PYTHON,..."`

	Precisions  []string `enum:"fp32,tf32,split" default:"fp32,tf32,split" help:"autoamp's precisions on a GPU. Default: ${default}." placeholder:"P,..."`
	Contestants []string `complete:"-" help:"Who takes part on a GPU. Default: everybody." placeholder:"NAME;..." sep:";"`
	Predict     string   `complete:"@cards" help:"Print the table of a GPU as modelled for a card, without a GPU: h200, a100 or rtx4090. On a GPU: the card to model beside the measurements." placeholder:"CARD"`
	PeerDevice  string   `complete:"@devices" enum:"cuda,cpu" default:"cuda" hidden:"" help:"Where the peers run; cpu is for a trial without a GPU."`

	JSON bool `name:"json" help:"Print one JSON object instead of the table."`
}

// Run measures and writes the table.
func (c *benchSuiteCmd) Run(ctx context.Context, a *app) error {
	if c.Rounds < 1 {
		return usagef("--rounds = %d: must be at least 1", c.Rounds)
	}
	if c.Device != "cpu" || c.Predict != "" {
		if c.Out != "" {
			if err := makeOut(c.Out); err != nil {
				return err
			}
		}
		if c.Device == "cpu" {
			return c.predict(a)
		}
		return c.runGPU(ctx, a)
	}
	settings, err := c.settings()
	if err != nil {
		return err
	}
	settings.Logger = a.log
	dir := c.Out
	if dir == "" {
		if dir, err = os.MkdirTemp("", "autoamp-bench-"); err != nil {
			return err
		}
		defer os.RemoveAll(dir)
	}
	suite := speed.Experiment(bench.NewSuite(settings))
	outcomes, err := reproduce.Suite(ctx, []*reproduce.Experiment{suite}, reproduce.Settings{Dir: dir, Version: revision(), Logger: a.log})
	if errors.Is(err, context.Canceled) && c.Out != "" {
		return &interruptedError{err: err, resume: commandLine("bench suite", c.args())}
	}
	if err != nil {
		return err
	}
	if v := outcomes[0].Verdict; v.Reason != "" {
		return fmt.Errorf("bench: %s", v.Reason)
	}
	return writeTables(a, speed.Table(outcomes[0]), c.Out, "speed", c.JSON)
}

// args are the flags as a command line would repeat them, without the flags of the GPU.
func (c *benchSuiteCmd) args() []string {
	args := []string{"--out", c.Out, "--model", c.Model, "--p", ftoa(c.P), "--rounds", strconv.Itoa(c.Rounds), "--product", c.Product}
	for _, size := range c.Sizes {
		args = append(args, "--sizes", size)
	}
	for _, n := range c.Threads {
		args = append(args, "--threads", strconv.Itoa(n))
	}
	for _, python := range c.Python {
		args = append(args, "--python", python)
	}
	if c.JSON {
		args = append(args, "--json")
	}
	return args
}

func (c *benchSuiteCmd) settings() (bench.SuiteSettings, error) {
	s := bench.SuiteSettings{Model: c.Model, P: c.P, Threads: c.Threads, Rounds: c.Rounds, Python: c.Python, Product: c.Product, Open: c.open}
	if !(c.P > 0 && c.P <= 1) {
		return s, usagef("--p = %s: must be above 0 and at most 1", ftoa(c.P))
	}
	for _, n := range c.Threads {
		if err := checkThreads(n); err != nil {
			return s, err
		}
	}
	for _, size := range c.Sizes {
		d, b, ok := parseSize(size)
		if !ok {
			return s, usagef("--sizes = %q: must be like 100x100, dimension and batch", size)
		}
		s.Sizes = append(s.Sizes, [2]int{d, b})
	}
	return s, nil
}

func (c *benchSuiteCmd) open(threads int) (graph.Executor, error) {
	flags := deviceFlags{Device: "cpu", Precision: "fp32", Threads: &threads, Product: c.Product}
	return flags.open()
}

// parseSize reads "100x128".
func parseSize(s string) (dim, batch int, ok bool) {
	left, right, _ := strings.Cut(s, "x")
	dim, err1 := strconv.Atoi(left)
	batch, err2 := strconv.Atoi(right)
	c := train.Config{Model: train.ModelConfig{Dim: dim}, Batch: batch}
	return dim, batch, err1 == nil && err2 == nil && dim > 0 && batch > 0 && c.Validate() == nil
}

// table is a result that can be read by people too.
type table interface{ Markdown(w io.Writer) error }

// writeTables writes a result to standard output and, unless dir is empty, to NAME.md and NAME.json in it.
func writeTables(a *app, r table, dir, name string, asJSON bool) error {
	if dir != "" {
		if err := writeReport(dir, name, r); err != nil {
			return err
		}
	}
	if asJSON {
		return json.NewEncoder(a.stdout).Encode(r)
	}
	return r.Markdown(a.stdout)
}

// makeOut makes the directory of --out. A full disk is no bad usage.
func makeOut(dir string) error {
	err := durable.MkdirAll(durable.OS, dir)
	if err == nil {
		return nil
	}
	if err = fmt.Errorf("--out: %w", err); durable.Exhausted(err) {
		return err
	}
	return &usageError{err: err}
}

// writeReport writes a result for people and for programs, as NAME.md and NAME.json.
func writeReport(dir, name string, r table) error {
	var md strings.Builder
	if err := r.Markdown(&md); err != nil {
		return err
	}
	data, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	return errors.Join(
		durable.WriteBytes(durable.OS, filepath.Join(dir, name+".md"), []byte(md.String())),
		durable.WriteBytes(durable.OS, filepath.Join(dir, name+".json"), append(data, '\n')),
	)
}
