package bench

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"time"

	"autoamp/graph"
	"autoamp/train"
)

// PrecisionSettings configures the comparison of a device's precisions. Zero fields mean the stated default.
type PrecisionSettings struct {
	// Precisions lists them. Nil means fp32, tf32, split.
	Precisions []string
	// Sizes lists (d, b) of the denoisers to train. Nil means (200, 256) and (1024, 512).
	Sizes [][2]int
	// Steps is the length of their training. Zero means train.Config's default.
	Steps int
	// Seeds is the number of models of each, trained side by side. Zero means 4.
	Seeds int
	// Product is (d, b) of the products that are compared with float64, with codes as long as the data. Zero means (1024, 512).
	Product [2]int
	// Open returns an executor. Precision closes the executor if it is an io.Closer. Required.
	Open func(precision string) (graph.Executor, error)
	// Logger receives a line for every training. Nil means that no line is written.
	Logger *slog.Logger
}

func (s PrecisionSettings) withDefaults() PrecisionSettings {
	if s.Precisions == nil {
		s.Precisions = []string{"fp32", "tf32", "split"}
	}
	if s.Sizes == nil {
		s.Sizes = [][2]int{{200, 256}, {1024, 512}}
	}
	if s.Seeds == 0 {
		s.Seeds = 4
	}
	if s.Product == [2]int{} {
		s.Product = [2]int{1024, 512}
	}
	if s.Logger == nil {
		s.Logger = slog.New(slog.DiscardHandler)
	}
	return s
}

// PrecisionRow is the speed and the error of one precision.
type PrecisionRow struct {
	Precision string           `json:"precision"`
	Products  []ProductError   `json:"products"`
	Trained   []TrainedMeasure `json:"trained"`
}

// TrainedMeasure is the result of a training in some precision.
type TrainedMeasure struct {
	Dim           int     `json:"dim"`
	Batch         int     `json:"batch"`
	Steps         int     `json:"steps"`
	TestMSE       float64 `json:"test_mse"`
	TestMSEStderr float64 `json:"test_mse_stderr"`
	MsPerStep     float64 `json:"ms_per_step"` // of all seeds together
}

// PrecisionResult is the comparison, with the devices and the settings behind it.
type PrecisionResult struct {
	Date    time.Time         `json:"date"`
	Device  map[string]string `json:"device"` // by precision
	Product [2]int            `json:"product"`
	Seeds   int               `json:"seeds"`
	Rows    []PrecisionRow    `json:"rows"`
}

// Precision measures, in every precision, the error of each product of a step against float64, and
// the test error that a training with the same seeds ends at. If ctx ends, the rows so far are
// returned with its error.
func Precision(ctx context.Context, s PrecisionSettings) (*PrecisionResult, error) {
	s = s.withDefaults()
	r := &PrecisionResult{
		Date: time.Now().UTC().Truncate(time.Second), Device: map[string]string{}, Product: s.Product, Seeds: s.Seeds,
	}
	for _, precision := range s.Precisions {
		row, err := s.measure(ctx, precision, r.Device)
		if err != nil {
			return r, err
		}
		r.Rows = append(r.Rows, *row)
	}
	return r, nil
}

func (s PrecisionSettings) measure(ctx context.Context, precision string, device map[string]string) (*PrecisionRow, error) {
	exec, err := s.Open(precision)
	if err != nil {
		return nil, err
	}
	defer closeExecutor(exec)
	device[precision] = exec.Device()
	row := &PrecisionRow{Precision: precision}
	if row.Products, err = productErrors(exec, s.Product[1], s.Product[0], s.Product[0]); err != nil {
		return nil, err
	}
	for _, size := range s.Sizes {
		m, err := s.train(ctx, exec, size)
		if err != nil {
			return nil, err
		}
		row.Trained = append(row.Trained, *m)
		s.Logger.Info("trained", "precision", precision, "dim", m.Dim, "mse", m.TestMSE, "stderr", m.TestMSEStderr)
	}
	return row, nil
}

func (s PrecisionSettings) train(ctx context.Context, exec graph.Executor, size [2]int) (*TrainedMeasure, error) {
	c := train.Config{
		Model: train.ModelConfig{Dim: size[0]}, Batch: size[1], Steps: s.Steps, Seeds: Seeds(1, s.Seeds),
		Data: train.DataConfig{Name: "sparse-gaussian", P: []float64{0.4}},
	}.WithDefaults()
	trainer := train.Trainer{Config: c, Executor: exec}
	summary, err := trainer.Run(ctx)
	if err != nil {
		return nil, fmt.Errorf("bench: %w", err)
	}
	return &TrainedMeasure{
		Dim: size[0], Batch: size[1], Steps: c.Steps,
		TestMSE: summary.TestMSE, TestMSEStderr: summary.TestMSEStderr, MsPerStep: summary.MsPerStep,
	}, nil
}

// Markdown writes the comparison for people.
func (r *PrecisionResult) Markdown(w io.Writer) error {
	var s strings.Builder
	fmt.Fprintf(&s, "# Precisions of matrix products\n\n%s.\n", r.Date.Format("2 January 2006"))
	for _, precision := range slices.Sorted(maps.Keys(r.Device)) {
		fmt.Fprintf(&s, "- %s: %s\n", precision, r.Device[precision])
	}
	if len(r.Rows) > 0 {
		r.writeProducts(&s)
		r.writeTrained(&s)
	}
	_, err := io.WriteString(w, s.String())
	return err
}

func (r *PrecisionResult) writeProducts(s *strings.Builder) {
	fmt.Fprintf(s, "\n## Error of each product of a step, ‖C − AB‖/‖AB‖ against float64, at d = n = %d, batch %d\n\n| precision |", r.Product[0], r.Product[1])
	for i, row := range r.Rows {
		for _, p := range row.Products {
			if i == 0 {
				fmt.Fprintf(s, " %s |", p.Product)
			}
		}
		if i == 0 {
			fmt.Fprintf(s, "\n|---|%s\n", strings.Repeat("---|", len(row.Products)))
		}
		fmt.Fprintf(s, "| %s |", row.Precision)
		for _, p := range row.Products {
			fmt.Fprintf(s, " %.1e |", p.Error)
		}
		s.WriteString("\n")
	}
}

func (r *PrecisionResult) writeTrained(s *strings.Builder) {
	fmt.Fprintf(s, "\n## Test error after training the denoiser, sparse Gaussian data, p = 0.4, r = 1, %d seeds\n\n"+
		"| d, batch | steps | precision | test MSE ± s.e. | ms per step of all seeds |\n|---|---|---|---|---|\n", r.Seeds)
	for i := range r.Rows[0].Trained {
		for _, row := range r.Rows {
			m := row.Trained[i]
			fmt.Fprintf(s, "| %d, %d | %d | %s | %.5f ± %.5f | %s |\n", m.Dim, m.Batch, m.Steps, row.Precision, m.TestMSE, m.TestMSEStderr, fine(m.MsPerStep))
		}
	}
}
