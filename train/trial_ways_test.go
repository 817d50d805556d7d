package train

import (
	"slices"
	"testing"

	"autoamp/kernels/cpu"
	"autoamp/train/config"
	"autoamp/train/program"
)

// Large models try their starts one after the other, which gives the errors of both starts beside each other.
func TestTrialInTurn(t *testing.T) {
	t.Parallel()
	exec, err := cpu.New(cpu.Settings{Threads: 2})
	if err != nil {
		t.Fatal(err)
	}
	c := Config{
		Model: config.ModelConfig{Name: "shallow", Dim: 20}, Data: config.DataConfig{Name: "sparse-rademacher", P: []float64{0.3, 0.9}},
		Steps: 500, Batch: 16, Seeds: []uint64{4},
	}.WithDefaults()
	programs, err := program.Compile(c, nil)
	if err != nil {
		t.Fatal(err)
	}
	tr := trial{executor: exec, programs: programs, replicas: c.Replicas(), config: c}
	tr.config.Model.Init = config.InitRandom
	random, localised, err := tr.together(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	first, second, err := tr.inTurn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(random, first) || !slices.Equal(localised, second) || slices.Equal(first, second) {
		t.Errorf("beside each other %v and %v, in turn %v and %v", random, localised, first, second)
	}
}
