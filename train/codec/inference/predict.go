package inference

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"

	"autoamp/kernels"
	"autoamp/train/codec/rotation"
)

// Prediction is the error that a decoder will have on rows of independent numbers of its law, per coordinate and for a mean square of 1
// on average. A row is x = √e·z, z of mean square 1, and ẑ the estimate from its code.
type Prediction struct {
	// Norms is E[e·‖z − ẑ‖²]/(d·E e), the error where the norm √e of each row is known.
	Norms float64
	// NoNorms is 1 − (2·E[√e·⟨z, ẑ⟩]/E√e − E‖ẑ‖²)/d. Where all rows are given the norm E√e their error is E e − (E√e)²·(1 − NoNorms).
	NoNorms float64
	// Stderr is the standard error of NoNorms. It is 0 where nothing was simulated.
	Stderr float64
	// Rows is the number of simulated rows.
	Rows int
}

// The bounds of a simulation. It ends where the standard error is a share enough of the error.
const (
	enough           = 0.002
	simulatedRows    = 1 << 14
	simulatedNumbers = 1 << 22
	// simulatedProducts bounds numbers times iterations.
	simulatedProducts = 1 << 26
	// simulatedBatch is in numbers.
	simulatedBatch = 1 << 18
	// largestSimulated is the d beyond which the state evolution's limit is out by less than a simulation's own error: about 0.4 %, since
	// the worst law and rate of train/codec/README.md are out by 0.8 % at half of it.
	largestSimulated = 1 << 13
	simulationSeed   = 0x5eed
)

// Predict predicts the decoder's error before it has seen a code. For linear and denoiser that is MSE. RI-GAMP's and VAMP's limits miss
// a correction of order 1/d that nobody knows; Predict decodes synthetic rows of the law. At finite d their
// energies tell of their shape (a row of more non-zeros has more energy, and a larger error), and the errors of rows vary, near the
// rate from which on AMP finds the data so much that their mean is not the error of a mean row.
//
// The rows go through the decoder's own rotation, if it is fast, and otherwise through a fast one of the same shape, which does as well
// (autoamp reproduce amp-universality). They are a function of law and shape, whatever the number of threads, 0 for all cores. The
// simulation takes as long as decoding four million numbers, or less. The error is ctx's.
func (d *Decoder) Predict(ctx context.Context, threads int) (*Prediction, error) {
	_, dim := d.rotation.Dims()
	if d.second == nil || dim > largestSimulated {
		return &Prediction{Norms: d.mse, NoNorms: d.mse}, nil
	}
	s, err := d.newSimulation()
	for err == nil && !s.done() {
		err = s.batch(ctx, threads)
	}
	if err != nil {
		return nil, fmt.Errorf("train: predict: %w", err)
	}
	return s.prediction(), nil
}

// simulation holds what is known of the rows so far.
type simulation struct {
	decoder *Decoder
	dim     int
	most    int // rows
	// norm is √e, overlap ⟨z, ẑ⟩/d, power ‖ẑ‖²/d of each row.
	norm, overlap, power []float64
}

func (d *Decoder) newSimulation() (*simulation, error) {
	n, dim := d.rotation.Dims()
	twin := *d
	if spec := d.rotation.Spec(); spec.Kind == rotation.Haar {
		b, err := rotation.New(rotation.Spec{Kind: rotation.Hadamard, Bits: n, Dim: dim, Seed: spec.Seed})
		if err != nil {
			return nil, err
		}
		twin.rotation = b
	}
	numbers := min(simulatedNumbers, simulatedProducts/d.Iterations())
	return &simulation{decoder: &twin, dim: dim, most: min(simulatedRows, max(2, numbers/dim))}, nil
}

// done looks at the first batch's standard error too: it has two rows or more.
func (s *simulation) done() bool {
	rows := len(s.norm)
	if rows < 2 {
		return false
	}
	p := s.prediction()
	return rows >= s.most || p.Stderr <= enough*p.NoNorms
}

// batch draws, encodes and decodes some rows.
func (s *simulation) batch(ctx context.Context, threads int) error {
	count := min(s.most-len(s.norm), max(2, simulatedBatch/s.dim))
	x := s.draw(count)
	codes := s.decoder.rotation.Codes(x)
	estimate := make([]float32, len(x))
	if _, err := s.decoder.Batch(ctx, estimate, codes, threads); err != nil {
		return err
	}
	for i := 0; i < len(x); i += s.dim {
		row, own := x[i:][:s.dim], estimate[i:][:s.dim]
		norm, overlap := math.Sqrt(kernels.Dot(row, row)/float64(s.dim)), 0.0
		if norm > 0 {
			overlap = kernels.Dot(row, own) / (norm * float64(s.dim))
		}
		s.norm, s.overlap, s.power = append(s.norm, norm), append(s.overlap, overlap), append(s.power, kernels.Dot(own, own)/float64(s.dim))
	}
	return nil
}

// draw draws the next rows; row k is a function of k.
func (s *simulation) draw(count int) []float32 {
	x := make([]float32, count*s.dim)
	for i := range count {
		r := rand.New(rand.NewPCG(simulationSeed, uint64(len(s.norm)+i)))
		for j := range s.dim {
			x[i*s.dim+j] = float32(s.decoder.law.Sample(r))
		}
	}
	return x
}

// prediction is the mean over the rows so far.
func (s *simulation) prediction() *Prediction {
	rows := float64(len(s.norm))
	var norm, square, weighted, power, scaled float64
	for i, g := range s.norm {
		norm += g / rows
		square += g * g / rows
		weighted += g * s.overlap[i] / rows
		power += s.power[i] / rows
		scaled += g * g * (1 - 2*s.overlap[i] + s.power[i]) / rows
	}
	mean, spread := weighted/norm, 0.0
	for i, g := range s.norm {
		e := 2*g/norm*(s.overlap[i]-mean) - (s.power[i] - power)
		spread += e * e / rows
	}
	return &Prediction{Norms: scaled / square, NoNorms: 1 - (2*mean - power), Stderr: math.Sqrt(spread / (rows - 1)), Rows: len(s.norm)}
}
