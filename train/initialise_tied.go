package train

import (
	"context"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"autoamp/datasets"
	"autoamp/graph"
	"autoamp/kernels"
	"autoamp/train/config"
	"autoamp/train/internal/await"
)

// writeTied writes the dictionary of the data, and the start of a tied model that is not random.
func writeTied(ctx context.Context, runner graph.Runner, replicas []graph.Replica, c Config) error {
	var dictionary []float32
	if c.Data.IsDictionary() {
		var err error
		if dictionary, err = datasets.Dictionary(c.Data.Atoms, c.Model.Dim, c.Data.Dictionary); err != nil {
			return fmt.Errorf("train: %w", err)
		}
		for i := range replicas {
			if err := runner.Write(graph.DictionaryWeight, i, dictionary); err != nil {
				return fmt.Errorf("train: initialise: %w", err)
			}
		}
	}
	for _, seed := range seedsOf(replicas) {
		w, err := await.Result(ctx, func() ([]float32, error) { return tiedStart(c, dictionary, seed) })
		if err != nil {
			return err
		}
		if w == nil {
			continue
		}
		if err := writeSeed(runner, graph.EncoderWeight, w, replicas, seed); err != nil {
			return err
		}
	}
	return nil
}

// tiedStart is W of a seed; nil for a random start.
func tiedStart(c Config, dictionary []float32, seed uint64) ([]float32, error) {
	switch c.Model.Init {
	case config.InitPerturbed:
		return Perturb(dictionary, c.Model.Dim, c.Model.Delta, seed), nil
	case config.InitPrincipal:
		y := make([]float32, principalSamples*c.Model.Dim*c.Model.Dim)
		drawn, err := source(c, dictionary, seed)
		if err != nil {
			return nil, err
		}
		if err := drawn.Fill(y, 0); err != nil {
			return nil, fmt.Errorf("train: initialise: %w", err)
		}
		return Principal(y, c.Model.EncoderRows(), c.Model.Dim)
	}
	return nil, nil
}

// principalSamples times d is the number of samples behind the singular vectors.
const principalSamples = 10

// source is the training data of a law or of a dictionary model.
func source(c Config, dictionary []float32, seed uint64) (datasets.Source, error) {
	if dictionary == nil {
		law, err := datasets.NewLaw(c.Data.Name, c.Data.P[0], c.Data.MixtureMean)
		if err != nil {
			return nil, fmt.Errorf("train: %w", err)
		}
		return datasets.Synthetic(law, c.Model.Dim, seed, datasets.Training)
	}
	law, err := c.Data.CodeLaw()
	if err != nil {
		return nil, fmt.Errorf("train: %w", err)
	}
	return &datasets.Bilinear{
		Dictionary: dictionary, Atoms: c.Data.Atoms, Law: law, Noise: c.Data.Noise, Seed: seed, Stream: datasets.Training,
	}, nil
}

// Perturb returns W = A + δE for a dictionary A of rows of dim numbers; the entries of E are N(0, 1/dim), a function of the
// seed.
//
// Source: Nguyen, Wong, Hegde 2019, section 6.
func Perturb(dictionary []float32, dim int, delta float64, seed uint64) []float32 {
	e := append([]float32(nil), dictionary...)
	kernels.Normal(e, 0, float32(1/math.Sqrt(float64(dim))), kernels.Stream{Seed: seed, Stream: datasets.Initialisation})
	w := append([]float32(nil), dictionary...)
	kernels.Axpy(w, e, float32(delta))
	return w
}

// Principal returns the leading eigenvectors of YᵀY, (rows, dim) with rows ≤ dim, with the signs of the decomposition. The
// rows of y are the samples, dim numbers each. The vectors are the left singular vectors of the matrix whose columns are
// the samples.
func Principal(y []float32, rows, dim int) ([]float32, error) {
	if rows > dim {
		return nil, fmt.Errorf("train: init = principal: %d rows: the data have %d directions", rows, dim)
	}
	gram := make([]float32, dim*dim)
	ws := kernels.NewWorkspace(kernels.BestLevel())
	kernels.Gemm(ws, kernels.Product{
		M: dim, N: dim, K: len(y) / dim, Alpha: 1,
		A: kernels.Matrix{Data: y, Stride: dim, Trans: true},
		B: kernels.Matrix{Data: y, Stride: dim},
		C: kernels.Matrix{Data: gram, Stride: dim},
	})
	moments := mat.NewSymDense(dim, nil)
	for i := range dim {
		for j := i; j < dim; j++ {
			moments.SetSym(i, j, float64(gram[i*dim+j]))
		}
	}
	var eigen mat.EigenSym
	if !eigen.Factorize(moments, true) {
		return nil, fmt.Errorf("train: init = principal: the second moments of the data have no eigenvectors")
	}
	var vectors mat.Dense
	eigen.VectorsTo(&vectors) // ascending
	var w []float32
	for k := range rows {
		for i := range dim {
			w = append(w, float32(vectors.At(i, dim-1-k)))
		}
	}
	return w, nil
}

// coherence returns the coherence of the dictionary; nil for other data.
func coherence(c Config) *datasets.Coherence {
	if !c.Data.IsDictionary() {
		return nil
	}
	a, err := datasets.Dictionary(c.Data.Atoms, c.Model.Dim, c.Data.Dictionary)
	if err != nil {
		return nil
	}
	out := datasets.CoherenceOf(a, c.Data.Atoms)
	return &out
}
