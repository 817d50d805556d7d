package bench

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"autoamp/graph"
)

// DefaultSizes are the five sizes (d, b) of the speed table.
func DefaultSizes() [][2]int {
	return [][2]int{{100, 100}, {200, 128}, {784, 256}, {1024, 512}, {2048, 1024}}
}

// SuiteSettings configures the speed suite. Zero fields mean the stated default.
type SuiteSettings struct {
	// Model is denoiser or rigamp, the decoder of eq. (22) with all of its parameters trained.
	// PyTorch has no hand-written step for rigamp. Empty means denoiser.
	Model string
	// Sizes lists (d, b). Nil means DefaultSizes.
	Sizes [][2]int
	// P is the share of the data that is not zero. Zero means 0.4.
	P float64
	// Threads lists numbers of threads. Nil means 1 and 2.
	Threads []int
	// Rounds is the number of turns that every contestant gets in a cell. Zero means 15.
	Rounds int
	// Patience ends a contestant's turns early, after at least three. Zero means 20 s.
	Patience time.Duration
	// Product names the matrix products of the executors that Open returns, so that measurements with other products are not
	// taken for these.
	Product string
	// Open returns autoamp's executor. Required.
	Open func(threads int) (graph.Executor, error)
	// Python lists the interpreters to look for torch in. Nil means python3 and
	// /usr/bin/python3, where Debian's python3-torch lives.
	Python []string
	// Logger receives a line for every cell. Nil means that no line is written.
	Logger *slog.Logger
}

func (s SuiteSettings) withDefaults() SuiteSettings {
	if s.Model == "" {
		s.Model = "denoiser"
	}
	if s.Sizes == nil {
		s.Sizes = DefaultSizes()
	}
	if s.P == 0 {
		s.P = 0.4
	}
	if s.Threads == nil {
		s.Threads = []int{1, 2}
	}
	if s.Rounds == 0 {
		s.Rounds = 15
	}
	if s.Patience == 0 {
		s.Patience = 20 * time.Second
	}
	if s.Python == nil {
		s.Python = Pythons()
	}
	if s.Logger == nil {
		s.Logger = slog.New(slog.DiscardHandler)
	}
	return s
}

// The contestants' names.
const (
	Autoamp     = "autoamp"
	TorchEager  = "torch eager"
	TorchHand   = "torch hand-written"
	TapeMachine = "gorgonia TapeMachine"
)

// Contestants lists them in the order of the table: after autoamp the fastest peer first.
func Contestants() []string { return []string{Autoamp, TorchHand, TorchEager, TapeMachine} }

// SuiteResult is the table, with the machine and the versions behind it.
type SuiteResult struct {
	Date     time.Time         `json:"date"`
	Machine  Machine           `json:"machine"`
	Versions map[string]string `json:"versions"`
	Results  []Measurement     `json:"results"`
	Replicas []ReplicaResult   `json:"replicas"`
}

// Suite measures a step of autoamp beside its peers, a cell of the table at a time.
type Suite struct {
	settings SuiteSettings
	search   sync.Once
	python   string // that can import torch, once it was searched for
	noTorch  error
	blas     blasChoice // of that Python's torch
}

// NewSuite returns the suite of some settings.
func NewSuite(s SuiteSettings) *Suite { return &Suite{settings: s.withDefaults()} }

// Settings returns the settings of the suite, with the defaults filled in.
func (s *Suite) Settings() SuiteSettings { return s.settings }

// Cells are the places of the table, in order.
func (s *Suite) Cells() []Cell {
	var cells []Cell
	for _, threads := range s.settings.Threads {
		for _, size := range s.settings.Sizes {
			cells = append(cells, Cell{Model: s.settings.Model, Dim: size[0], Batch: size[1], P: s.settings.P, Threads: threads})
		}
	}
	return cells
}

// warmUp is the longest start of a turn that does not count. A contestant that is slower than this runs once in a turn.
const warmUp = 250 * time.Millisecond

// Contest measures every contestant in a cell. They take turns, each time in another order. A turn ends when two successive runs are
// alike, and the last one counts. A contestant that is missing or fails is reported as absent.
func (s *Suite) Contest(ctx context.Context, cell Cell) ([]Measurement, error) {
	c := &contest{rounds: s.settings.Rounds, patience: s.settings.Patience, warmUp: warmUp}
	for _, name := range Contestants() {
		p := &contestant{Measurement: Measurement{Cell: cell, Contestant: name}}
		p.start = func(ctx context.Context) (stepper, error) { return s.start(ctx, &p.Measurement) }
		c.contestants = append(c.contestants, p)
	}
	if err := c.run(ctx); err != nil {
		return nil, err
	}
	s.settings.Logger.Info("measured", "dim", cell.Dim, "batch", cell.Batch, "threads", cell.Threads, "ms", c.summary())
	return c.results(), nil
}

// torch is the Python that can import torch. The kernels of its OpenBLAS are chosen when it is found.
func (s *Suite) torch(ctx context.Context) (string, error) {
	s.search.Do(func() {
		s.python, s.noTorch = findTorch(ctx, s.settings.Python)
		if s.noTorch == nil {
			s.blas, s.noTorch = chooseBLAS(ctx, torchProduct(s.python))
		}
		if s.noTorch != nil {
			s.settings.Logger.Warn("torch is absent", "err", s.noTorch)
			return
		}
		s.settings.Logger.Info("torch's products", "by", s.blas)
	})
	return s.python, s.noTorch
}

// start starts a contestant and notes its version.
func (s *Suite) start(ctx context.Context, m *Measurement) (stepper, error) {
	mode := ""
	switch m.Contestant {
	case Autoamp:
		exec, err := s.settings.Open(m.Threads)
		if err != nil {
			return nil, err
		}
		m.Version = exec.Device()
		return load(m.config(), exec)
	case TapeMachine:
		m.Version = gorgoniaVersion()
		return newTapeMachine(m.config(), m.Threads)
	case TorchEager:
		mode = "eager"
	case TorchHand:
		if mode = "hand"; m.model() != "denoiser" {
			return nil, fmt.Errorf("there is no hand-written step of %s", m.model())
		}
	}
	python, err := s.torch(ctx)
	if err != nil {
		return nil, err
	}
	t, err := startTorch(ctx, python, mode, m.Cell, s.blas.env...)
	if err != nil {
		return nil, err
	}
	m.Version, m.BLAS = t.about.String(), s.blas.String()
	return t, nil
}
