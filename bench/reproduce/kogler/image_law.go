package kogler

import (
	"math"

	"autoamp/amp"
	"autoamp/datasets"
)

// imageLaw is what the theory needs to know of masked rows. Numbers are relative to E x².
//
// Behind a Haar encoder the best α of the decoder αBᵀ is the mean norm s = E‖x‖/√d of all training rows times a number of the rate,
// and leaves
//
//	1 − κ·(1 − R_Gauss),   κ = (2ss′ − s²)/s₂′
//
// on rows with the mean norm s′ and the mean square s₂′: κ = s²/s₂ on all training rows.
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
	s := meanNorm(rows)
	if norms == normsUnknown {
		s *= r.meanNorm(evenly(r.training, r.training.Len()), r.training.Len()) / r.meanNorm(evenly(r.training, lawRows), lawRows)
	}
	kappa := func(of *amp.RowLaw) float64 { return (2*s*meanNorm(of) - s*s) / (of.Scale() * of.Scale()) }
	return &imageLaw{
		norms: newNormCode(all), identity: math.Pow(absolute/rows.Scale(), 2), concentration: kappa(rows), heldConcentration: kappa(held),
	}, nil
}

// meanNorm is E‖x‖/√d of count training rows before their masks. Rows differ more from each other than masks make them differ: the
// mean norm of all rows behind masks is that of some of them times the quotient of two such numbers.
func (r *imageRows) meanNorm(pick func() int, count int) float64 {
	sum := 0.0
	for range count {
		i := pick()
		sum += math.Sqrt((r.energies[i+1] - r.energies[i]) / float64(r.training.Cols))
	}
	return sum / float64(count)
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
