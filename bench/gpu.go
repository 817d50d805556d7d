package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"slices"
	"time"

	"autoamp/graph"
)

// GPUSettings configures the speed suite of a GPU. Zero fields mean the stated default.
type GPUSettings struct {
	// Cells lists the places to measure. Nil means DefaultGPUCells.
	Cells []Cell
	// Precisions lists the precisions of autoamp. Nil means fp32, tf32, split. Ratios are relative to the first precision.
	Precisions []string
	// Contestants lists the contestants to measure, from GPUContestants. Nil means all.
	Contestants []string
	// Rounds is the number of turns of every contestant in a cell. Zero means 15.
	Rounds int
	// Patience ends a contestant's turns early, after at least three. Zero means 3 s.
	Patience time.Duration
	// PeerPatience ends a peer that gives no answer, compilation included. Zero means 3 min.
	PeerPatience time.Duration
	// Open returns autoamp's executor. GPU closes the executor if it is an io.Closer. Required.
	Open func(precision string) (graph.Executor, error)
	// Predict models a step on the device that an executor describes; nil for a device that it does not know. Nil means that
	// nothing is predicted.
	Predict func(device string) Predictor
	// Python lists the interpreters to look for torch and jax in. Nil means python3.
	Python []string
	// PeerDevice is the device of the peers: cuda, or cpu for a trial. Empty means cuda.
	PeerDevice string
	// Row is called after every row with all rows so far. Nil means that nobody is called.
	Row func(*GPUResult)
	// Logger receives a line for every contestant in every cell. Nil means that no line is written.
	Logger *slog.Logger
}

// DefaultGPUCells are the sizes of the table, from a model that fits a cache to one that fills the card,
// and many small models side by side.
func DefaultGPUCells() []Cell {
	return []Cell{
		{Dim: 100, Batch: 100}, {Dim: 100, Batch: 100, Replicas: 64}, {Dim: 100, Batch: 100, Replicas: 512},
		{Dim: 200, Batch: 128}, {Dim: 784, Batch: 256}, {Dim: 1024, Batch: 512},
		{Dim: 4096, Batch: 4096}, {Dim: 16384, Batch: 4096}, {Dim: 32768, Batch: 4096},
	}
}

// GPUContestants lists the names in the order of the table.
func GPUContestants() []string {
	names := []string{Autoamp}
	for _, p := range gpuPeers() {
		names = append(names, p.contestant)
	}
	return names
}

func (s GPUSettings) withDefaults() GPUSettings {
	if s.Cells == nil {
		s.Cells = DefaultGPUCells()
	}
	if s.Precisions == nil {
		s.Precisions = []string{"fp32", "tf32", "split"}
	}
	if s.Contestants == nil {
		s.Contestants = GPUContestants()
	}
	if s.Rounds == 0 {
		s.Rounds = 15
	}
	if s.Patience == 0 {
		s.Patience = 3 * time.Second
	}
	if s.PeerPatience == 0 {
		s.PeerPatience = 3 * time.Minute
	}
	if s.Python == nil {
		s.Python = []string{"python3"}
	}
	if s.PeerDevice == "" {
		s.PeerDevice = "cuda"
	}
	if s.Logger == nil {
		s.Logger = slog.New(slog.DiscardHandler)
	}
	return s
}

// GPURow is one contestant in one cell; autoamp has one for each precision.
type GPURow struct {
	Measurement
	Precision string `json:"precision,omitempty"` // autoamp's
	Predicted *Cost  `json:"predicted,omitempty"` // of autoamp on a known card
	Rates
}

// GPUResult is the table, with the machine and the versions behind it.
type GPUResult struct {
	Date     time.Time           `json:"date"`
	Machine  Machine             `json:"machine"`
	Versions map[string]string   `json:"versions"`
	Ceilings map[string]Ceilings `json:"ceilings"` // by precision; empty where the executor cannot measure them
	Rows     []GPURow            `json:"rows"`
}

// GPU measures every contestant in every cell, one after the other: the largest models leave no room
// for two. A contestant that is missing or fails is a row with its reason. If ctx ends, the rows so
// far are returned with its error.
func GPU(ctx context.Context, s GPUSettings) (*GPUResult, error) {
	s = s.withDefaults()
	r := &GPUResult{
		Date: time.Now().UTC().Truncate(time.Second), Machine: ThisMachine(), Versions: versions(), Ceilings: map[string]Ceilings{},
	}
	servers := &gpuServers{
		python: s.Python, device: s.PeerDevice, patience: s.PeerPatience, versions: r.Versions,
		running: map[string]*process{}, missing: map[string]error{},
	}
	defer servers.Close()
	for _, cell := range s.Cells {
		c := gpuCell{settings: s, cell: cell, servers: servers, result: r}
		if err := c.run(ctx); err != nil {
			return r, err
		}
	}
	return r, nil
}

// gpuCell measures one cell.
type gpuCell struct {
	settings    GPUSettings
	cell        Cell
	servers     *gpuServers
	result      *GPUResult
	elementwise float64 // milliseconds of a step without products
	flops       float64 // of a step's products
	own         float64 // milliseconds of autoamp's first row
}

func (c *gpuCell) run(ctx context.Context) error {
	if slices.Contains(c.settings.Contestants, Autoamp) {
		for _, precision := range c.settings.Precisions {
			if err := c.autoamp(ctx, precision); err != nil {
				return err
			}
		}
	}
	for _, peer := range gpuPeers() {
		if !slices.Contains(c.settings.Contestants, peer.contestant) {
			continue
		}
		row := GPURow{Measurement: Measurement{Cell: c.cell, Contestant: peer.contestant}}
		err := c.play(ctx, &row, func(ctx context.Context) (stepper, error) { return c.servers.start(ctx, peer, c.cell) })
		if err != nil {
			return err
		}
		row.Rates = work{flops: c.flops}.rates(row.Ms.Median, 0, Ceilings{})
		c.add(row)
	}
	return nil
}

// autoamp measures one precision. The first one measures the elementwise passes too.
func (c *gpuCell) autoamp(ctx context.Context, precision string) error {
	row := GPURow{Measurement: Measurement{Cell: c.cell, Contestant: Autoamp}, Precision: precision}
	exec, err := c.open(ctx, precision)
	if err != nil {
		row.Absent = err.Error()
		c.add(row)
		return ctx.Err()
	}
	defer closeExecutor(exec)
	var w work
	err = c.play(ctx, &row, func(context.Context) (stepper, error) {
		l, err := load(c.cell.config(), exec)
		if err != nil {
			return nil, err
		}
		w, c.flops = workOf(exec, l.program, l.replicas), float64(l.replicas)*l.program.Flops()
		row.Predicted, err = c.predict(exec, precision, l)
		return l, err
	})
	if err != nil {
		return err
	}
	if row.Absent == "" && c.elementwise == 0 {
		if c.elementwise, err = elementwiseMs(ctx, c.cell.config(), exec, 5); err != nil {
			c.settings.Logger.Warn("elementwise passes were not measured", "dim", c.cell.Dim, "err", err)
		}
	}
	if row.Absent == "" {
		row.Rates = w.rates(row.Ms.Median, c.elementwise, c.result.Ceilings[precision])
	}
	c.add(row)
	return ctx.Err()
}

// predict models the step on the executor's device; nil where nothing is known of the device.
func (c *gpuCell) predict(exec graph.Executor, precision string, l *loaded) (*Cost, error) {
	if c.settings.Predict == nil {
		return nil, nil
	}
	predictor := c.settings.Predict(exec.Device())
	if predictor == nil {
		return nil, nil
	}
	return predictor(precision, l.program, l.replicas)
}

// open opens the device and, the first time in a precision, measures its ceilings.
func (c *gpuCell) open(ctx context.Context, precision string) (graph.Executor, error) {
	exec, err := c.settings.Open(precision)
	if err != nil {
		return nil, err
	}
	if _, known := c.result.Ceilings[precision]; known {
		return exec, nil
	}
	c.result.Versions["device, "+precision] = exec.Device()
	best, err := ceilings(ctx, exec)
	if err != nil {
		return nil, errors.Join(err, closeExecutor(exec))
	}
	c.result.Ceilings[precision] = best
	return exec, nil
}

// play lets one contestant have all its turns. It returns an error of ctx only; it writes any other error into the row.
func (c *gpuCell) play(ctx context.Context, row *GPURow, start func(context.Context) (stepper, error)) error {
	one := contest{rounds: c.settings.Rounds, patience: c.settings.Patience}
	one.contestants = []*contestant{{Measurement: row.Measurement, start: start}}
	err := one.run(ctx)
	row.Measurement = one.results()[0]
	return err
}

// add completes a row and keeps it.
func (c *gpuCell) add(row GPURow) {
	row.Ratio = 0
	if row.Absent != "" {
		row.Rates = Rates{}
	} else if c.own == 0 && row.Contestant == Autoamp {
		c.own = row.Ms.Median
	}
	if row.Absent == "" && c.own > 0 {
		row.Ratio = row.Ms.Median / c.own
	}
	c.result.Rows = append(c.result.Rows, row)
	if c.settings.Row != nil {
		c.settings.Row(c.result)
	}
	c.settings.Logger.Info("measured", "dim", row.Dim, "batch", row.Batch, "replicas", max(1, row.Replicas),
		"contestant", row.name(), "ms", milliseconds(row.Measurement), "absent", row.Absent)
}

// name is the contestant with its precision.
func (r GPURow) name() string {
	if r.Precision == "" {
		return r.Contestant
	}
	return fmt.Sprintf("%s, %s", r.Contestant, r.Precision)
}

func closeExecutor(exec graph.Executor) error {
	if c, ok := exec.(io.Closer); ok {
		return c.Close()
	}
	return nil
}

// precisions lists the measured ones that have ceilings.
func (r *GPUResult) precisions() []string {
	var list []string
	for _, precision := range slices.Sorted(maps.Keys(r.Ceilings)) {
		if r.Ceilings[precision] != (Ceilings{}) {
			list = append(list, precision)
		}
	}
	return list
}
