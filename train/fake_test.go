package train_test

import (
	"fmt"
	"maps"
	"math"
	"sync/atomic"

	"autoamp/graph"
	"autoamp/train"
)

// fakeExecutor trains by shrinking every weight by half a percent per step, and reports as loss
// the encoder's mean square with a wiggle that depends on seed, p and step. It is a
// deterministic function of the weights and the step, as a real executor is.
type fakeExecutor struct {
	badStep uint64                           // number of the step with a loss of NaN; 0 for none
	onStep  func(r *fakeRunner, step uint64) // called before every training step
	onBatch func(batch uint64) error         // called before every batch of evaluation
	loads   atomic.Int32
}

func (e *fakeExecutor) Device() string { return "fake" }

func (e *fakeExecutor) Load(replicas []graph.Replica, programs ...*graph.Program) (graph.Runner, error) {
	e.loads.Add(1)
	r := &fakeRunner{e: e, replicas: replicas, tensors: make([]map[string][]float32, len(replicas))}
	for i := range replicas {
		r.tensors[i] = map[string][]float32{}
		for _, b := range programs[0].Tensors() {
			r.tensors[i][b.Name] = make([]float32, b.Size())
		}
	}
	return r, nil
}

type fakeRunner struct {
	e        *fakeExecutor
	replicas []graph.Replica
	tensors  []map[string][]float32
}

func (r *fakeRunner) Run(program int, first uint64, steps int, losses []float64) error {
	if len(losses) != steps*len(r.replicas) {
		return fmt.Errorf("fake: %d losses for %d steps of %d replicas", len(losses), steps, len(r.replicas))
	}
	for s := range steps {
		step := first + uint64(s)
		if program == 0 && r.e.onStep != nil {
			r.e.onStep(r, step)
		}
		if program == 1 && r.e.onBatch != nil {
			if err := r.e.onBatch(step); err != nil {
				return err
			}
		}
		for i := range r.replicas {
			loss := r.loss(i, step)
			if program == 0 && r.e.badStep != 0 && step == r.e.badStep {
				return &graph.NonFiniteError{Step: step, Replica: i, Tensor: "output"}
			}
			losses[s*len(r.replicas)+i] = loss
			if program == 0 {
				r.shrink(i, loss)
			}
		}
	}
	return nil
}

func (r *fakeRunner) loss(replica int, step uint64) float64 {
	rep := r.replicas[replica]
	var sum float64
	w := r.tensors[replica][graph.EncoderWeight]
	for _, v := range w {
		sum += float64(v) * float64(v)
	}
	wiggle := math.Sin(float64(step%1009)*(1+rep.P) + float64(rep.Seed))
	return 0.3 + sum/float64(len(w)) + 1e-3*wiggle
}

func (r *fakeRunner) shrink(replica int, loss float64) {
	for name, t := range r.tensors[replica] {
		for i := range t {
			t[i] *= 0.995
			if len(name) > 0 && i%7 == 0 {
				t[i] += 1e-4 * float32(loss)
			}
		}
	}
}

func (r *fakeRunner) Read(name string, replica int, dst []float32) error {
	t, ok := r.tensors[replica][name]
	if !ok || len(t) != len(dst) {
		return fmt.Errorf("fake: read %s: %d elements, have %d", name, len(dst), len(t))
	}
	copy(dst, t)
	return nil
}

func (r *fakeRunner) Write(name string, replica int, src []float32) error {
	t, ok := r.tensors[replica][name]
	if !ok || len(t) != len(src) {
		return fmt.Errorf("fake: write %s: %d elements, have %v", name, len(src), maps.Keys(r.tensors[replica]))
	}
	copy(t, src)
	return nil
}

func (r *fakeRunner) Close() error { return nil }

// single is fewSteps with one p, and so without the figure over p.
func single() train.Config {
	c := fewSteps()
	c.Data.P = []float64{0.8}
	return c
}

// fewSteps is a run of a few hundred steps that takes no time. It tries no other start.
func fewSteps() train.Config {
	return train.Config{
		Model: train.ModelConfig{Dim: 6, Rate: 0.5, Init: "random"}, Steps: 300, Batch: 4, Seeds: []uint64{1, 7},
		Data:       train.DataConfig{P: []float64{0.4, 0.8}},
		Evaluation: train.EvaluationConfig{Every: 20, Batches: 3, FinalBatches: 10},
		Checkpoint: train.CheckpointConfig{Every: 70, Keep: 2},
	}
}
