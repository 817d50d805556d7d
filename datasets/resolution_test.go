package datasets_test

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"autoamp/datasets"
)

// doubles is an array (n, 2) of float64 in a file: mean + scale·N(0, 1).
func doubles(t *testing.T, n int, mean, scale float64) (string, []float64) {
	t.Helper()
	r := rand.New(rand.NewPCG(1, 2))
	numbers := make([]float64, 2*n)
	for i := range numbers {
		numbers[i] = mean + scale*r.NormFloat64()
	}
	return store(t, "x.npy", npy(1, "<f8", "False", "(100, 2)", numbers)), numbers
}

// Numbers of float64 that float32 does not tell apart are refused with what to do; what it holds well enough is taken.
func TestNumbersBeyondFloat32(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		mean, scale float64
		want        string
	}{
		{0, 1, ""}, {1000, 1, ""}, {0, 1e-30, ""}, {0, 1e30, ""}, {0, 1e-42, ""},
		{0, 1e-300, "float32, which begins at 1e-38; multiply them"},
		{1e-300, 1e-302, "float32, which begins at 1e-38; multiply them"},
		{0, 1e-44, "float32, which begins at 1e-38; multiply them"},
		{1e9, 1, "float32, whose 7 digits keep too little of their differences; subtract the mean"},
		{1e9, 100, "subtract the mean"}, {-1e6, 1, "subtract the mean"}, {1e30, 1e22, "subtract the mean"},
		{0, 1e39, "must be finite, and below 3.4e38 in size"},
		{5, 0, "all numbers are 5: "}, {1e-300, 0, "all numbers are 1e-300: "},
	} {
		path, numbers := doubles(t, 100, tt.mean, tt.scale)
		a, err := datasets.OpenArray(t.Context(), path)
		if err != nil {
			t.Fatal(err)
		}
		_, err = datasets.NewSurvey(t.Context(), a)
		if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
			t.Errorf("%g ± %g: error %v, want %q", tt.mean, tt.scale, err, tt.want)
		}
		if math.Abs(numbers[0]) > 1e38 && strings.Contains(err.Error(), "Inf") {
			t.Errorf("%v is named as %v", numbers[0], err)
		}
		a.Close()
	}
}

// A number that is not finite is named by its row in the file, whatever was made of the rows.
func TestRowsAreNamedByTheFile(t *testing.T) {
	t.Parallel()
	numbers := make([]float32, 3*2000)
	for i := range numbers {
		numbers[i] = float32(i % 7)
	}
	numbers[3*1234+1] = float32(math.Inf(1))
	path := store(t, "x.npy", npy(1, "<f4", "False", "(2000, 3)", numbers))
	a, err := datasets.OpenArray(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	want := "datasets: npy:" + path + ": row 1234, column 1 is +Inf: must be finite"
	sides := [2]int{}
	for seed := range uint64(20) {
		training, test, err := datasets.Split(a, 0.3, seed)
		if err != nil {
			t.Fatal(err)
		}
		for side, part := range []datasets.Samples{training, test} {
			for _, s := range []datasets.Samples{part, datasets.Scaled{Samples: part, By: 2}, datasets.UnitRows{Samples: datasets.Scaled{Samples: part, By: 3}, Square: 1}} {
				if _, err := datasets.NewSurvey(t.Context(), s); err != nil {
					sides[side]++
					if !strings.HasPrefix(err.Error(), want[:len(want)-len("+Inf: must be finite")]) {
						t.Errorf("seed %d: %v, want %s", seed, err, want)
					}
				}
			}
		}
	}
	if sides[0]+sides[1] != 3*20 || sides[0] == 0 || sides[1] == 0 {
		t.Errorf("the row was found %d times of 60: %d in training, %d in held-out rows", sides[0]+sides[1], sides[0], sides[1])
	}
}
