package kogler

import (
	"math"

	"autoamp/amp"
)

// imageLaw is what the theory needs to know of masked training rows.
type imageLaw struct {
	norms         normCode
	concentration float64 // κ = (E‖x‖)²/E‖x‖²
	identity      float64 // (E|x|)², the identity encoder's gain per bit
	square        float64 // E x²
	rows          *amp.RowLaw
	directions    *amp.Empirical // the law of a coordinate of x√d/‖x‖ where rows are drawn in proportion to ‖x‖²
}

// lawRows is the number of masked rows from which the law is taken.
const lawRows = 4096

// law measures masked training rows.
func (r *imageRows) law(p float64) (*imageLaw, error) {
	d := r.training.Cols
	m := newMasks(p, false, lawRows, d, 1, lawPurpose)
	if err := m.draw(r.training, evenly(r.training, lawRows)); err != nil {
		return nil, err
	}
	wide := make([]float64, len(m.rows))
	l := &imageLaw{norms: newNormCode(m.norms)}
	for i, v := range m.rows {
		wide[i] = float64(v)
		l.identity += math.Abs(wide[i]) / float64(len(wide))
		l.square += wide[i] * wide[i] / float64(len(wide))
	}
	l.identity *= l.identity
	return l, l.fit(wide, m.norms)
}

// fit takes the two laws of a coordinate from rows and their norms.
func (l *imageLaw) fit(rows, norms []float64) (err error) {
	d := len(rows) / len(norms)
	l.rows, err = amp.NewRowLaw(func(yield func([]float64) bool) {
		for i := range norms {
			if !yield(rows[i*d:][:d]) {
				return
			}
		}
	})
	if err != nil {
		return err
	}
	l.concentration = l.rows.Concentration()
	l.directions, err = amp.NewEmpirical(directions(rows, norms), 0)
	return err
}

// directions are the rows x√d/‖x‖ at even steps of the running sum of ‖x‖², a quarter as many as there are rows.
func directions(rows, norms []float64) []float64 {
	d, total := len(rows)/len(norms), 0.0
	for _, n := range norms {
		total += n * n
	}
	var out []float64
	step := 4 * total / float64(len(norms))
	sum, next := 0.0, step/2
	for i, n := range norms {
		for sum += n * n; sum > next; next += step {
			for _, x := range rows[i*d:][:d] {
				out = append(out, x/n)
			}
		}
	}
	return out
}

// denoiser is the error of a Haar encoder with the best denoiser. Where the decoder knows a row's norm s, its error is
// s²(z − f)² with z = x/s: the error of z under the law of rows that are drawn in proportion to s².
func (l *imageLaw) denoiser(rate float64, norms bool) float64 {
	if !norms {
		return l.square * l.rows.DenoiserMSE(rate)
	}
	mu, sigma2 := amp.HaarChannel(rate)
	return l.square * l.directions.MMSE(sigma2/(mu*mu))
}
