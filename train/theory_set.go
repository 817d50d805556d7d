package train

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"

	"autoamp/amp"
	"autoamp/datasets"
	"autoamp/train/theory"
)

const (
	// lawNumbers bounds the numbers from which the law of a data set's coordinates is taken.
	lawNumbers = 1 << 20
	// rowNumbers bounds the numbers of the rows from which the law of their energies is taken.
	rowNumbers = 1 << 24
	// maxSpectrum bounds the dimension in which a data set's spectrum is computed, in d³ operations.
	maxSpectrum = 1536
)

// predict returns the theory for every p, at rate n/d: for the law of the masked coordinates, as if they were
// independent, with the bound for Gaussian data of the same second moments, and with the loss from rows of unequal
// energy. Errors are in the units of the data. The second moment of the data need not be 1.
func (d *dataSet) predict(ctx context.Context, c Config) ([]*amp.Prediction, error) {
	drawn := min(float64(rowNumbers), float64(d.training.Len())*float64(d.training.Dim()))
	if err := theory.CheckInformation(c, drawn); err != nil { // else no row that rowLaw sees may be left
		return nil, err
	}
	numbers, err := d.sample()
	if err != nil {
		return nil, err
	}
	var moments *datasets.SecondMoments
	if c.Model.Dim <= maxSpectrum {
		if moments, err = datasets.NewSecondMoments(ctx, d.training); err != nil {
			return nil, err
		}
	}
	var out []*amp.Prediction
	for _, at := range c.Points() {
		t, err := d.predictAt(ctx, c, at.P, numbers, moments)
		if err != nil {
			return nil, fmt.Errorf("train: theory: %w", err)
		}
		out = append(out, t)
	}
	return out, nil
}

// predictAt is the theory at one p.
func (d *dataSet) predictAt(ctx context.Context, c Config, p float64, numbers []float64, m *datasets.SecondMoments) (*amp.Prediction, error) {
	law, err := amp.NewMaskedEmpirical(numbers, p, 0)
	if err != nil {
		return nil, err
	}
	rate := float64(c.Model.Code()) / float64(c.Model.Dim)
	t, err := amp.PredictPrior(law, rate, &amp.Settings{Iterations: max(theory.Iterations, c.Model.Iterations)})
	if err != nil {
		return nil, err
	}
	rows, err := d.rowLaw(p, c.Data.Seed)
	if err != nil {
		return nil, err
	}
	t.Data, t.P, t.Rows = c.Data.Name, p, &amp.RowErrors{Concentration: rows.Concentration(), Denoiser: rows.DenoiserMSE(rate)}
	spectrum, err := d.spectrum(ctx, m, p)
	if err != nil {
		return nil, err
	}
	moment := d.summary.TrainingSquare
	scale(t, moment)
	gaussian := t.Gaussian
	if d.known(m) {
		if gaussian, _, err = amp.WaterFilling(spectrum, rate); err != nil {
			return nil, err
		}
		t.Bound = &gaussian
	}
	t.Rows.Linear = moment - (moment-gaussian)*rows.Concentration()/amp.GaussianConcentration(spectrum)
	return t, nil
}

// sample returns numbers of rows that are spread evenly over the training rows.
func (d *dataSet) sample() ([]float64, error) {
	var out []float64
	err := d.spread(lawNumbers, func(row []float64) bool {
		out = append(out, row...)
		return true
	})
	return out, err
}

// spread visits rows that are spread evenly over the training rows, until visit returns false. The rows together have at most
// the given count of numbers.
func (d *dataSet) spread(numbers int, visit func(row []float64) bool) error {
	all, dim := d.training.Len(), d.training.Dim()
	rows := min(all, max(1, numbers/dim))
	row, wide := make([]float32, dim), make([]float64, dim)
	for i := range rows {
		if err := d.training.Row(row, int(uint64(i)*uint64(all)/uint64(rows))); err != nil {
			return err
		}
		for j, v := range row {
			wide[j] = float64(v)
		}
		if !visit(wide) {
			return nil
		}
	}
	return nil
}

// rowLaw is the law of training rows behind masks that are drawn from seed: x/√p with probability p, and 0 otherwise.
func (d *dataSet) rowLaw(p float64, seed uint64) (*amp.RowLaw, error) {
	r := rand.New(rand.NewPCG(seed, uint64(datasets.Evaluation)))
	var read error
	law, err := amp.NewRowLaw(func(yield func([]float64) bool) {
		read = d.spread(rowNumbers, func(row []float64) bool {
			for j := range row {
				if p < 1 && r.Float64() >= p {
					row[j] = 0
				}
				row[j] /= math.Sqrt(p)
			}
			return yield(row)
		})
	})
	return law, errors.Join(read, err)
}

// scale turns errors relative to a unit second moment into errors of data with the given second moment.
func scale(t *amp.Prediction, moment float64) {
	t.Gaussian *= moment
	t.Denoiser *= moment
	t.AMP *= moment
	t.Bayes *= moment
	t.Rows.Denoiser *= moment
	if t.Identity != nil {
		*t.Identity *= moment
	}
	for i := range t.RIGAMP {
		t.RIGAMP[i] *= moment
	}
}

// known reports whether the spectrum was computed from the data and is not an assumption.
func (d *dataSet) known(m *datasets.SecondMoments) bool { return m != nil || d.whitened }

// spectrum returns the eigenvalues of the masked data's second moments. Eigenvalues that are not computed are taken as
// equal, except the share without variance.
func (d *dataSet) spectrum(ctx context.Context, m *datasets.SecondMoments, p float64) ([]float64, error) {
	if m != nil {
		return m.Spectrum(ctx, p)
	}
	values := make([]float64, d.training.Dim())
	for i := range int(math.Round(float64(len(values)) * (1 - d.zeta))) {
		values[i] = 1
	}
	return values, nil
}
