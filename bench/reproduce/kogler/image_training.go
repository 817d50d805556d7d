package kogler

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"

	"autoamp/bench/reproduce"
	"autoamp/datasets"
	"autoamp/graph"
	"autoamp/train"
)

// imageTraining is a cell: models of one class, rate and p, for every seed and every way to treat the rows' norms.
//
// With normsKnown a row is scaled to the norm √d behind its mask, and the decoder gets the row's norm in 8 bits beside the code
// and multiplies its output by it: 8/d bits more per coordinate. The error is that of the original row. A row's share of the
// error grows with ‖x‖², so that training draws its rows in proportion to it.
type imageTraining struct {
	Images       imageClass        `json:"images"`
	Model        train.ModelConfig `json:"model"`
	P            float64           `json:"p"`
	Steps        int               `json:"steps"`
	Batch        int               `json:"batch"`
	LearningRate float64           `json:"learning_rate"`
	Norms        []string          `json:"norms"`
	Seeds        []uint64          `json:"seeds"`
}

var imageColumns = []string{
	"set", "class", "p", "rate", "dim", "encoder", "norms", "seed", "steps", "batch", "learning_rate", "tau",
	"train_mse", "held_mse", "held_square", "zeta", "norm_factor", "held_norm_factor", "identity", "denoiser", "held_denoiser",
}

// The purposes of random numbers.
const (
	lawPurpose uint64 = iota
	trainingPurpose
	measurePurpose
)

// measuredRows is the number of training rows on which a trained model is measured.
const measuredRows = 4096

func (t imageTraining) cell(load imageLoader) reproduce.Cell {
	name := fmt.Sprintf("%s-%v-p%g-r%g", t.encoder(), t.Images, t.P, t.Model.Rate)
	return reproduce.Cell{Name: name, Settings: t, Run: func(ctx context.Context, env *reproduce.Env) (*reproduce.Output, error) {
		rows, err := load(ctx)
		if err != nil {
			return nil, err
		}
		return t.run(ctx, env, rows)
	}}
}

// encoder is trained or haar.
func (t imageTraining) encoder() string { return cmp.Or(t.Model.Encoder, "trained") }

func (t imageTraining) run(ctx context.Context, env *reproduce.Env, images *imageRows) (*reproduce.Output, error) {
	told := reproduce.Telling(env, len(t.Norms)*len(t.Seeds)*t.Steps)
	out := &reproduce.Output{}
	for _, norms := range t.Norms {
		law, err := images.law(t.P, norms, t.Batch)
		if err != nil {
			return nil, err
		}
		for _, seed := range t.Seeds {
			row, err := t.one(ctx, told, images, law, norms, seed)
			if err != nil {
				return nil, err
			}
			row["norms"], row["seed"] = norms, seed
			out.Rows = append(out.Rows, row)
		}
	}
	return out, nil
}

// one trains a model and measures it.
func (t imageTraining) one(ctx context.Context, told *reproduce.Told, images *imageRows, law *imageLaw, norms string, seed uint64) (row reproduce.Row, err error) {
	t.Model.Dim = images.training.Cols
	c := train.Config{
		Model: t.Model, Steps: t.Steps, Batch: t.Batch, Seeds: []uint64{seed}, Optimizer: train.OptimizerConfig{LearningRate: t.LearningRate},
	}.Earlier()
	c.Data = train.DataConfig{} // the batches are fed
	stepper, err := train.NewFedStepper(ctx, told.Executor, c)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, stepper.Close()) }()
	if err := t.train(ctx, told, stepper, images, norms, seed); err != nil {
		return nil, err
	}
	rate := float64(c.Model.Code()) / float64(c.Model.Dim)
	row = reproduce.Row{
		"set": t.Images.Set, "class": t.Images.Class, "p": t.P, "rate": rate, "dim": c.Model.Dim, "encoder": t.encoder(), "steps": c.Steps, "batch": c.Batch,
		"learning_rate": c.Optimizer.LearningRate, "zeta": images.zeta, "norm_factor": law.concentration, "held_norm_factor": law.heldConcentration,
		"identity": (1 - images.zeta) * (1 - math.Min(1, rate)*law.identity),
	}
	if c.Model.Encoder != "haar" {
		row["tau"] = c.Model.Tau
	}
	return row, t.measure(stepper, images, law, norms, seed, row)
}

// train does the steps on batches of masked training rows.
func (t imageTraining) train(ctx context.Context, told *reproduce.Told, stepper *train.Stepper, images *imageRows, norms string, seed uint64) error {
	m := newMasks(t.P, norms, t.Batch, t.Model.Dim, seed, trainingPurpose)
	pick := func() int { return m.random.IntN(images.training.Len()) }
	if norms == normsKnown {
		pick = func() int { return images.inProportion(m.random) }
	}
	for range t.Steps {
		if err := errors.Join(ctx.Err(), m.draw(images.training, pick)); err != nil {
			return err
		}
		if err := stepper.Feed(0, m.rows); err != nil {
			return err
		}
		losses, err := stepper.Step()
		if err != nil {
			return err
		}
		told.Step(losses...)
	}
	return nil
}

// measure adds the errors on training and held-out rows to a row, and for a denoiser the theory for the same rows. Errors are
// relative to the energy of the same rows, times 1 − ζ: the mean square of a few thousand rows has an error of 1 %, and held-out
// rows, which whitening does not fit, have another one, the column held_square.
func (t imageTraining) measure(stepper *train.Stepper, images *imageRows, law *imageLaw, norms string, seed uint64, row reproduce.Row) error {
	decoder := imageDecoder{stepper, newMasks(t.P, norms, t.Batch, t.Model.Dim, seed, measurePurpose), law.norms}
	trained, _, err := decoder.error(images.training, measuredRows)
	if err != nil {
		return err
	}
	held, square, err := decoder.error(images.heldOut, images.heldOut.Len())
	row["train_mse"], row["held_mse"], row["held_square"] = (1-images.zeta)*trained, (1-images.zeta)*held, square
	if err != nil || t.Model.Name != "denoiser" {
		return err
	}
	return t.predict(images, norms, seed, row)
}

// predict adds the errors of a Haar encoder with the best denoiser on the rows that measure decodes.
func (t imageTraining) predict(images *imageRows, norms string, seed uint64, row reproduce.Row) error {
	scaled := norms
	if norms == normsKnown {
		scaled = normsUnknown
	}
	m := newMasks(t.P, scaled, 1, t.Model.Dim, seed, measurePurpose)
	for _, at := range []struct {
		column string
		table  *datasets.Table
		rows   int
	}{{"denoiser", images.training, measuredRows}, {"held_denoiser", images.heldOut, images.heldOut.Len()}} {
		law, err := rowLaw(m, at.table, whole(at.rows, t.Batch), nil)
		if err != nil {
			return err
		}
		theory := law.DenoiserMSE(row.Num("rate"))
		if norms == normsKnown {
			theory = law.KnownEnergyMSE(row.Num("rate"))
		}
		row[at.column] = (1 - images.zeta) * theory
	}
	return nil
}

// imageDecoder is a trained model that decodes masked rows.
type imageDecoder struct {
	stepper *train.Stepper
	masks   *masks
	norms   normCode
}

// error is Σ‖x − x̂‖²/Σ‖x‖² over count rows of a table, less what fills no batch, and their mean square.
func (d imageDecoder) error(t *datasets.Table, count int) (relative, square float64, err error) {
	batch := len(d.masks.norms)
	count = whole(count, batch)
	output, pick := make([]float32, len(d.masks.rows)), evenly(t, count)
	var lost, total float64
	for range count / batch {
		if err := d.masks.draw(t, pick); err != nil {
			return 0, 0, err
		}
		if err := d.decode(output); err != nil {
			return 0, 0, err
		}
		for i, norm := range d.masks.norms {
			lost += d.squareError(i, output[i*t.Cols:][:t.Cols])
			total += norm * norm
		}
	}
	return lost / (total * float64(t.Cols)), total / float64(count), nil
}

func (d imageDecoder) decode(output []float32) error {
	if err := d.stepper.Feed(0, d.masks.rows); err != nil {
		return err
	}
	if _, err := d.stepper.Evaluate(0); err != nil {
		return err
	}
	return d.stepper.Read(graph.Output, 0, output)
}

// squareError is ‖x − x̂‖² of the i-th row of the batch, x in its original units. With normsKnown, x̂ is the output times
// the norm that 8 bits name.
func (d imageDecoder) squareError(i int, output []float32) float64 {
	norm, named := 1.0, 1.0
	if d.masks.scaled == normsKnown {
		norm = d.masks.norms[i]
		named = d.norms.round(norm)
	}
	sum := 0.0
	for j, x := range d.masks.rows[i*len(output):][:len(output)] {
		e := norm*float64(x) - named*float64(output[j])
		sum += e * e
	}
	return sum
}
