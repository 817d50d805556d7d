package rangamani

import (
	"slices"
	"testing"

	"autoamp/bench/reproduce"
	"autoamp/graph"
	"autoamp/kernels/cpu"
)

func executor(t *testing.T) graph.Executor {
	t.Helper()
	exec, err := cpu.New(cpu.Settings{Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	return exec
}

// TestCellRows runs a small cell of each experiment that needs no data set: every column of its rows is declared.
func TestCellRows(t *testing.T) {
	t.Parallel()
	small := map[string]string{
		"rangamani-table1": "h256-seed1", "rangamani-fig1": "fig5-average", "rangamani-support": "h64-seed1", "rangamani-lemmas": "d500-seed1",
	}
	ran := 0
	for _, e := range Experiments() {
		cells, err := e.Cells(reproduce.Params{Scale: reproduce.Quick, Seed: 1})
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range cells {
			if c.Name != small[e.Name] {
				continue
			}
			ran++
			out, err := c.Run(t.Context(), &reproduce.Env{Executor: executor(t)})
			if err != nil || len(out.Rows) == 0 {
				t.Fatalf("%s, %s: %v", e.Name, c.Name, err)
			}
			for _, row := range out.Rows {
				for column := range row {
					if !slices.Contains(e.Columns, column) {
						t.Fatalf("%s, %s: column %s is not declared", e.Name, c.Name, column)
					}
				}
			}
		}
	}
	if ran != len(small) {
		t.Errorf("%d cells of %d were found", ran, len(small))
	}
}
