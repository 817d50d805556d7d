package main

import (
	"bytes"
	"strings"
	"testing"

	"autoamp/amp"
	"autoamp/train"
)

// TestResultsShowTheCodesRate: training and theory use n = round(r·d), and the table shows it.
func TestResultsShowTheCodesRate(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		dim        int
		asked      float64
		rate, note string
	}{
		{10, 0.25, "0.3", "rate 0.25 was asked for: n = round(rate·d) = 3 bits have the rate n/d = 0.3, which the theory is for"},
		{100, 0.25, "0.25", ""},
		{3, 1.0 / 3, "0.333333", ""},
	} {
		r := result{
			train.Config{Model: train.ModelConfig{Name: "denoiser", Dim: test.dim, Rate: test.asked}, Data: train.DataConfig{Name: "sparse-gaussian"}},
			&train.Summary{Points: []train.Point{{P: 0.4, Theory: &amp.Prediction{}, Expected: 0.8, Limit: 0.7}}},
		}
		var out bytes.Buffer
		writeResults(&out, []result{r})
		row := strings.Fields(strings.Split(out.String(), "\n")[2])
		if row[4] != test.rate || test.note != "" != strings.Contains(out.String(), "asked for") || !strings.Contains(out.String(), test.note) {
			t.Error(out.String())
		}
	}
}

// TestResultsSayWhatIsMissing: an error that the theory does not give is a dash, and the reason stands below.
func TestResultsSayWhatIsMissing(t *testing.T) {
	t.Parallel()
	r := result{
		train.Config{Model: train.ModelConfig{Name: "denoiser", Dim: 100, Rate: 1}, Data: train.DataConfig{Name: "sparse-gaussian"}},
		&train.Summary{Points: []train.Point{{P: 0.001, Theory: &amp.Prediction{FiniteDimNote: "no theory at d = 100"}, Limit: 0.01}, {P: 1}}},
	}
	var out bytes.Buffer
	writeResults(&out, []result{r})
	lines := strings.Split(out.String(), "\n")
	if !strings.HasSuffix(lines[2], "0.0100  –                –") || strings.Count(lines[3], "–") != 4 || lines[5] != "p = 0.001: no theory at d = 100" {
		t.Error(out.String())
	}
}
