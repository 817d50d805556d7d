package kogler

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"autoamp/bench/reproduce"
	"autoamp/graph"
	"autoamp/kernels/cpu"
	"autoamp/train"
)

// Every replica of a net starts from the encoder of its own denoiser, and the cell has a row for each.
func TestEncoderStart(t *testing.T) {
	t.Parallel()
	config := func(n deepNet) train.Config {
		r, model := n.training()
		return r.config(reproduce.Params{Seed: 1}, model, "sparse-gaussian").Earlier()
	}
	at := deepCase{0.5, 0.5, 8}
	e := encoderStart{config(deepNet{at, 0, 0, 20, 2, hot}), config(deepNet{at, 2, 2, 10, 2, warm})}
	exec, err := cpu.New(cpu.Settings{Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	var steppers [2]*train.Stepper
	for i, c := range []train.Config{e.Denoiser, e.Net} {
		if steppers[i], err = train.NewStepper(t.Context(), exec, c); err != nil {
			t.Fatal(err)
		}
		defer steppers[i].Close()
	}
	if err := reproduce.Telling(&reproduce.Env{}, e.Denoiser.Steps).Steps(t.Context(), steppers[0], e.Denoiser.Steps); err != nil {
		t.Fatal(err)
	}
	if err := giveEncoder(steppers[0], steppers[1], 2); err != nil {
		t.Fatal(err)
	}
	var given [2][]float32
	for replica := range given {
		want, err := steppers[0].Tensor(graph.EncoderWeight, replica)
		if err != nil {
			t.Fatal(err)
		}
		if given[replica], err = steppers[1].Tensor(graph.EncoderWeight, replica); err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(want, given[replica]); d != "" {
			t.Errorf("replica %d: %s", replica, d)
		}
	}
	if cmp.Equal(given[0], given[1]) {
		t.Error("two seeds have one encoder")
	}
	var last train.Progress
	out, err := e.run(t.Context(), &reproduce.Env{Executor: exec, Progress: func(p train.Progress) { last = p }})
	if err != nil {
		t.Fatal(err)
	}
	if last.Step != 30 || last.Steps != 30 || last.Replicas != 2 {
		t.Errorf("the last progress is step %d of %d, %d replicas", last.Step, last.Steps, last.Replicas)
	}
	if len(out.Rows) != 2 || out.Rows[0].Num("test_mse") == out.Rows[1].Num("test_mse") {
		t.Errorf("rows %v", out.Rows)
	}
}
