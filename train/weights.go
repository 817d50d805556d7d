package train

import (
	"slices"

	"gonum.org/v1/gonum/blas/blas32"
	"gonum.org/v1/gonum/mat"

	"autoamp/graph"
)

// LoadMatrices returns what the newest checkpoint of a run directory holds of a replica: the encoder B (n, d), its rows of
// unit length, and the linear decoder A (d, n), nil for a model without one. A replica's number counts the seeds of the
// first p, then those of the next.
func LoadMatrices(dir string, replica int) (b, a *mat.Dense, err error) {
	checkpoint, err := newest(dir)
	if err != nil {
		return nil, nil, err
	}
	weights, err := checkpoint.loadWeights(replica)
	if err != nil {
		return nil, nil, err
	}
	c := checkpoint.config
	n, dim := c.Model.Code(), c.Model.Dim
	encoder := matrix(n, dim, weights[graph.EncoderWeight])
	normaliseRows(encoder)
	if w, ok := weights[graph.DecoderWeight]; ok {
		a = dense(matrix(dim, n, w))
	}
	return dense(encoder), a, nil
}

// loadWeights reads the weights of a replica by name.
func (c *checkpoint) loadWeights(replica int) (map[string][]float32, error) {
	programs, err := compile(c.config, nil)
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
	return weights, c.loadTensors(replica, programs.Train.Tensors(), keep)
}

// dense is a float32 matrix in float64.
func dense(m blas32.General) *mat.Dense {
	out := mat.NewDense(m.Rows, m.Cols, nil)
	for i := range m.Rows {
		for j := range m.Cols {
			out.Set(i, j, float64(m.Data[i*m.Stride+j]))
		}
	}
	return out
}
