package bench

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"time"

	"autoamp/graph"
	"autoamp/train"
)

// GPUSettings configures the speed suite of a GPU. Zero fields mean the stated default.
type GPUSettings struct {
	// Precisions lists the precisions of products. Nil means fp32, tf32 and split.
	Precisions []string
	// Sizes lists (d, b) of one model. Nil means DefaultGPUSizes.
	Sizes [][2]int
	// Models lists how many models of d = b = 100 step side by side. Nil means 64 and 512.
	Models []int
	// Repetitions is the number of timed chunks of a cell, see StepSettings. Zero means 40.
	Repetitions int
	// Open returns the executor of a precision, which is closed if it can be. Required.
	Open func(precision string) (graph.Executor, error)
	// GPU measures the device of an executor and a runner of it. Required.
	GPU func(graph.Executor, graph.Runner) (*GPUSpeed, error)
	// Logger receives a line for every cell. Nil means nobody.
	Logger *slog.Logger
}

// DefaultGPUSizes are the sizes (d, b) of the GPU's speed table: from launches of microseconds to a card full of weights.
func DefaultGPUSizes() [][2]int {
	return [][2]int{{100, 100}, {200, 128}, {784, 256}, {1024, 512}, {4096, 4096}, {16384, 4096}, {32768, 4096}}
}

func (s GPUSettings) withDefaults() GPUSettings {
	if s.Precisions == nil {
		s.Precisions = []string{"fp32", "tf32", "split"}
	}
	if s.Sizes == nil {
		s.Sizes = DefaultGPUSizes()
	}
	if s.Models == nil {
		s.Models = []int{64, 512}
	}
	if s.Logger == nil {
		s.Logger = slog.New(slog.DiscardHandler)
	}
	return s
}

// GPUCell is one place of the GPU's table.
type GPUCell struct {
	Precision string `json:"precision"`
	Dim       int    `json:"dim"`
	Batch     int    `json:"batch"`
	Models    int    `json:"models"`
	// Step is the measurement; nil where Absent says why there is none.
	Step   *StepResult `json:"step,omitempty"`
	Absent string      `json:"absent,omitempty"`
}

// GPUResult is the GPU's table with everything needed to read it.
type GPUResult struct {
	Date     time.Time         `json:"date"`
	Machine  Machine           `json:"machine"`
	Versions map[string]string `json:"versions"`
	Device   string            `json:"device"`
	Cells    []GPUCell         `json:"cells"`
}

// GPUSuite measures the denoiser's step (r = 1, sparse Gaussian data) in every cell. One that fails, because it does not fit
// for instance, is reported as absent.
func GPUSuite(ctx context.Context, s GPUSettings) (*GPUResult, error) {
	s = s.withDefaults()
	r := &GPUResult{Date: time.Now().UTC().Truncate(time.Second), Machine: machine(), Versions: versions()}
	for _, precision := range s.Precisions {
		exec, err := s.Open(precision)
		if err != nil {
			return nil, err
		}
		r.Device, _, _ = strings.Cut(exec.Device(), ", "+precision)
		for _, cell := range s.cells(precision) {
			cell.measure(ctx, s, exec)
			if ctx.Err() != nil {
				break
			}
			r.Cells = append(r.Cells, cell)
			s.Logger.Info("measured", "precision", precision, "dim", cell.Dim, "models", cell.Models, "ms", cell.milliseconds())
		}
		if c, ok := exec.(io.Closer); ok {
			if err := c.Close(); err != nil {
				return nil, err
			}
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// cells lists the cells of one precision.
func (s GPUSettings) cells(precision string) []GPUCell {
	var list []GPUCell
	for _, size := range s.Sizes {
		list = append(list, GPUCell{Precision: precision, Dim: size[0], Batch: size[1], Models: 1})
	}
	for _, models := range s.Models {
		list = append(list, GPUCell{Precision: precision, Dim: 100, Batch: 100, Models: models})
	}
	return list
}

func (c *GPUCell) measure(ctx context.Context, s GPUSettings, exec graph.Executor) {
	var err error
	c.Step, err = Step(ctx, StepSettings{
		Config: train.Config{
			Model: train.ModelConfig{Name: "denoiser", Dim: c.Dim},
			Data:  train.DataConfig{Name: "sparse-gaussian", P: []float64{0.4}},
			Batch: c.Batch, Seeds: Seeds(1, c.Models),
		},
		Executor: exec, Repetitions: s.Repetitions,
		GPU: func(r graph.Runner) (*GPUSpeed, error) { return s.GPU(exec, r) },
	})
	if err != nil {
		c.Step, c.Absent = nil, err.Error()
	}
}

func (c *GPUCell) milliseconds() string {
	if c.Step == nil {
		return "absent"
	}
	return digits(c.Step.MsPerStep)
}

// Markdown writes the table for people.
func (r *GPUResult) Markdown(w io.Writer) error {
	var s strings.Builder
	fmt.Fprintf(&s, "# Time of a training step on a GPU\n\n"+
		"One online-SGD step of the denoising sign autoencoder: fresh sparse Gaussian data (p = 0.4), forward, backward, Adam; r = 1.\n"+
		"Milliseconds per step of all models together: median (10th to 90th percentile). TFLOP/s are those of the products that are executed,\n"+
		"over the whole step, and then over the products alone with their share of a large product's rate; GB/s are those of everything\n"+
		"else with their share of a large copy's. The last two are measured instruction by instruction, outside of a graph.\n\n")
	fmt.Fprintf(&s, "%s; %s, %d cores, %s/%s; %s.\n\n", r.Device, r.Machine.CPU, r.Machine.Cores, r.Machine.OS, r.Machine.Arch, r.Date.Format("2 January 2006"))
	fmt.Fprintf(&s, "| precision | d, batch | models | ms per step | TFLOP/s | in products | other passes, GB/s |\n|---|---|---|---|---|---|---|\n")
	for _, c := range r.Cells {
		fmt.Fprintf(&s, "| %s | %d, %d | %d | %s\n", c.Precision, c.Dim, c.Batch, c.Models, c.markdown())
	}
	_, err := io.WriteString(w, s.String())
	return err
}

// markdown is a row from its fourth column on.
func (c *GPUCell) markdown() string {
	if c.Step == nil {
		return "absent: " + c.Absent + " | | | |"
	}
	g := c.Step.GPU
	return fmt.Sprintf("%s (%s–%s) | %s | %s (%.0f %%) | %s (%.0f %%) |", digits(c.Step.MsPerStep), digits(c.Step.P10), digits(c.Step.P90),
		digits(c.Step.GFLOPS/1e3), digits(g.InProductsGFLOPS/1e3), 100*g.InProductsGFLOPS/g.ProductGFLOPS,
		digits(g.PassesGBs), 100*g.PassesGBs/g.CopyGBs)
}
