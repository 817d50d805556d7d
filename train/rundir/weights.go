package rundir

import (
	"slices"

	"gonum.org/v1/gonum/mat"

	"autoamp/graph"
	"autoamp/train/matrix"
	"autoamp/train/program"
)

// LoadMatrices returns the matrices of a replica in the newest checkpoint of a run directory: the encoder B (n, d), its
// rows of unit length, and the linear decoder A (d, n). A is nil for a model without a linear decoder. A replica's number
// counts the seeds of the first p, then the seeds of the next p.
func LoadMatrices(dir string, replica int) (b, a *mat.Dense, err error) {
	checkpoint, err := Newest(dir)
	if err != nil {
		return nil, nil, err
	}
	weights, err := checkpoint.Weights(replica)
	if err != nil {
		return nil, nil, err
	}
	c := checkpoint.Config
	n, dim := c.Model.Code(), c.Model.Dim
	encoder := matrix.New(n, dim, weights[graph.EncoderWeight])
	matrix.NormaliseRows(encoder)
	if w, ok := weights[graph.DecoderWeight]; ok {
		a = matrix.Dense(matrix.New(dim, n, w))
	}
	return matrix.Dense(encoder), a, nil
}

// Weights reads the weights of a replica by name.
func (c *Checkpoint) Weights(replica int) (map[string][]float32, error) {
	tensors, err := program.Tensors(c.Config)
	if err != nil {
		return nil, err
	}
	weights := map[string][]float32{}
	keep := func(b graph.Buffer, values []float32) error {
		if b.Kind == graph.Weight {
			weights[b.Name] = slices.Clone(values)
		}
		return nil
	}
	return weights, c.LoadTensors(replica, tensors, keep)
}
