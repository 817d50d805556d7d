package datasets

import (
	"context"

	"autoamp/datasets/internal/symmetric"
)

// ImageInfo describes an image set, or some classes and one channel of it.
type ImageInfo struct {
	Name    string      `json:"name"`
	Shape   Shape       `json:"shape"`
	Dim     int         `json:"dim"`
	Train   int         `json:"train"` // images
	Test    int         `json:"test"`
	Full    int         `json:"full"` // training images of the full set, all classes
	Missing []string    `json:"missing"`
	Classes []ClassInfo `json:"classes"`
	// Mean, SecondMoment and Variance are over the training images and their coordinates, in [0, 1]; Variance is about
	// the mean image.
	Mean         float64 `json:"mean"`
	SecondMoment float64 `json:"second_moment"`
	Variance     float64 `json:"variance"`
	// Eigenvalues of the covariance of the training images, the largest ones, descending; Rank is the number above the
	// cut, Cut the share of the largest at which it lies.
	Eigenvalues []float64 `json:"eigenvalues"`
	Rank        int       `json:"rank"`
	Cut         float64   `json:"cut"`
	// Whitened describes what training sees, if whitening was asked for.
	Whitened *WhitenedInfo `json:"whitened,omitempty"`
}

// ClassInfo counts the images of a class.
type ClassInfo struct {
	Label int    `json:"label"`
	Name  string `json:"name"`
	Train int    `json:"train"`
	Test  int    `json:"test"`
}

// WhitenedInfo describes augmented and whitened training images.
type WhitenedInfo struct {
	Train int     `json:"train"` // images after augmentation
	Rank  int     `json:"rank"`
	Zeta  float64 `json:"zeta"`
	// TestSecondMoment is that of the test images under the map of the training images.
	TestSecondMoment float64   `json:"test_second_moment"`
	Law              *PixelLaw `json:"law"`
}

// largestEigenvalues is how many are reported.
const largestEigenvalues = 10

// Describe loads an image set and measures what the settings choose of it; with Whiten also what Images makes of it.
func Describe(ctx context.Context, s ImageSettings) (*ImageInfo, error) {
	c, err := findCollection(s.Name)
	if err != nil {
		return nil, err
	}
	return c.describe(ctx, c.defaults(s))
}

func (c *collection) describe(ctx context.Context, s ImageSettings) (*ImageInfo, error) {
	l, err := c.loadFor(s)
	if err != nil {
		return nil, err
	}
	train, test, err := l.choose(s)
	if err != nil {
		return nil, err
	}
	info := &ImageInfo{
		Name: c.name, Shape: train.Shape, Dim: train.Shape.Size(), Train: train.Len(), Test: test.Len(),
		Full: l.Full, Missing: l.Missing, Classes: l.count(train, test),
	}
	if err := info.measure(ctx, train.Table(), s.Cut); err != nil || !s.Whiten {
		return info, err
	}
	set, err := c.images(ctx, s)
	if err != nil {
		return nil, err
	}
	info.Whitened = &WhitenedInfo{Train: set.Train.Len(), Rank: set.Rank, Zeta: set.Zeta(),
		TestSecondMoment: set.Test.SecondMoment(), Law: NewPixelLaw(set.Train, s.Seed)}
	return info, nil
}

// count counts the images of the classes that were chosen.
func (l *Library) count(train, test *Pixels) []ClassInfo {
	trains, tests := train.Counts(len(l.Classes)), test.Counts(len(l.Classes))
	var out []ClassInfo
	for k, name := range l.Classes {
		if trains[k]+tests[k] > 0 {
			out = append(out, ClassInfo{Label: k, Name: name, Train: trains[k], Test: tests[k]})
		}
	}
	return out
}

// measure fills in moments and spectrum.
func (i *ImageInfo) measure(ctx context.Context, t *Table, cut float64) error {
	mean, err := t.Mean()
	if err != nil {
		return err
	}
	algebra := symmetric.Open()
	sigma, err := covariance(ctx, algebra, t, mean)
	if err != nil {
		return err
	}
	values, err := algebra.Eigen(ctx, sigma, t.Cols, false)
	if err != nil {
		return err
	}
	kept, err := keep(values, cut)
	if err != nil {
		return err
	}
	d := float64(t.Cols)
	for k, value := range values {
		i.Mean += mean[k] / d
		i.Variance += value / d
	}
	for k := range min(largestEigenvalues, len(values)) {
		i.Eigenvalues = append(i.Eigenvalues, values[len(values)-1-k])
	}
	i.SecondMoment, i.Rank, i.Cut = t.SecondMoment(), len(kept), cut
	return nil
}
