package datasets

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"image/png"
	"math"
	"slices"
	"strings"
	"testing"
)

func TestImages(t *testing.T) {
	t.Parallel()
	c, s, _ := smallSettings(t)
	set, err := c.images(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	if set.Train.Len() != 200 || set.Images != 40 || set.Test.Len() != 20 || set.Train.Cols != 36 || len(set.Classes) != 3 {
		t.Errorf("%d of %d training and %d test images of %d", set.Train.Len(), set.Images, set.Test.Len(), set.Train.Cols)
	}
	// Rotations carry ink into the black border, but all shifts and copies leave some of the 36 directions empty or not:
	// whichever, the second moment is 1 on what is left.
	if got, want := set.Train.SecondMoment(), 1-set.Zeta(); math.Abs(got-want) > 1e-5 {
		t.Errorf("second moment %g, want 1 − ζ = %g", got, want)
	}
	s.Augment = false
	set, err = c.images(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	if set.Rank != 16 || math.Abs(set.Zeta()-20.0/36) > 1e-12 || math.Abs(set.Train.SecondMoment()-16.0/36) > 1e-5 || set.Train.Len() != 40 {
		t.Errorf("not augmented: rank %d, ζ = %g, second moment %g", set.Rank, set.Zeta(), set.Train.SecondMoment())
	}
	s.Whiten = false
	set, err = c.images(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	if math.Abs(set.Train.SecondMoment()-1) > 1e-5 || set.Rank != 36 || set.Whitening != nil {
		t.Errorf("not whitened: rank %d, second moment %g", set.Rank, set.Train.SecondMoment())
	}
	mean, _ := set.Train.Mean()
	if slices.ContainsFunc(mean, func(m float64) bool { return math.Abs(m) > 1e-6 }) {
		t.Errorf("the mean is %v", mean)
	}
}

// Test images are moved and scaled as the training images are.
func TestTestImagesAreTreatedAlike(t *testing.T) {
	t.Parallel()
	c, s, _ := smallSettings(t)
	raw, err := c.loadFor(s)
	if err != nil {
		t.Fatal(err)
	}
	s.Whiten = false
	set, err := c.images(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	want := (float64(raw.Test.Data[9])/255 - set.Mean[9]) * set.Scale
	if got := float64(set.Test.Data[9]); math.Abs(got-want) > 1e-6 {
		t.Errorf("a test pixel is %g, want %g", got, want)
	}
}

func TestClassesAndChannels(t *testing.T) {
	t.Parallel()
	c, content := smallCIFAR()
	dir := t.TempDir()
	place(t, dir+"/"+c.name, content)
	s := c.defaults(ImageSettings{Dir: dir, Classes: []int{1, 7}, Channel: "green"})
	set, err := c.images(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	if set.Train.Len() != 15 || set.Test.Len() != 3 || set.Train.Cols != 1024 || strings.Join(set.Classes, " ") != "automobile horse" {
		t.Errorf("%d training, %d test images of %v: %v", set.Train.Len(), set.Test.Len(), set.Shape, set.Classes)
	}
}

func TestBadImageSettings(t *testing.T) {
	t.Parallel()
	c, s, _ := smallSettings(t)
	for name, tt := range map[string]struct {
		change func(*ImageSettings)
		want   string
	}{
		"class":                     {func(s *ImageSettings) { s.Classes = []int{3} }, "datasets: class = 3: must be in [0, 2]"},
		"channel":                   {func(s *ImageSettings) { s.Channel = "red" }, `datasets: channel = "red": must be empty, or`},
		"size":                      {func(s *ImageSettings) { s.Size = -1 }, "datasets: size = -1: must be positive"},
		"size without augmentation": {func(s *ImageSettings) { s.Size, s.Augment = 50, false }, "datasets: size = 50: must be positive, and 0 without"},
		"cut":                       {func(s *ImageSettings) { s.Cut = 2 }, "datasets: cut = 2: must be in (0, 1)"},
		"nowhere":                   {func(s *ImageSettings) { s.Dir = t.TempDir() }, "datasets: mnist in "},
	} {
		settings := s
		tt.change(&settings)
		if _, err := c.images(t.Context(), settings); err == nil || !strings.HasPrefix(err.Error(), tt.want) {
			t.Errorf("%s: got %v, want %s", name, err, tt.want)
		}
	}
	if _, err := Images(t.Context(), ImageSettings{Name: "imagenet"}); err == nil || !strings.Contains(err.Error(), `name = "imagenet": must be one of mnist, cifar10`) {
		t.Errorf("unknown name: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.images(ctx, s); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

func TestConstantImages(t *testing.T) {
	t.Parallel()
	c, content := smallIDX()
	name := c.files[0].name
	clear(content[name][16:])
	c = c.publish(content)
	dir := t.TempDir()
	place(t, dir+"/"+c.name, content)
	for _, whiten := range []bool{false, true} {
		s := c.defaults(ImageSettings{Dir: dir, Whiten: whiten, Cache: t.TempDir()})
		if _, err := c.images(t.Context(), s); !errors.Is(err, ErrNoVariance) {
			t.Errorf("whiten %v: %v", whiten, err)
		}
	}
	if _, err := c.describe(t.Context(), c.defaults(ImageSettings{Dir: dir})); !errors.Is(err, ErrNoVariance) {
		t.Errorf("info: %v", err)
	}
}

func TestDescribe(t *testing.T) {
	t.Parallel()
	c, s, _ := smallSettings(t)
	s.Classes = []int{2}
	info, err := c.describe(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	if info.Train != 13 || info.Test != 6 || info.Dim != 36 || len(info.Classes) != 1 || info.Classes[0] != (ClassInfo{2, "2", 13, 6}) {
		t.Errorf("%+v", info)
	}
	if info.Rank != 12 || len(info.Eigenvalues) != 10 { // 13 images span 12 directions about their mean
		t.Errorf("rank %d, eigenvalues %v", info.Rank, info.Eigenvalues)
	}
	// Uniform bytes on 16 of 36 pixels: mean 4/9·1/2 and second moment 4/9·1/3, 208 pixels of standard deviation 0.29.
	if math.Abs(info.Mean-2.0/9) > 0.04 || math.Abs(info.SecondMoment-4.0/27) > 0.04 || info.Variance >= info.SecondMoment {
		t.Errorf("mean %g, second moment %g, variance %g", info.Mean, info.SecondMoment, info.Variance)
	}
	if w := info.Whitened; w == nil || w.Train != 200 || math.Abs(w.Law.SecondMoment-(1-w.Zeta)) > 1e-5 {
		t.Errorf("whitened: %+v", w)
	}
	if _, err := json.Marshal(info); err != nil {
		t.Error(err)
	}
}

func TestContactSheet(t *testing.T) {
	t.Parallel()
	c, content := smallIDX()
	l, err := c.load(place(t, t.TempDir(), content))
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		classes []int
		rows    int
	}{{nil, 3}, {[]int{1}, 1}, {[]int{0, 2}, 2}} {
		var out bytes.Buffer
		if err := ContactSheet(&out, l, tt.classes); err != nil {
			t.Fatal(err)
		}
		sheet, err := png.Decode(&out)
		if err != nil {
			t.Fatal(err)
		}
		if size := sheet.Bounds().Size(); size.X != 16*14+2 || size.Y != tt.rows*14+2 {
			t.Errorf("classes %v: a sheet of %v", tt.classes, size)
		}
	}
	var out bytes.Buffer
	if err := ContactSheet(&out, l, []int{1}); err != nil {
		t.Fatal(err)
	}
	sheet, _ := png.Decode(&out)
	r, _, _, _ := sheet.At(2+14+2*3, 2+2*2).RGBA() // pixel (3, 2) of the second image of class 1, image 4
	if want := uint32(l.Train.Image(4)[2*6+3]) * 0x101; r != want {
		t.Errorf("a pixel is %#x, want %#x", r, want)
	}
}

func TestClassNames(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{"1": 1, "horse": 7, "9": 9} {
		if k, err := Class("cifar10", text); k != want || err != nil {
			t.Errorf("%s: %d, %v", text, k, err)
		}
	}
	for _, text := range []string{"", "10", "-1", "unicorn"} {
		if _, err := Class("cifar10", text); err == nil {
			t.Errorf("class %q is accepted", text)
		}
	}
	if _, err := Class("imagenet", "0"); err == nil {
		t.Error("imagenet is accepted")
	}
}
