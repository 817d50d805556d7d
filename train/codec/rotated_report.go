package codec

import (
	"context"
	"fmt"

	"autoamp/amp"
	"autoamp/train/codec/inference"
	"autoamp/train/codec/law"
	"autoamp/train/codec/rotation"
)

// LawReport is the law of a file.
type LawReport struct {
	Name       string  `json:"name"`
	P          float64 `json:"p,omitempty"`
	Mean       float64 `json:"mean,omitempty"`
	Divergence float64 `json:"divergence"` // from the sample, nats per coordinate
}

// RotatedReport is what is known of a file of codes by a rotation.
type RotatedReport struct {
	Rows     int       `json:"rows"`
	Dim      int       `json:"dim"`
	Bits     int       `json:"bits"` // of a row's code, n
	Side     int       `json:"side_bits"`
	Bytes    int64     `json:"bytes"` // of the file
	BitsPer  float64   `json:"bits_per_coordinate"`
	Rotation string    `json:"rotation"`
	Seed     uint64    `json:"seed"`
	Law      LawReport `json:"law"`
	// MeanSquare and Concentration are E e and (E √e)²/E e, e the mean square of a row's numbers.
	MeanSquare    float64 `json:"mean_square"`
	Concentration float64 `json:"concentration"`
	// Shannon is the least error of any code of as many bits for rows of this mean square and independent numbers; nil where the law
	// has no such bound.
	Shannon *float64 `json:"shannon"`
}

// report fills in what holds whatever the decoder.
func (h *RotatedHeader) report(e Energies) RotatedReport {
	r := RotatedReport{
		Rows: h.Rows, Dim: h.Dim(), Bits: h.Rotation.Bits, Side: 8 * h.Side.bytes(), Bytes: h.Size(),
		Rotation: h.Rotation.Kind.String(), Seed: h.Rotation.Seed, MeanSquare: e.Mean, Concentration: e.Concentration(),
		Law: LawReport{h.Law.Name, h.Law.P, h.Law.Mean, h.Law.Divergence},
	}
	r.BitsPer = 8 * float64(r.Bytes) / (float64(r.Rows) * float64(r.Dim))
	if h.Law.Name == law.Empirical {
		return r // its bins are no density
	}
	bits := float64(r.Bits+r.Side) / float64(r.Dim)
	if bound, err := amp.DistortionRateAt(h.Law.Prior(), bits); err == nil {
		least := bound.MSE * e.Mean
		r.Shannon = &least
	}
	return r
}

// EncodedReport is what encode prints: the error of each decoder, before anything is decoded.
type EncodedReport struct {
	RotatedReport

	Predicted map[string]float64 `json:"predicted_mse"`
	// Stderr are the predictions' standard errors, of those that are simulated.
	Stderr map[string]float64 `json:"predicted_stderr"`
}

// Report predicts the decoders' errors. It simulates with that many threads, 0 for one for each core. An error may be ctx's.
func (e *Encoded) Report(ctx context.Context, threads int) (*EncodedReport, error) {
	r := &EncodedReport{e.Header.report(e.Energies), map[string]float64{}, map[string]float64{}}
	b, err := rotation.New(e.Header.Rotation)
	if err != nil {
		return nil, fmt.Errorf("train: %w", err)
	}
	for _, m := range inference.Methods() {
		k, err := inference.New(b, e.Header.Law.Prior(), inference.Settings{Method: m})
		if err != nil {
			return nil, err
		}
		p, err := k.Predict(ctx, threads)
		if err != nil {
			return nil, err
		}
		r.Predicted[m.String()] = predicted(e.Header.Side, e.Energies, p, false)
		if p.Rows > 0 {
			r.Stderr[m.String()] = e.Energies.Mean * p.Stderr
		}
	}
	return r, nil
}

// normError is the relative variance of a stored norm, (ln 2/16)²/12.
const normError = 1.56e-4

// predicted is the error of rows from that of rows whose energies are as the law has them. With a = E⟨z, ẑ⟩/d and b = E‖ẑ‖²/d for a row
// z of mean square 1, and x̂ = g·ẑ,
//
//	E‖x − x̂‖²/d = E e·(1 − 2a + b)       g the row's norm √e
//	E‖x − x̂‖²/d = E e·(1 − ρ(2a − b))    g = E √e for all rows, ρ = (E √e)²/E e
//
// A posterior mean has a = b = 1 − mse, the unbiased linear estimate a = 1, b = 1/(1 − mse). Rows count by their energies in the first
// mean, and by their norms in a of the second: see inference.Prediction. Energies may vary more than the law's if they do so
// whatever the rows' shapes.
func predicted(side Side, e Energies, p *inference.Prediction, unbiased bool) float64 {
	norms, directions, power := p.Norms, p.NoNorms, 1-p.Norms
	if unbiased {
		power = 1 / (1 - p.Norms)
		norms, directions = power-1, power-1
	}
	if side.Norms {
		return e.Mean * (norms + power*normError)
	}
	return e.Mean * (1 - e.Concentration()*(1-directions))
}
