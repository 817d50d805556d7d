package runs

import (
	"math"

	"autoamp/train/rundir"
)

// soFar reads the newest rows of a run that is not finished.
func (r *Run) soFar() (err error) {
	if r.Step, err = rundir.NewestStep(r.Dir); err != nil {
		return err
	}
	rows, err := rundir.LastRows(r.Dir, len(r.Points)*r.Seeds)
	if err != nil || rows == nil {
		return err
	}
	r.Step = max(r.Step, rows[0].Step)
	for i := range r.Points {
		r.Points[i].reached(rows[i*r.Seeds : (i+1)*r.Seeds])
	}
	return nil
}

// reached takes over the rows of a p, one for each seed.
func (p *Point) reached(rows []rundir.Row) {
	var mse, variance float64
	for _, row := range rows {
		mse += row.TestMSE / float64(len(rows))
		variance += row.TestMSEStderr * row.TestMSEStderr
	}
	if expected := rows[0].Expected; expected > 0 {
		p.FiniteD = &expected
	}
	if math.IsNaN(mse) { // not measured along the way, see train.Trainer's OnlyFinal
		return
	}
	stderr := math.Sqrt(variance) / float64(len(rows))
	p.TestMSE, p.TestMSEStderr = &mse, &stderr
	if p.FiniteD != nil {
		gap := mse / *p.FiniteD - 1
		p.Gap = &gap
	}
}
