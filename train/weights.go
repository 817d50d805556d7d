package train

import (
	"fmt"
	"slices"

	"gonum.org/v1/gonum/blas/blas32"
	"gonum.org/v1/gonum/mat"

	"autoamp/graph"
)

// LoadMatrices returns what the newest checkpoint of a run directory holds of a replica: the encoder B (n, d), its rows of
// unit length, and the linear decoder A (d, n), nil for a model without one. A replica's number counts the seeds of the
// first p, then those of the next.
func LoadMatrices(dir string, replica int) (b, a *mat.Dense, err error) {
	d := &directory{path: dir}
	c, err := Load(d.file(configFile))
	if err != nil {
		return nil, nil, err
	}
	c = c.WithDefaults()
	checkpoints, err := listCheckpoints(d.file(checkpointFolder))
	if err != nil {
		return nil, nil, err
	}
	if len(checkpoints) == 0 {
		return nil, nil, fmt.Errorf("train: %s: holds no checkpoint", dir)
	}
	weights, err := loadWeights(checkpoints[len(checkpoints)-1], c, replica)
	if err != nil {
		return nil, nil, err
	}
	n, dim := c.Model.Code(), c.Model.Dim
	encoder := matrix(n, dim, weights[graph.EncoderWeight])
	normaliseRows(encoder)
	if w, ok := weights[graph.DecoderWeight]; ok {
		a = dense(matrix(dim, n, w))
	}
	return dense(encoder), a, nil
}

// loadWeights reads the weights of a replica by name.
func loadWeights(checkpoint string, c Config, replica int) (map[string][]float32, error) {
	s, err := loadState(checkpoint, len(c.Replicas()))
	if err != nil {
		return nil, err
	}
	programs, err := compile(c.WithDefaults(), nil)
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
	return weights, loadTensors(checkpoint, s, replica, programs.Train.Tensors(), keep)
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
