package config

import (
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strings"

	"autoamp/datasets"
)

// SetConfig is what a data set has beside its name.
//
// Rows of npy:FILE are divided by one number, the root mean square of the training rows, and not
// centred. Images are centred and whitened.
type SetConfig struct {
	// Test is npy:FILE of the held-out rows, for npy:FILE. Default: HeldOut of the rows.
	Test string `yaml:"test,omitempty" json:"test,omitempty"`
	// HeldOut is the share of the rows, in (0, 1), that is held out, chosen by a hash of the row's
	// number, for npy:FILE without Test; default 0.1.
	HeldOut float64 `yaml:"held_out,omitempty" json:"held_out,omitempty"`
	// Seed is that of the split, of the augmentation of images and of windows; default 1.
	Seed uint64 `yaml:"seed,omitempty" json:"seed,omitempty"`
	// Window is the number of training rows that are in memory at a time, at least 1; default as
	// many as 1 GiB holds. Where there are more, rows are drawn from one window after the other, each
	// made of runs of 64 rows and used for 4·Window/batch steps; the next is read meanwhile.
	Window int `yaml:"window,omitempty" json:"window,omitempty"`
	// Class is the class of the images, by name or number; default all.
	Class string `yaml:"class,omitempty" json:"class,omitempty"`
	// Channel is the colour plane of cifar10, red, green or blue; default all three.
	Channel string `yaml:"channel,omitempty" json:"channel,omitempty"`
	// NoWhiten divides the centred images by one number instead of whitening them.
	NoWhiten bool `yaml:"no_whiten,omitempty" json:"no_whiten,omitempty"`
	// NoAugment leaves the images as they are. Else they are repeated with small shifts and rotations
	// until there are Size of them; default as many as the full image set has.
	NoAugment bool `yaml:"no_augment,omitempty" json:"no_augment,omitempty"`
	Size      int  `yaml:"size,omitempty" json:"size,omitempty"`
	// UnitRows scales every row to the same mean square, that of all training rows, as if its coordinates
	// were independent: theory is about such rows. Their lengths are lost.
	UnitRows bool `yaml:"unit_rows,omitempty" json:"unit_rows,omitempty"`
	// SHA256 is the hash of the content, recorded when the run begins. A run is not resumed with
	// other data.
	SHA256 string `yaml:"sha256,omitempty" json:"sha256,omitempty"`
	// RMS is what the rows of npy:FILE were divided by, recorded when the run begins.
	RMS float64 `yaml:"rms,omitempty" json:"rms,omitempty"`
}

// maxWindow is the default size of a window, in numbers: 1 GiB.
const maxWindow = 1 << 28

// FilePrefix begins the names of data sets that are files.
const FilePrefix = "npy:"

func (d DataConfig) IsFile() bool { return strings.HasPrefix(d.Name, FilePrefix) }

// Label is the name of the data for tables and figures: of a file it leaves the folder out.
func (d DataConfig) Label() string {
	if file, ok := strings.CutPrefix(d.Name, FilePrefix); ok {
		return FilePrefix + filepath.Base(file)
	}
	return d.Name
}

// IsImages reports an image set.
func (d DataConfig) IsImages() bool { return slices.Contains(datasets.ImageNames(), d.Name) }

// IsSet reports a data set, as against a law.
func (d DataConfig) IsSet() bool { return d.IsFile() || d.IsImages() }

func (s SetConfig) withDefaults(file bool) SetConfig {
	orElse(&s.Seed, 1)
	if file && s.Test == "" {
		orElse(&s.HeldOut, 0.1)
	}
	return s
}

// dim is the dimension of a data set, 0 of a law or where it cannot be read: then openData says why.
func (d DataConfig) dim() int {
	switch {
	case d.IsImages():
		return datasets.ImageDim(d.Name, d.Channel)
	case d.IsFile():
		if _, dim, err := datasets.ArrayShape(strings.TrimPrefix(d.Name, FilePrefix)); err == nil {
			return dim
		}
	}
	return 0
}

// withDataOf returns c with the file names of other, where both name files of the same content: data may be moved.
func (c Config) withDataOf(other Config) Config {
	a, b := &c.Data, other.Data
	if a.IsFile() && b.IsFile() && a.SHA256 != "" && a.SHA256 == b.SHA256 && (a.Test == "") == (b.Test == "") {
		a.Name, a.Test = b.Name, b.Test
	}
	return c
}

// checkSet compares the model with the data set: model.dim with its dimension, if it is there.
func (c Config) checkSet() *Error {
	if !c.Data.IsSet() {
		return nil
	}
	if c.Model.Init == InitStateEvolution {
		return &Error{"model.init", c.Model.Init, "needs the law of the data, which a data set has not; set haar or gaussian"}
	}
	d := c.Data.dim()
	return must(d == 0 || d == c.Model.Dim, "model.dim", c.Model.Dim,
		fmt.Sprintf("the rows of data.name: %s have %d numbers; leave it out", c.Data.Name, d))
}

// checkSource checks the name, and what else only a data set has.
func (d DataConfig) checkSource() *Error {
	if !d.IsSet() {
		known := slices.Concat(datasets.Names(), datasets.CodeNames(), datasets.ImageNames(), []string{"npy:FILE"})
		if err := oneOf("data.name", d.Name, known...); err != nil {
			return err
		}
		return d.SetConfig.checkAbsent()
	}
	s := d.SetConfig
	if err := firstError(
		must(s.Window >= 0, "data.window", s.Window, "must be at least 1; leave it out for the default"),
		must(s.RMS >= 0 && !math.IsInf(s.RMS, 0), "data.rms", s.RMS, "must be positive; leave it out"),
	); err != nil {
		return err
	}
	if d.IsFile() {
		return s.checkFile()
	}
	return s.checkImages(d.Name)
}

// checkAbsent refuses settings of data sets where there is none.
func (s SetConfig) checkAbsent() *Error {
	const allowed = "applies to data sets only; leave it out"
	return firstError(
		must(s.Test == "", "data.test", s.Test, allowed),
		must(s.HeldOut == 0, "data.held_out", s.HeldOut, allowed),
		must(s.Seed == 0, "data.seed", s.Seed, allowed),
		must(s.Window == 0, "data.window", s.Window, allowed),
		must(s.Class == "", "data.class", s.Class, allowed),
		must(s.Channel == "", "data.channel", s.Channel, allowed),
		must(!s.NoWhiten, "data.no_whiten", s.NoWhiten, allowed),
		must(!s.NoAugment, "data.no_augment", s.NoAugment, allowed),
		must(s.Size == 0, "data.size", s.Size, allowed),
		must(!s.UnitRows, "data.unit_rows", s.UnitRows, allowed),
		must(s.SHA256 == "", "data.sha256", s.SHA256, allowed),
		must(s.RMS == 0, "data.rms", s.RMS, allowed),
	)
}

func (s SetConfig) checkFile() *Error {
	const images = "applies to images only; leave it out"
	return firstError(
		must(s.Test == "" || strings.HasPrefix(s.Test, FilePrefix), "data.test", s.Test, "must be npy:FILE"),
		must(s.Test == "" || s.HeldOut == 0, "data.held_out", s.HeldOut, "has no effect with data.test; leave it out"),
		must(s.Test != "" || s.HeldOut > 0 && s.HeldOut < 1, "data.held_out", s.HeldOut, "must be in (0, 1)"),
		must(s.Class == "", "data.class", s.Class, images),
		must(s.Channel == "", "data.channel", s.Channel, images),
		must(!s.NoWhiten, "data.no_whiten", s.NoWhiten, images),
		must(!s.NoAugment, "data.no_augment", s.NoAugment, images),
		must(s.Size == 0, "data.size", s.Size, images),
	)
}

func (s SetConfig) checkImages(name string) *Error {
	const files = "applies to npy:FILE only; leave it out"
	if err := firstError(
		must(s.Test == "", "data.test", s.Test, files),
		must(s.HeldOut == 0, "data.held_out", s.HeldOut, files+": images have test images of their own"),
		must(s.Size >= 0, "data.size", s.Size, "must be positive"),
		must(s.Size == 0 || !s.NoAugment, "data.size", s.Size, "has no effect with data.no_augment; leave it out"),
		must(datasets.ImageDim(name, s.Channel) > 0, "data.channel", s.Channel, "must be red, green or blue of cifar10, or left out"),
	); err != nil || s.Class == "" {
		return err
	}
	if _, err := datasets.Class(name, s.Class); err != nil {
		return &Error{"data.class", s.Class, strings.TrimPrefix(err.Error(), fmt.Sprintf("datasets: class = %q: ", s.Class))}
	}
	return nil
}
