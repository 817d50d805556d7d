package train

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"path/filepath"
	"strings"

	"autoamp/datasets"
	"autoamp/train/config"
	"autoamp/train/program"
)

// dataSet is the data set of a run, opened and checked.
type dataSet struct {
	training, test datasets.Samples
	sha256         string  // of the content
	rms            float64 // the divisor of the rows of a file; 0 for images
	whitened       bool
	zeta           float64 // share of directions without variance, of whitened images
	summary        *DataSummary
	files          []*datasets.Array
}

// openData opens a data set and reads it once; nil for a law.
func openData(ctx context.Context, c Config, log *slog.Logger) (*dataSet, error) {
	var d *dataSet
	var err error
	switch {
	case c.Data.IsFile():
		d, err = openFile(ctx, c.Data)
	case c.Data.IsImages():
		d, err = openImages(ctx, c.Data, log)
	default:
		return nil, nil
	}
	if errors.Is(err, fs.ErrNotExist) && c.Data.IsFile() && c.Data.SHA256 != "" {
		err = fmt.Errorf("%w; if the file has moved, give its new name as data.name: its content is compared", err)
	}
	if err != nil {
		return nil, fmt.Errorf("train: data.name = %s: %w", c.Data.Name, err)
	}
	if err := d.check(c); err != nil {
		d.close()
		return nil, err
	}
	if c.Data.UnitRows {
		d.unitRows()
	}
	return d, nil
}

// unitRows gives all rows the energy that the training rows have on average.
func (d *dataSet) unitRows() {
	square := d.summary.TrainingSquare
	d.training = datasets.UnitRows{Samples: d.training, Square: square}
	d.test = datasets.UnitRows{Samples: d.test, Square: square}
	d.summary.TestSquare = square
}

// check compares a data set with the configuration.
func (d *dataSet) check(c Config) error {
	if dim := d.training.Dim(); dim != c.Model.Dim {
		return &ConfigError{Field: "model.dim", Value: c.Model.Dim, Allowed: fmt.Sprintf("the rows of data.name: %s have %d numbers; leave it out", c.Data.Name, dim)}
	}
	if known := c.Data.SHA256; known != "" && known != d.sha256 {
		return &ConfigError{Field: "data.sha256", Value: known, Allowed: "the data have changed, they now are " + d.sha256 + "; begin a new run in another directory"}
	}
	if held := d.held(c); held < 2*c.Batch { // batches of the same rows would have no spread
		return &ConfigError{Field: "batch", Value: c.Batch, Allowed: fmt.Sprintf("must be at most half the number of held-out rows, %d", held)}
	}
	return nil
}

// record returns the configuration with the recorded facts about the data set: hash, divisor, absolute names, number of
// batches.
func (d *dataSet) record(c Config) Config {
	if d == nil {
		return c
	}
	c.Data.SHA256, c.Data.RMS = d.sha256, d.rms
	c.Data.Name, c.Data.Test = absolute(c.Data.Name), absolute(c.Data.Test)
	c.Evaluation.FinalBatches = cmp.Or(c.Evaluation.FinalBatches, min(d.held(c)/c.Batch, config.MaxBatches))
	return c
}

// held is the number of held-out rows in memory.
func (d *dataSet) held(c Config) int { return min(d.test.Len(), c.Data.Window) }

// inMemory counts the rows that an executor has at a time; nil for a law.
func (d *dataSet) inMemory(c Config) *program.Rows {
	if d == nil {
		return nil
	}
	return &program.Rows{Training: min(d.training.Len(), c.Data.Window), HeldOut: d.held(c)}
}

// openFile opens npy:FILE and its held-out rows.
func openFile(ctx context.Context, c DataConfig) (d *dataSet, err error) {
	d = &dataSet{}
	defer func() {
		if err != nil {
			d.close()
		}
	}()
	rows, err := d.array(ctx, c.Name)
	if err != nil {
		return nil, err
	}
	if c.Test != "" {
		d.training = rows
		if d.test, err = d.array(ctx, c.Test); err != nil {
			return nil, err
		}
		if d.test.Dim() != rows.Dim() {
			return nil, fmt.Errorf("data.test = %s: its rows have %d numbers, want %d", c.Test, d.test.Dim(), rows.Dim())
		}
	} else if d.training, d.test, err = datasets.Split(rows, c.HeldOut, c.Seed); err != nil {
		return nil, err
	}
	return d, d.survey(ctx)
}

// array opens one file.
func (d *dataSet) array(ctx context.Context, name string) (*datasets.Array, error) {
	a, err := datasets.OpenArray(ctx, strings.TrimPrefix(name, config.FilePrefix))
	if err == nil {
		d.files = append(d.files, a)
	}
	return a, err
}

// survey reads all rows, hashes them and divides them by the root mean square of the training rows.
func (d *dataSet) survey(ctx context.Context) error {
	training, err := datasets.NewSurvey(ctx, d.training)
	if err != nil {
		return fmt.Errorf("training rows: %w", err)
	}
	test, err := datasets.NewSurvey(ctx, d.test)
	if err != nil {
		return fmt.Errorf("held-out rows: %w", err)
	}
	d.summary = &DataSummary{
		TrainingRows: d.training.Len(), TestRows: d.test.Len(), TrainingSquare: 1, TestSquare: (test.RMS / training.RMS) * (test.RMS / training.RMS),
	}
	both := sha256.Sum256(append(training.SHA256[:], test.SHA256[:]...))
	d.sha256, d.rms = hex.EncodeToString(both[:]), training.RMS
	d.training = datasets.Scaled{Samples: d.training, By: 1 / d.rms}
	d.test = datasets.Scaled{Samples: d.test, By: 1 / d.rms}
	return nil
}

// openImages loads images.
func openImages(ctx context.Context, c DataConfig, log *slog.Logger) (*dataSet, error) {
	settings := datasets.ImageSettings{
		Name: c.Name, Channel: c.Channel, Augment: !c.NoAugment, Size: c.Size, Whiten: !c.NoWhiten, Seed: c.Seed, Log: log,
	}
	if c.Class != "" {
		class, err := datasets.Class(c.Name, c.Class)
		if err != nil {
			return nil, err
		}
		settings.Classes = []int{class}
	}
	images, err := datasets.Images(ctx, settings)
	if err != nil {
		return nil, err
	}
	// Every file of the image set has its published hash, and everything else follows from the settings.
	content := sha256.Sum256(fmt.Appendf(nil, "%s: %d images, without %q", c.Name, images.Images, images.Missing))
	return &dataSet{
		training: images.Train, test: images.Test, sha256: hex.EncodeToString(content[:]),
		whitened: settings.Whiten, zeta: images.Zeta(),
		summary: &DataSummary{
			TrainingRows: images.Train.Len(), TestRows: images.Test.Len(),
			TrainingSquare: images.Train.SecondMoment(), TestSquare: images.Test.SecondMoment(),
		},
	}, nil
}

func (d *dataSet) close() {
	if d == nil {
		return
	}
	for _, f := range d.files {
		f.Close()
	}
}

// absolute returns npy:FILE with a name that means the same file in any working directory.
func absolute(name string) string {
	file, ok := strings.CutPrefix(name, config.FilePrefix)
	path, err := filepath.Abs(file)
	if !ok || err != nil {
		return name
	}
	return config.FilePrefix + path
}
