package kogler

import (
	"math"

	"autoamp/amp"
	"autoamp/datasets"
)

// imageLaw is what the theory needs to know of masked rows. Numbers are relative to E x².
//
// Behind a Haar encoder the best α of the decoder αBᵀ is the mean norm s = E‖x‖/√d times a number of the rate, and leaves
//
//	1 − κ·(1 − R_Gauss),   κ = (2ss′ − s²)/s₂′
//
// on rows with the mean norm s′ and the mean square s₂′: κ = s²/s₂ on the training rows.
type imageLaw struct {
	norms                            normCode
	concentration, heldConcentration float64 // κ of training rows and of held-out rows
	identity                         float64 // (E|x|)²/E x², the identity encoder's gain per bit
}

// lawRows is the number of masked training rows from which the law is taken.
const lawRows = 4096

// law measures masked rows, held-out ones as many as there are in whole batches.
func (r *imageRows) law(p float64, norms string, batch int) (*imageLaw, error) {
	m := newMasks(p, norms, 1, r.training.Cols, 1, lawPurpose)
	var all []float64
	absolute := 0.0
	rows, err := rowLaw(m, r.training, lawRows, func(row []float64) {
		all = append(all, m.norms[0])
		for _, x := range row {
			absolute += math.Abs(x) / float64(lawRows*len(row))
		}
	})
	if err != nil {
		return nil, err
	}
	held, err := rowLaw(m, r.heldOut, whole(r.heldOut.Len(), batch), nil)
	if err != nil {
		return nil, err
	}
	s, other := meanNorm(rows), meanNorm(held)
	return &imageLaw{
		norms: newNormCode(all), identity: math.Pow(absolute/rows.Scale(), 2),
		concentration: rows.Concentration(), heldConcentration: (2*s*other - s*s) / (held.Scale() * held.Scale()),
	}, nil
}

// rowLaw is the law of count rows of a table behind masks that are drawn one row at a time. visit sees each row; it may be nil.
func rowLaw(m *masks, t *datasets.Table, count int, visit func([]float64)) (*amp.RowLaw, error) {
	var failed error
	pick, wide := evenly(t, count), make([]float64, t.Cols)
	law, err := amp.NewRowLaw(func(yield func([]float64) bool) {
		for range count {
			if failed = m.draw(t, pick); failed != nil {
				return
			}
			for j, v := range m.rows {
				wide[j] = float64(v)
			}
			if visit != nil {
				visit(wide)
			}
			if !yield(wide) {
				return
			}
		}
	})
	if failed != nil {
		return nil, failed
	}
	return law, err
}

// whole is the number of rows in whole batches.
func whole(rows, batch int) int { return rows - rows%batch }

// meanNorm is E‖x‖/√d.
func meanNorm(l *amp.RowLaw) float64 { return math.Sqrt(l.Concentration()) * l.Scale() }
