//go:build unix

package main

import (
	"bytes"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"autoamp/bench"
)

// TestPredictedTableIsCurrent compares the table in bench/results with the model's. With -update it writes the table anew.
func TestPredictedTableIsCurrent(t *testing.T) {
	card, err := parseCard("h200")
	if err != nil {
		t.Fatal(err)
	}
	r, err := bench.PredictSuite(bench.GPUSettings{}, card.Title, predictor(card))
	if err != nil {
		t.Fatal(err)
	}
	const dir, name = "../../bench/results", "predicted-h200"
	if *update {
		if err := writeReport(dir, name, r); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(dir + "/" + name + ".md")
	if err != nil {
		t.Fatal(err)
	}
	var got bytes.Buffer
	if err := r.Markdown(&got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got.String()); diff != "" {
		t.Errorf("the plan or the model has changed; -update writes the table anew:\n%s", diff)
	}
}
