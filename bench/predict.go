package bench

import (
	"fmt"
	"io"
	"strings"

	"autoamp/graph"
	"autoamp/train"
)

// Cost is the modelled cost of a step of all replicas on a card. Nothing in it is measured.
type Cost struct {
	Precision string  `json:"precision"` // the one that was asked for, or the one that auto chose
	Nodes     int     `json:"nodes"`     // launches of the step's CUDA graph
	Bytes     float64 `json:"bytes"`     // that the launches read and write, every operand once
	Flops     float64 `json:"flops"`     // that the matrix products execute
	// Ms is the time of the step. Low and High are its times on a card that is closer to its peaks, and farther from them.
	Ms   float64 `json:"predicted_ms"`
	Low  float64 `json:"predicted_low_ms"`
	High float64 `json:"predicted_high_ms"`
}

// Predictor models a step of a program.
type Predictor func(precision string, p *graph.Program, replicas int) (*Cost, error)

// StepPrediction is the modelled cost of a step, and what the step is. Its JSON is a contract with scripts.
type StepPrediction struct {
	Cost
	Card string `json:"card"`
	StepOf
}

// PredictStep models the step of a Config on a card, without a device.
func PredictStep(c train.Config, card, precision string, predict Predictor) (*StepPrediction, error) {
	c = c.WithDefaults()
	programs, err := train.Compile(c)
	if err != nil {
		return nil, err
	}
	cost, err := predict(precision, programs.Train, len(c.Replicas()))
	if err != nil {
		return nil, err
	}
	return &StepPrediction{Cost: *cost, Card: card, StepOf: stepOf(c)}, nil
}

// PredictedTable is the modelled cost of the steps of the suite of a GPU.
type PredictedTable struct {
	Card     string           `json:"card"`
	Measured bool             `json:"measured"` // false
	Rows     []StepPrediction `json:"rows"`
}

// PredictSuite models the cells and precisions of GPU on a card. Of the settings it uses these two.
func PredictSuite(s GPUSettings, card string, predict Predictor) (*PredictedTable, error) {
	s = s.withDefaults()
	t := &PredictedTable{Card: card}
	for _, cell := range s.Cells {
		for _, precision := range s.Precisions {
			row, err := PredictStep(cell.config(), card, precision, predict)
			if err != nil {
				return nil, fmt.Errorf("bench: d = %d: %w", cell.Dim, err)
			}
			t.Rows = append(t.Rows, *row)
		}
	}
	return t, nil
}

// Markdown writes the table for people.
func (t *PredictedTable) Markdown(w io.Writer) error {
	var s strings.Builder
	fmt.Fprintf(&s, "# Time of a training step, predicted, nothing measured\n\n"+
		"One online-SGD step of the denoising sign autoencoder on one %s by the model of cuda/predict.go:\n"+
		"fresh sparse Gaussian data (p = 0.4), forward, backward, Adam; r = 1. Milliseconds per step of all models together, and\n"+
		"the range from a card that is close to its peaks to one that is far from them. Ratio: relative to the first precision.\n\n"+
		"| d, batch (× models) | precision | nodes | MB | Gflop | predicted ms | range | ratio |\n|---|---|---|---|---|---|---|---|\n", t.Card)
	first := t.Rows[:0]
	for i, r := range t.Rows {
		if i == 0 || r.Dim != first[0].Dim || r.Batch != first[0].Batch || r.Replicas != first[0].Replicas {
			first = t.Rows[i:]
		}
		size := fmt.Sprintf("%d, %d", r.Dim, r.Batch)
		if r.Replicas > 1 {
			size += fmt.Sprintf(" × %d", r.Replicas)
		}
		fmt.Fprintf(&s, "| %s | %s | %d | %s | %s | %s | %s | %s× |\n", size, r.Precision, r.Nodes, digits(r.Bytes/1e6), digits(r.Flops/1e9),
			fine(r.Ms), r.between(), digits(r.Ms/first[0].Ms))
	}
	_, err := io.WriteString(w, s.String())
	return err
}

// between is the range of the time.
func (c Cost) between() string { return fine(c.Low) + "–" + fine(c.High) }
