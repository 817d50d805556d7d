package datasets

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// collection is a published set of images: its files, where they come from and how they are read.
type collection struct {
	name    string
	classes []string
	size    int // training images of the full set
	files   []file
	archive *file    // what holds the files at the mirrors; nil if they lie there gzipped one by one
	mirrors []string // base URLs in the order in which they are tried
	parse   func(c *collection, content [][]byte) (train, test *Pixels, err error)
	// cut is the share of the largest eigenvalue below which a direction of the covariance counts as empty.
	cut     float64
	augment augmentation
}

// file is one file of a collection: the content that it must have once it is unpacked. An archive's size and sum are its own.
type file struct {
	name string
	size int64
	md5  string
	test bool
}

// collections lists the image sets by name. MD5 sums are those of the decompressed content, the archive's its own.
// All but the content sums of CIFAR-10, which many projects check, are published beside the files.
var collections = [...]collection{mnist, cifar10}

var mnist = collection{
	name:    "mnist",
	classes: []string{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"},
	size:    60000,
	files: []file{
		{name: "train-images-idx3-ubyte", size: 47040016, md5: "6bbc9ace898e44ae57da46a324031adb"},
		{name: "train-labels-idx1-ubyte", size: 60008, md5: "a25bea736e30d166cdddb491f175f624"},
		{name: "t10k-images-idx3-ubyte", size: 7840016, md5: "2646ac647ad5339dbf082846283269ea", test: true},
		{name: "t10k-labels-idx1-ubyte", size: 10008, md5: "27ae3e4e09519cfbb04c329615203637", test: true},
	},
	mirrors: []string{
		"https://ossci-datasets.s3.amazonaws.com/mnist/",
		"https://storage.googleapis.com/cvdf-datasets/mnist/",
		"http://yann.lecun.com/exdb/mnist/",
	},
	parse:   parseIDX,
	cut:     1e-6,
	augment: augmentation{shift: 2, degrees: 10},
}

var cifar10 = collection{
	name:    "cifar10",
	classes: []string{"airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"},
	size:    50000,
	files: []file{
		{name: "data_batch_1.bin", size: 30730000, md5: "5dd7e06a14cb22eb9f671a540d1b7c25"},
		{name: "data_batch_2.bin", size: 30730000, md5: "5ea93a67294ea407fff1d09f752e9692"},
		{name: "data_batch_3.bin", size: 30730000, md5: "942cd6a4bcdd0dd3c604fbe906cb4421"},
		{name: "data_batch_4.bin", size: 30730000, md5: "ae636b3ba5c66a11e91e8cb52e771fcb"},
		{name: "data_batch_5.bin", size: 30730000, md5: "53f37980c15c3d472c316c40844f3f0d"},
		{name: "test_batch.bin", size: 30730000, md5: "803d5f7f4d78ea53de84dbe85f74fb6d", test: true},
	},
	archive: &file{name: "cifar-10-binary.tar.gz", size: 170052171, md5: "c32a1d4ab5d03f1284b67883e8d87530"},
	mirrors: []string{"https://www.cs.toronto.edu/~kriz/"},
	parse:   parseCIFAR,
	cut:     1e-10,
	augment: augmentation{shift: 2, degrees: 2, flip: true, noise: 0.005},
}

// ImageNames lists the image sets.
func ImageNames() []string {
	names := make([]string, len(collections))
	for i := range collections {
		names[i] = collections[i].name
	}
	return names
}

func findCollection(name string) (*collection, error) {
	for i := range collections {
		if collections[i].name == name {
			return &collections[i], nil
		}
	}
	return nil, fmt.Errorf("datasets: name = %q: must be one of %s", name, strings.Join(ImageNames(), ", "))
}

// Class returns the label of a class of an image set, which text gives as label or by name.
func Class(name, text string) (int, error) {
	c, err := findCollection(name)
	if err != nil {
		return 0, err
	}
	for k, class := range c.classes {
		if text == class || text == strconv.Itoa(k) {
			return k, nil
		}
	}
	return 0, fmt.Errorf("datasets: class = %q: must be one of %s, or the label 0 to %d", text, strings.Join(c.classes, ", "), len(c.classes)-1)
}

// Library is what there is of an image set.
type Library struct {
	Name    string
	Classes []string // names of the classes
	Full    int      // training images of the full set
	Train   *Pixels
	Test    *Pixels
	Missing []string // files of the set that are not there; the images are from the others
}

// Load reads an image set of ImageNames from dir, where each file lies as it is or gzipped. The content of every
// file must have its published MD5 sum. Training batches of CIFAR-10 may be missing, one must be there.
func Load(name, dir string) (*Library, error) {
	c, err := findCollection(name)
	if err != nil {
		return nil, err
	}
	return c.load(dir)
}

// ErrNotFetched says that an image set is not in the directory.
var ErrNotFetched = errors.New("not there")

func (c *collection) load(dir string) (*Library, error) {
	l := &Library{Name: c.name, Classes: c.classes, Full: c.size}
	content := make([][]byte, len(c.files))
	for i, f := range c.files {
		data, err := f.read(dir, f.names())
		switch {
		case errors.Is(err, fs.ErrNotExist):
			l.Missing = append(l.Missing, f.name)
			continue
		case err != nil:
			return nil, err
		}
		content[i] = data
	}
	var err error
	if l.Train, l.Test, err = c.parse(c, content); err != nil {
		return nil, fmt.Errorf("datasets: %s in %s: %w", c.name, dir, err)
	}
	return l, nil
}

// parseIDX reads the four files of MNIST.
func parseIDX(c *collection, content [][]byte) (train, test *Pixels, err error) {
	for i, data := range content {
		if data == nil {
			return nil, nil, fmt.Errorf("%s: %w", c.files[i].name, ErrNotFetched)
		}
	}
	sets := [2]*Pixels{}
	for i := range sets {
		shape, pixels, err := ReadIDXImages(bytes.NewReader(content[2*i]))
		if err != nil {
			return nil, nil, fmt.Errorf("%s: %w", c.files[2*i].name, err)
		}
		labels, err := ReadIDXLabels(bytes.NewReader(content[2*i+1]))
		if err != nil {
			return nil, nil, fmt.Errorf("%s: %w", c.files[2*i+1].name, err)
		}
		if len(labels)*shape.Size() != len(pixels) {
			return nil, nil, fmt.Errorf("%s: %d labels for %d images", c.files[2*i+1].name, len(labels), len(pixels)/shape.Size())
		}
		sets[i] = &Pixels{Shape: shape, Data: pixels, Labels: labels}
	}
	return sets[0], sets[1], nil
}

// parseCIFAR joins the training batches that are there.
func parseCIFAR(c *collection, content [][]byte) (train, test *Pixels, err error) {
	sets := map[bool]*Pixels{}
	for i, data := range content {
		if data == nil {
			continue
		}
		batch, err := ReadCIFAR(bytes.NewReader(data))
		if err != nil {
			return nil, nil, fmt.Errorf("%s: %w", c.files[i].name, err)
		}
		if joined := sets[c.files[i].test]; joined != nil {
			joined.Data = append(joined.Data, batch.Data...)
			joined.Labels = append(joined.Labels, batch.Labels...)
			continue
		}
		sets[c.files[i].test] = batch
	}
	switch {
	case sets[false] == nil:
		return nil, nil, fmt.Errorf("data_batch_1.bin to data_batch_5.bin: %w", ErrNotFetched)
	case sets[true] == nil:
		return nil, nil, fmt.Errorf("test_batch.bin: %w", ErrNotFetched)
	}
	return sets[false], sets[true], nil
}

// names are those under which a directory of image sets may have the file.
func (f file) names() []string { return []string{f.name, f.name + ".gz"} }

// foreignNames are those under which it is found elsewhere: also with a dot for the last dash but one, as unpacked by some
// archivers, and in a folder of its own name, as Kaggle packs it.
func (f file) foreignNames() []string {
	names := f.names()
	if k := strings.LastIndex(f.name, "-idx"); k >= 0 {
		dotted := f.name[:k] + "." + f.name[k+1:]
		names = append(names, dotted, dotted+".gz")
	}
	for _, name := range slices.Clone(names) {
		folder := strings.TrimSuffix(name, ".gz")
		names = append(names, filepath.Join(folder, name))
	}
	return names
}

// read returns the checked content of the file, which lies in dir under one of names.
func (f file) read(dir string, names []string) ([]byte, error) {
	path, err := firstOf(dir, names)
	if err != nil {
		return nil, err
	}
	data, err := readPlain(path, f.size)
	if err == nil {
		err = f.check(data)
	}
	if err != nil {
		return nil, fmt.Errorf("datasets: %s: %w", path, err)
	}
	return data, nil
}
