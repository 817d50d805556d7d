package train

import (
	"context"
	"encoding/json"
	"fmt"
	"math"

	"autoamp/amp"
	"autoamp/datasets"
)

const (
	// lawNumbers bounds the numbers from which the law of a data set's coordinates is taken.
	lawNumbers = 1 << 20
	// maxSpectrum bounds the dimension in which a data set's spectrum is computed, in d³ operations.
	maxSpectrum = 1536
)

// predictions returns the theory for every p, at rate n/d: for the law of the masked coordinates,
// as if they were independent, and with the bound for Gaussian data of the same second moments.
// Errors are in the units of the data, whose second moment need not be 1.
func (d *dataSet) predictions(ctx context.Context, c Config) ([]*amp.Prediction, error) {
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
	rate := float64(c.Model.Code()) / float64(c.Model.Dim)
	var out []*amp.Prediction
	for _, p := range c.Data.P {
		law, err := amp.NewEmpirical(masked(numbers, p), 0)
		if err != nil {
			return nil, fmt.Errorf("train: theory: %w", err)
		}
		t, err := amp.PredictPrior(law, rate, &amp.Settings{Iterations: max(theoryIterations, c.Model.Iterations)})
		if err != nil {
			return nil, fmt.Errorf("train: theory: %w", err)
		}
		t.Data, t.P = c.Data.Name, p
		scale(t, law.Scale()*law.Scale())
		if t.Bound, err = d.bound(ctx, moments, rate, p); err != nil {
			return nil, fmt.Errorf("train: theory: %w", err)
		}
		out = append(out, t)
	}
	return out, nil
}

// sample returns numbers of rows that are spread evenly over the training rows.
func (d *dataSet) sample() ([]float64, error) {
	all, dim := d.training.Len(), d.training.Dim()
	rows := min(all, max(1, lawNumbers/dim))
	out, row := make([]float64, 0, rows*dim), make([]float32, dim)
	for i := range rows {
		if err := d.training.Row(row, int(uint64(i)*uint64(all)/uint64(rows))); err != nil {
			return nil, err
		}
		for _, v := range row {
			out = append(out, float64(v))
		}
	}
	return out, nil
}

// masked returns numbers with the law of x/√p with probability p, and 0 otherwise.
func masked(numbers []float64, p float64) []float64 {
	out := make([]float64, len(numbers)+int(math.Round(float64(len(numbers))*(1-p)/p)))
	for i, x := range numbers {
		out[i] = x / math.Sqrt(p)
	}
	return out
}

// scale turns errors relative to a unit second moment into those of data with another one.
func scale(t *amp.Prediction, moment float64) {
	t.Gaussian *= moment
	t.Denoiser *= moment
	t.Bayes *= moment
	if t.Identity != nil {
		*t.Identity *= moment
	}
	for i := range t.RIGAMP {
		t.RIGAMP[i] *= moment
	}
}

// bound is the least error of a linear decoder for Gaussian data with the second moments of the
// masked data; nil where they are not known.
func (d *dataSet) bound(ctx context.Context, m *datasets.SecondMoments, rate, p float64) (*float64, error) {
	var bound float64
	switch {
	case m != nil:
		values, err := m.Spectrum(ctx, p)
		if err != nil {
			return nil, err
		}
		if bound, _, err = amp.WaterFilling(values, rate); err != nil {
			return nil, err
		}
	case d.whitened:
		bound = amp.DegenerateRGauss(rate, d.zeta)
	default:
		return nil, nil
	}
	return &bound, nil
}

// theoryFile holds the predictions of a run on a data set: they need the data, figures do not.
const theoryFile = "theory.json"

func (d *directory) writeTheory(theory []*amp.Prediction) error {
	data, err := json.MarshalIndent(theory, "", "  ")
	if err == nil {
		err = writeBytes(d.file(theoryFile), append(data, '\n'))
	}
	if err != nil {
		return fmt.Errorf("train: theory: %w", err)
	}
	return nil
}

// predictions returns the theory of the run in the directory.
func (d *directory) predictions(c Config) ([]*amp.Prediction, error) {
	if !c.Data.isSet() {
		return predictions(c)
	}
	data, err := readSmall(d.file(theoryFile), maxStateBytes)
	var theory []*amp.Prediction
	if err == nil {
		err = json.Unmarshal(data, &theory)
	}
	if err == nil && len(theory) != len(c.Data.P) {
		err = fmt.Errorf("%s: %d predictions for %d values of p", d.file(theoryFile), len(theory), len(c.Data.P))
	}
	if err != nil {
		return nil, fmt.Errorf("train: theory: %w", err)
	}
	return theory, nil
}
