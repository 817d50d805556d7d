package datasets

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
)

// ImageSettings says which images are made into training data, and how. The zero value of every field but Name is
// useful.
type ImageSettings struct {
	// Name is the image set, one of ImageNames.
	Name string
	// Dir is the directory that holds the set in a folder of its name. Empty means Directory().
	Dir string
	// Classes selects images by label. Empty means all classes.
	Classes []int
	// Channel selects a colour plane of CIFAR-10: "red", "green" or "blue", d = 1024. Empty means all, d = 3072; for
	// MNIST, d = 784, it must be empty.
	Channel string
	// Augment repeats the images with shifts, small rotations and, for CIFAR-10, mirror images and noise, until there
	// are as many as the full set has.
	Augment bool
	// Size is the number of training images with Augment. Zero means that of the full set: 60 000 or 50 000.
	Size int
	// Whiten multiplies the centred images by the inverse root of their covariance. Without it they are divided by one
	// number, so that their second moment per coordinate is 1.
	Whiten bool
	// Cut is the share of the largest eigenvalue of the covariance up to which a direction counts as empty. Zero means
	// 1e-6 for MNIST, whose borders are empty, and 1e-10 for CIFAR-10; below 1.
	Cut float64
	// Cache is the directory in which whitening maps are kept. Empty means a folder of the user's cache directory.
	Cache string
	// Seed is that of the augmentation.
	Seed uint64
	// Log receives notes, such as missing files. Nil means nowhere.
	Log *slog.Logger
}

// ImageSet is training data made of images. Test images are moved and scaled like the training images, whose mean and
// covariance they had no part in: their second moment, Test.SecondMoment(), is not 1.
type ImageSet struct {
	Train *Table // (N, d)
	Test  *Table // (M, d), images of the same classes that are not augmented
	Shape Shape
	// Classes are the names of the classes, Images the number of different training images.
	Classes []string
	Images  int
	// Missing lists files of the image set that are not there.
	Missing []string
	// Rank is the number of directions with variance, the others are ζ = Zeta() of the dimension. The second moment
	// per coordinate of the training images is 1 − ζ. Without whitening it is not measured and counts as d.
	Rank int
	// Mean is subtracted from every image, in units of the pixel range [0, 1]; Scale is what they are then multiplied
	// with, 1 if they are whitened.
	Mean  []float64
	Scale float64
	// Whitening is the map of the training images, nil if they are not whitened.
	Whitening *Whitening
}

// Zeta returns the share ζ of directions without variance (theory: the degenerate isotropic case).
func (s *ImageSet) Zeta() float64 { return 1 - float64(s.Rank)/float64(s.Train.Cols) }

// Images loads an image set and makes it into training data: selects, augments, centres and whitens. It takes seconds,
// and where a whitening map of d = 3072 is not in the cache yet, half a minute.
func Images(ctx context.Context, s ImageSettings) (*ImageSet, error) {
	c, err := findCollection(s.Name)
	if err != nil {
		return nil, err
	}
	return c.images(ctx, c.defaults(s))
}

// defaults fills in what zero values stand for.
func (c *collection) defaults(s ImageSettings) ImageSettings {
	if s.Log == nil {
		s.Log = slog.New(slog.DiscardHandler)
	}
	if s.Cut == 0 {
		s.Cut = c.cut
	}
	return s
}

func (c *collection) images(ctx context.Context, s ImageSettings) (*ImageSet, error) {
	l, err := c.loadFor(s)
	if err != nil {
		return nil, err
	}
	if len(l.Missing) > 0 {
		s.Log.Warn("files of the image set are missing", "name", c.name, "files", l.Missing, "images", l.Train.Len(), "of", l.Full)
	}
	train, test, err := l.choose(s)
	if err != nil {
		return nil, err
	}
	out := &ImageSet{Shape: train.Shape, Classes: classNames(l, s.Classes), Images: train.Len(), Missing: l.Missing, Test: test.Table()}
	if out.Train, err = c.trainingTable(ctx, train, s); err != nil {
		return nil, err
	}
	if s.Whiten {
		return out, out.whiten(ctx, c, s)
	}
	return out, out.normalise()
}

// loadFor loads the image set from the directory of the settings.
func (c *collection) loadFor(s ImageSettings) (*Library, error) {
	dir := s.Dir
	if dir == "" {
		var err error
		if dir, err = Directory(); err != nil {
			return nil, err
		}
	}
	l, err := c.load(filepath.Join(dir, c.name))
	if errors.Is(err, ErrNotFetched) {
		return nil, fmt.Errorf("%w; autoamp datasets fetch %s downloads it", err, c.name)
	}
	return l, err
}

// choose returns the training and test images of the chosen classes and channel.
func (l *Library) choose(s ImageSettings) (train, test *Pixels, err error) {
	for _, k := range s.Classes {
		if k < 0 || k >= len(l.Classes) {
			return nil, nil, fmt.Errorf("datasets: class = %d: must be in [0, %d]", k, len(l.Classes)-1)
		}
	}
	train, test = l.Train.Select(s.Classes), l.Test.Select(s.Classes)
	if train.Len() == 0 || test.Len() == 0 {
		return nil, nil, fmt.Errorf("datasets: class = %d: there are %d training and %d test images", s.Classes, train.Len(), test.Len())
	}
	if s.Channel == "" {
		return train, test, nil
	}
	k := slices.Index([]string{"red", "green", "blue"}, s.Channel)
	if k < 0 || train.Shape.Channels != 3 {
		return nil, nil, fmt.Errorf("datasets: channel = %q: must be empty, or red, green or blue of cifar10", s.Channel)
	}
	return train.Channel(k), test.Channel(k), nil
}

// trainingTable returns the training images as numbers in [0, 1], augmented if so set.
func (c *collection) trainingTable(ctx context.Context, train *Pixels, s ImageSettings) (*Table, error) {
	if s.Size < 0 || s.Size > 0 && !s.Augment {
		return nil, fmt.Errorf("datasets: size = %d: must be positive, and 0 without augmentation", s.Size)
	}
	if !s.Augment {
		return train.Table(), nil
	}
	rows := s.Size
	if rows == 0 {
		rows = c.size
	}
	return c.augment.table(ctx, train, rows, s.Seed)
}

func classNames(l *Library, classes []int) []string {
	if len(classes) == 0 {
		return l.Classes
	}
	var names []string
	for _, k := range classes {
		names = append(names, l.Classes[k])
	}
	return names
}

// whiten whitens both tables by the covariance of the training images.
func (s *ImageSet) whiten(ctx context.Context, c *collection, settings ImageSettings) error {
	w, err := c.whitening(ctx, s.Train, settings)
	if err != nil {
		return err
	}
	s.Whitening, s.Rank, s.Mean, s.Scale = w, w.Rank, w.Mean, 1
	if err := w.Apply(ctx, s.Train); err != nil {
		return err
	}
	return w.Apply(ctx, s.Test)
}

// normalise centres both tables and divides them by the root mean square of the training images.
func (s *ImageSet) normalise() error {
	mean, err := s.Train.Mean()
	if err != nil {
		return err
	}
	s.Train.shift(mean)
	moment := s.Train.SecondMoment()
	if moment == 0 {
		return fmt.Errorf("datasets: %w", ErrNoVariance)
	}
	s.Test.shift(mean)
	s.Mean, s.Scale, s.Rank = mean, s.Train.scaleTo(moment), s.Train.Cols
	s.Test.scaleTo(moment)
	return nil
}
