package config

import (
	"cmp"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strings"

	"autoamp/datasets"
)

// SetConfig holds the settings of a data set besides its name.
//
// Rows of npy:FILE are divided by one number, the root mean square of the training rows, and not
// centred. Images are centred and whitened.
type SetConfig struct {
	// Test is npy:FILE of the held-out rows, for npy:FILE. Default: HeldOut of the rows.
	Test string `yaml:"test,omitempty" json:"test,omitempty"`
	// HeldOut is the share of the rows, in (0, 1), that is held out, chosen by a hash of the row's
	// number, for npy:FILE without Test; default 0.1.
	HeldOut float64 `yaml:"held_out,omitempty" json:"held_out,omitempty"`
	// Seed is the seed of the split, of the augmentation of images and of windows; default 1.
	Seed uint64 `yaml:"seed,omitempty" json:"seed,omitempty"`
	// Window is the number of training rows that are in memory at a time, at least 1; default the
	// number of rows that 1 GiB holds. If there are more training rows, steps draw from one window
	// after the other. A window is made of runs of 64 rows and serves 4·Window/batch steps; the next
	// window is read meanwhile.
	Window int `yaml:"window,omitempty" json:"window,omitempty"`
	// Class is the class of the images, by name or number; default all.
	Class string `yaml:"class,omitempty" json:"class,omitempty"`
	// Channel is the colour plane of cifar10, red, green or blue; default all three.
	Channel string `yaml:"channel,omitempty" json:"channel,omitempty"`
	// NoWhiten divides the centred images by one number instead of whitening them.
	NoWhiten bool `yaml:"no_whiten,omitempty" json:"no_whiten,omitempty"`
	// NoAugment leaves the images as they are. Without NoAugment the images are repeated with small
	// shifts and rotations until there are Size images; the default of Size is the size of the full
	// image set.
	NoAugment bool `yaml:"no_augment,omitempty" json:"no_augment,omitempty"`
	Size      int  `yaml:"size,omitempty" json:"size,omitempty"`
	// UnitRows scales every row to the mean square of all training rows, as if its coordinates were
	// independent. Theory is about such rows. The lengths of the rows are lost.
	UnitRows bool `yaml:"unit_rows,omitempty" json:"unit_rows,omitempty"`
	// SHA256 is the hash of the content, recorded when the run begins. Resume refuses other data.
	SHA256 string `yaml:"sha256,omitempty" json:"sha256,omitempty"`
	// RMS is the divisor of the rows of npy:FILE, recorded when the run begins.
	RMS float64 `yaml:"rms,omitempty" json:"rms,omitempty"`
}

// maxWindow is the default size of a window, in numbers: 1 GiB.
const maxWindow = 1 << 28

// FilePrefix begins the names of data sets that are files.
const FilePrefix = "npy:"

// IsFile reports npy:FILE.
func (d DataConfig) IsFile() bool { return strings.HasPrefix(d.Name, FilePrefix) }

// Label is the name of the data for tables and figures. For a file the label leaves out the folder.
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

// dim is the dimension of a data set. It is 0 for a law, and for a data set that cannot be read; openData reports the reason.
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

// withDataOf returns c with the file names of other if the files have the same content: users may move data.
func (c Config) withDataOf(other Config) Config {
	a, b := &c.Data, other.Data
	if a.IsFile() && b.IsFile() && a.SHA256 != "" && a.SHA256 == b.SHA256 && (a.Test == "") == (b.Test == "") {
		a.Name, a.Test = b.Name, b.Test
	}
	return c
}

// ofSet, ofFile and ofImages are the conditions of settings that only data sets, files and images have.
var (
	ofSet    = where(func(c Config) bool { return c.Data.IsSet() }, "applies to data sets only; leave it out")
	ofFile   = where(func(c Config) bool { return c.Data.IsFile() }, "applies to npy:FILE only; leave it out")
	ofImages = where(func(c Config) bool { return c.Data.IsImages() }, "applies to images only; leave it out")
)

// setSettings are the settings of a data set besides its name.
var setSettings = []Setting{
	{
		Key: "data.test", Flag: Flag{Name: "data-test", Group: "data", Placeholder: "npy:FILE"},
		Help: "npy:FILE of the held-out rows.", Default: "a tenth of the rows",
		only:   []condition{ofSet, ofFile},
		bounds: []bound{must(func(_ Config, v any) bool { return v == "" || strings.HasPrefix(v.(string), FilePrefix) }, "must be npy:FILE")},
	},
	{
		Key: "data.held_out", Help: "Share of the rows that is held out, chosen by a hash of the row's number.", Default: "0.1",
		only: []condition{ofSet,
			where(func(c Config) bool { return c.Data.IsFile() }, "applies to npy:FILE only; leave it out: images have test images of their own"),
			where(func(c Config) bool { return c.Data.Test == "" }, "has no effect with data.test; leave it out")},
		start: fixed(0.1), bounds: []bound{fraction},
	},
	{
		Key: "data.seed", Help: "Seed of the split, of the augmentation of images and of windows.", Default: "1",
		only: []condition{ofSet}, start: fixed(uint64(1)),
	},
	{
		Key: "data.window", Help: "Training rows that are in memory at a time.", Default: "as many as 1 GiB holds",
		only:   []condition{ofSet},
		start:  func(c Config) any { return max(1, maxWindow/cmp.Or(c.Model.Dim, 1)) },
		bounds: []bound{must(func(_ Config, v any) bool { return v.(int) >= 0 }, "must be at least 1; leave it out for the default")},
	},
	{
		Key: "data.class", Flag: Flag{Name: "class", Group: "data", Placeholder: "C"},
		Help: "Class of the images, by name or number.", Default: "all",
		only: []condition{ofSet, ofImages},
		bounds: []bound{told(func(c Config) bool { return classError(c) == nil },
			func(c Config) string {
				return strings.TrimPrefix(classError(c).Error(), fmt.Sprintf("datasets: class = %q: ", c.Data.Class))
			}, "one of the classes")},
	},
	{
		Key: "data.channel", Flag: Flag{Name: "channel", Group: "data", Placeholder: "C"},
		Help: "Colour plane of cifar10: red, green or blue.", Default: "all",
		only: []condition{ofSet, ofImages},
		bounds: []bound{rule(func(c Config) bool { return datasets.ImageDim(c.Data.Name, c.Data.Channel) > 0 },
			"must be red, green or blue of cifar10, or left out").of("red", "green", "blue")},
	},
	{
		Key: "data.no_whiten", Flag: Flag{Name: "whiten", Group: "data", Negatable: true, Inverted: true},
		Help: "Whiten images (the default).", only: []condition{ofSet, ofImages},
	},
	{
		Key: "data.unit_rows", Flag: Flag{Name: "unit-rows", Group: "data"},
		Help: "Scale every row of a data set to the same length, as theory has it.", only: []condition{ofSet},
	},
	{
		Key: "data.no_augment", Flag: Flag{Name: "augment", Group: "data", Negatable: true, Inverted: true},
		Help: "Repeat images, moved a little, until there are as many as the full set has (the default).", only: []condition{ofSet, ofImages},
	},
	{
		Key: "data.size", Help: "Number of images until which they are repeated.", Default: "as many as the full set has",
		only: []condition{ofSet, ofImages,
			where(func(c Config) bool { return !c.Data.NoAugment }, "has no effect with data.no_augment; leave it out")},
		bounds: []bound{must(func(_ Config, v any) bool { return v.(int) >= 0 }, "must be positive")},
	},
	{
		Key: "data.sha256", Help: "Hash of the content, recorded when the run begins.",
		only: []condition{ofSet},
	},
	{
		Key: "data.rms", Help: "What the rows of npy:FILE were divided by, recorded when the run begins.",
		only:   []condition{ofSet},
		bounds: []bound{number(func(x float64) bool { return x >= 0 && !math.IsInf(x, 0) }, "must be positive; leave it out")},
	},
}

// classError returns an error for an unknown class of images.
func classError(c Config) error {
	if c.Data.Class == "" {
		return nil
	}
	_, err := datasets.Class(c.Data.Name, c.Data.Class)
	return err
}
