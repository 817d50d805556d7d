package reproduce

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"autoamp/graph"
	"autoamp/kernels/cpu"
	"autoamp/train"
)

// lossy is the CPU; its runners fail at every training step if it is lost.
type lossy struct {
	graph.Executor
	name string
	lost bool
}

func newLossy(t *testing.T, name string, lost bool) *lossy {
	t.Helper()
	exec, err := cpu.New(cpu.Settings{Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	return &lossy{exec, name, lost}
}

func (d *lossy) Device() string { return d.name }

func (d *lossy) Load(replicas []graph.Replica, programs ...*graph.Program) (graph.Runner, error) {
	r, err := d.Executor.Load(replicas, programs...)
	return lossyRunner{r, d.lost}, err
}

type lossyRunner struct {
	graph.Runner
	lost bool
}

func (r lossyRunner) Run(program int, first uint64, steps int, losses []float64) error {
	if r.lost {
		return errors.New("lost")
	}
	return r.Runner.Run(program, first, steps, losses)
}

// trainings is an experiment of seven small trainings.
func trainings() *Experiment {
	return &Experiment{
		Name: "trainings", Paper: "test", Title: "trainings", Claim: "they are trained", Columns: TrainingColumns,
		Cells: func(Params) ([]Cell, error) {
			var cells []Cell
			for i := range 7 {
				c := train.Config{Model: train.ModelConfig{Dim: 6 + i}, Data: train.DataConfig{Name: "sparse-gaussian", P: []float64{0.4}}, Batch: 5, Steps: 20, Seeds: []uint64{1}}
				cells = append(cells, Training{Name: fmt.Sprintf("d%d", 6+i), Config: c}.Cell())
			}
			return cells, nil
		},
		Figures: func(*Results) ([]Figure, error) { return nil, nil },
		Claims: func(r *Results) ([]Claim, error) {
			return []Claim{Equal("rows", Exact(float64(len(r.Rows))), ClosedForm(7), 1, 0)}, nil
		},
	}
}

// TestCellsOnSeveralDevices computes the same table on one device, on three, and on three of which one fails.
func TestCellsOnSeveralDevices(t *testing.T) {
	t.Parallel()
	var first string
	for _, list := range [][]graph.Executor{
		{newLossy(t, "a", false)},
		{newLossy(t, "a", false), newLossy(t, "b", false), newLossy(t, "c", false)},
		{newLossy(t, "a", true), newLossy(t, "b", false), newLossy(t, "c", false)},
	} {
		dir := t.TempDir()
		outcomes, err := Suite(t.Context(), []*Experiment{trainings()}, Settings{Params: Params{Scale: Quick, Seed: 1}, Devices: list, Dir: dir})
		if err != nil || outcomes[0].Verdict.Status != Pass {
			t.Fatalf("error %v, %+v", err, outcomes[0].Verdict)
		}
		table, err := os.ReadFile(filepath.Join(dir, "trainings", tableFile))
		if err != nil {
			t.Fatal(err)
		}
		if first == "" {
			first = string(table)
		}
		if string(table) != first {
			t.Errorf("%d devices: the table differs:\n%s\n%s", len(list), table, first)
		}
	}
	all := []graph.Executor{newLossy(t, "a", true), newLossy(t, "b", true)}
	outcomes, err := Suite(t.Context(), []*Experiment{trainings()}, Settings{Params: Params{Scale: Quick, Seed: 1}, Devices: all, Dir: t.TempDir()})
	if err != nil || outcomes[0].Verdict.Status != Fail || outcomes[0].Verdict.Reason == "" {
		t.Errorf("all devices fail: error %v, %+v", err, outcomes[0].Verdict)
	}
}
