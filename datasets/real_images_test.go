package datasets_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"autoamp/datasets"
)

// real skips a test where an image set is not on the disk.
func real(t *testing.T, err error) {
	t.Helper()
	if errors.Is(err, datasets.ErrNotFetched) {
		t.Skipf("%v, or set %s to a directory that has it", err, datasets.DirectoryVariable)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func TestRealMNIST(t *testing.T) {
	t.Parallel()
	info, err := datasets.Describe(t.Context(), datasets.ImageSettings{Name: "mnist"})
	real(t, err)
	var train, test []int
	for _, class := range info.Classes {
		train, test = append(train, class.Train), append(test, class.Test)
	}
	if !slices.Equal(train, []int{5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949}) ||
		!slices.Equal(test, []int{980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009}) {
		t.Errorf("training %v, test %v", train, test)
	}
	// The mean pixel 0.1307 and its standard deviation 0.3081 are in every tutorial on MNIST.
	check(t, "mean", info.Mean, 0.1307, 5e-5)
	check(t, "standard deviation", math.Sqrt(info.SecondMoment-info.Mean*info.Mean), 0.3081, 5e-5)
	if info.Rank >= 784-67 { // 67 pixels are black in all images
		t.Errorf("rank %d", info.Rank)
	}
}

// Whitened real images have the same variance in every direction, to 10⁻³.
func TestRealCIFARIsWhitened(t *testing.T) {
	t.Parallel()
	set, err := datasets.Images(t.Context(), datasets.ImageSettings{
		Name: "cifar10", Classes: []int{1}, Channel: "green", Augment: true, Size: 8000, Whiten: true, Cache: t.TempDir()})
	real(t, err)
	r := rand.New(rand.NewPCG(1, 1))
	for range 20 {
		direction := make([]float64, set.Train.Cols)
		var norm, square float64
		for j := range direction {
			direction[j] = r.NormFloat64()
			norm += direction[j] * direction[j]
		}
		for i := range set.Train.Len() {
			var dot float64
			for j, v := range set.Train.Data[i*len(direction):][:len(direction)] {
				dot += direction[j] * float64(v)
			}
			square += dot * dot / float64(set.Train.Len())
		}
		check(t, "variance of a direction", square/norm, 1, 1e-3)
	}
	if set.Rank != 1024 {
		t.Errorf("rank %d", set.Rank)
	}
}
