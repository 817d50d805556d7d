package train

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"

	"autoamp/graph"
	"autoamp/train/matrix"
)

// structureEvery is the number of steps between measurements of structure. It is a multiple of the steps between
// checkpoints, and so large that the measurements take less than a hundredth of a run. The last step always has a
// measurement. A measurement takes as long as about 12·min(n, d)/batch updates of the same model on one thread (1.1 ms at
// n = d = 100, 47 ms at 400).
func structureEvery(c Config) int {
	updates := 12 * float64(min(c.Model.Code(), c.Model.Dim)) / math.Max(1, float64(c.Batch))
	if c.Alternating() {
		updates = 3 // at p = 1; masks are dearer
	}
	affordable := 0.01 * float64(c.Steps) / math.Max(updates, 1)
	checkpoints := float64(c.Steps) / float64(c.Checkpoint.Every)
	if affordable < 2 {
		return c.Steps // the last step alone
	}
	return c.Checkpoint.Every * int(math.Ceil(checkpoints/affordable))
}

// structureDue says whether structure.csv and event files have rows after a step.
func (r *run) structureDue(step int) bool {
	return (r.dir != nil || r.events != nil) && (step == r.config.Steps || step%structureEvery(r.config) == 0)
}

// shape measures every replica, for the summary and for structure.csv.
func (r *run) shape() error {
	r.shapes = r.shapes[:0]
	for i := range r.replicas {
		s, err := r.shapeOf(i)
		if err != nil {
			return err
		}
		r.shapes = append(r.shapes, s)
	}
	return nil
}

// recordShape is shape with rows in structure.csv.
func (r *run) recordShape() error {
	if err := r.shape(); err != nil {
		return err
	}
	for i, s := range r.shapes {
		if r.structure != nil {
			if err := r.structure.Line(s.Fields(r.step(), i, r.replicas[i])); err != nil {
				return fmt.Errorf("train: structure: %w", err)
			}
		}
		if err := r.recordWeights(s, i); err != nil {
			return err
		}
	}
	return nil
}

// shapeOf measures one replica.
func (r *run) shapeOf(replica int) (Structure, error) {
	b, a, err := r.matrices(replica)
	if err != nil {
		return Structure{}, err
	}
	return MeasureStructure(b, a)
}

// matrices are the encoder B (n, d) of a replica, its rows not normalised, and the decoder A (d, n), nil where no such matrix decodes.
func (r *run) matrices(replica int) (b, a mat.Matrix, err error) {
	n, d := r.config.Model.EncoderRows(), r.config.Model.Dim
	if b, err = r.weight(graph.EncoderWeight, replica, n, d); err != nil {
		return nil, nil, err
	}
	switch {
	case r.hasWeight(graph.DecoderWeight):
		if a, err = r.weight(graph.DecoderWeight, replica, d, n); err != nil {
			return nil, nil, err
		}
	case r.hasWeight(graph.DecoderScale):
		a = b.T() // up to α, which the distance is free in
		if r.config.Model.Encoder == "trained" {
			a = newUnitRows(b).T()
		}
	}
	return b, a, nil
}

func (r *run) hasWeight(name string) bool {
	return slices.ContainsFunc(r.tensors, func(b graph.Buffer) bool { return b.Kind == graph.Weight && b.Name == name })
}

// weight is a matrix of one replica, valid until the next update.
func (r *run) weight(name string, replica, rows, cols int) (mat.Matrix, error) {
	values, err := r.view(name, replica, rows*cols)
	if err != nil {
		return nil, fmt.Errorf("train: structure: read %s: %w", name, err)
	}
	return matrix.Narrow(matrix.New(rows, cols, values)), nil
}

// view is a tensor of one replica, in the algorithm's own memory where that can be had.
func (r *run) view(name string, replica, size int) ([]float32, error) {
	if d, ok := r.algorithm.(descent); ok {
		if viewer, ok := d.Runner.(graph.Viewer); ok {
			return viewer.View(name, replica, size)
		}
	}
	values := make([]float32, size)
	return values, r.algorithm.Read(name, replica, values)
}
