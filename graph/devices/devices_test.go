package devices_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"autoamp/graph"
	"autoamp/graph/devices"
	"autoamp/kernels/cpu"
	"autoamp/train"
)

// device is the CPU with a name. If it is to fail, it refuses to load, or its runners fail from some training step on.
type device struct {
	graph.Executor
	name    string
	failAt  uint64 // 0: never
	refuses error
}

func newDevice(t *testing.T, name string) *device {
	t.Helper()
	exec, err := cpu.New(cpu.Settings{Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	return &device{Executor: exec, name: name}
}

func (d *device) Device() string { return d.name }

func (d *device) Load(replicas []graph.Replica, programs ...*graph.Program) (graph.Runner, error) {
	if d.refuses != nil {
		return nil, d.refuses
	}
	r, err := d.Executor.Load(replicas, programs...)
	return &runner{r, d}, err
}

type runner struct {
	graph.Runner
	d *device
}

var errLost = errors.New("the device is lost")

func (r *runner) Run(program int, first uint64, steps int, losses []float64) error {
	if r.d.failAt > 0 && program == 0 && first+uint64(steps) > r.d.failAt {
		return errLost
	}
	return r.Runner.Run(program, first, steps, losses)
}

// config has five replicas and a checkpoint every 20 steps.
func config() train.Config {
	return train.Config{
		Model: train.ModelConfig{Dim: 9, Rate: 0.7}, Batch: 5, Steps: 100, Seeds: []uint64{1, 2, 3, 4, 5},
		Data:       train.DataConfig{Name: "sparse-gaussian", P: []float64{0.4}},
		Evaluation: train.EvaluationConfig{Every: 25, Batches: 2, FinalBatches: 2}, Checkpoint: train.CheckpointConfig{Every: 20},
	}
}

func several(t *testing.T, n int) *devices.Executor {
	t.Helper()
	var list []graph.Executor
	for i := range n {
		list = append(list, newDevice(t, string(rune('a'+i))))
	}
	return devices.New(list...)
}

// written is every file of a run that says what was computed: weights, state and metrics.
func written(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".safetensors") && !strings.HasSuffix(path, ".csv") {
			return err
		}
		data, err := os.ReadFile(path)
		files[strings.TrimPrefix(path, dir)] = string(data)
		return err
	})
	if err != nil || len(files) < 4 {
		t.Fatalf("%d files, error %v", len(files), err)
	}
	return files
}

// alone is the run on one device.
func alone(t *testing.T) map[string]string {
	t.Helper()
	dir := t.TempDir()
	if _, err := (&train.Trainer{Config: config(), Executor: newDevice(t, "a"), Dir: dir, NoFigures: true}).Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	return written(t, dir)
}

// TestSameNumbers divides five replicas over up to seven devices.
func TestSameNumbers(t *testing.T) {
	t.Parallel()
	want := alone(t)
	for _, n := range []int{1, 2, 3, 7} {
		dir := t.TempDir()
		if _, err := (&train.Trainer{Config: config(), Executor: several(t, n), Dir: dir, NoFigures: true}).Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, written(t, dir)); diff != "" {
			t.Errorf("%d devices:\n%s", n, diff)
		}
	}
}

// TestFailedDevice lets devices fail one after another, each at another step: what is left of them ends at the same numbers.
func TestFailedDevice(t *testing.T) {
	t.Parallel()
	want := alone(t)
	a, b, c := newDevice(t, "a"), newDevice(t, "b"), newDevice(t, "c")
	b.failAt, a.failAt = 5, 70 // before the first checkpoint, and after the third
	exec, dir := devices.New(a, b, c), t.TempDir()
	summary, err := (&train.Trainer{Config: config(), Executor: exec, Dir: dir, NoFigures: true}).Run(t.Context())
	if err != nil || summary.Device != "c" {
		t.Fatalf("%+v, error %v", summary, err)
	}
	if diff := cmp.Diff(want, written(t, dir)); diff != "" {
		t.Error(diff)
	}
	c.failAt = 1
	if _, err = (&train.Trainer{Config: config(), Executor: exec}).Run(t.Context()); !errors.Is(err, errLost) {
		t.Errorf("after the last device: %v", err)
	}
}

// TestLostBeforeTheRun loses devices before they have their replicas: the others begin the run. A model that does not fit is no such
// loss.
func TestLostBeforeTheRun(t *testing.T) {
	t.Parallel()
	want := alone(t)
	a, b, c := newDevice(t, "a"), newDevice(t, "b"), newDevice(t, "c")
	a.refuses, c.refuses = fmt.Errorf("a launch: %w", graph.ErrLost), graph.ErrLost
	dir := t.TempDir()
	summary, err := (&train.Trainer{Config: config(), Executor: devices.New(a, b, c), Dir: dir, NoFigures: true}).Run(t.Context())
	if err != nil || summary.Device != "b" {
		t.Fatalf("%+v, error %v", summary, err)
	}
	if diff := cmp.Diff(want, written(t, dir)); diff != "" {
		t.Error(diff)
	}
	c.refuses = errors.New("out of memory")
	dir = filepath.Join(t.TempDir(), "none")
	if _, err = (&train.Trainer{Config: config(), Executor: devices.New(b, c), Dir: dir}).Run(t.Context()); !errors.Is(err, c.refuses) {
		t.Errorf("a model that does not fit: %v", err)
	}
	if _, err := os.Stat(dir); err == nil {
		t.Error("a run that did not begin has a directory")
	}
}

// TestOtherNumberOfDevices interrupts a run on two devices and continues it on three, and then on one.
func TestOtherNumberOfDevices(t *testing.T) {
	t.Parallel()
	want, dir := alone(t), t.TempDir()
	for i, n := range []int{2, 3, 1} {
		ctx, cancel := context.WithCancel(t.Context())
		_, err := (&train.Trainer{
			Config: config(), Executor: several(t, n), Dir: dir, NoFigures: true, Resume: true,
			Progress: func(p train.Progress) {
				if p.Step >= 30*(i+1) && i < 2 {
					cancel()
				}
			},
		}).Run(ctx)
		cancel()
		if i < 2 != errors.Is(err, context.Canceled) || i == 2 && err != nil {
			t.Fatalf("%d devices: %v", n, err)
		}
	}
	got := written(t, dir)
	for name, data := range want { // the interrupted run has more checkpoints
		if got[name] != data {
			t.Errorf("%s differs", name)
		}
	}
}

// TestFirstBadLoss reports the loss that one device would have met first.
func TestFirstBadLoss(t *testing.T) {
	t.Parallel()
	c := config()
	c.Optimizer = train.OptimizerConfig{Name: "sgd", LearningRate: 1e30}
	var messages []string
	for _, n := range []int{1, 2, 3} {
		_, err := (&train.Trainer{Config: c, Executor: several(t, n)}).Run(t.Context())
		if err == nil {
			t.Fatal("1e30 did not diverge")
		}
		if _, ok := several(t, n).Survivors(err); ok {
			t.Error("a loss that is not finite is the failure of a device")
		}
		messages = append(messages, err.Error())
	}
	if messages[0] != messages[1] || messages[0] != messages[2] {
		t.Error(strings.Join(messages, "\n"))
	}
}

// kept is an executor that remembers the tensors that are written.
type kept struct {
	written []string
	count   int
}

func (k *kept) Device() string { return "kept" }
func (k *kept) Load(replicas []graph.Replica, _ ...*graph.Program) (graph.Runner, error) {
	k.count = len(replicas)
	return keptRunner{k}, nil
}

type keptRunner struct{ *kept }

func (keptRunner) Run(int, uint64, int, []float64) error { return nil }
func (keptRunner) Read(string, int, []float32) error     { return nil }
func (keptRunner) Close() error                          { return nil }
func (k keptRunner) Write(tensor string, replica int, _ []float32) error {
	k.written = append(k.written, tensor+string(rune('0'+replica)))
	return nil
}

// TestDataSetsGoToAllDevices writes a data set to every device, and a weight to the device of its replica.
func TestDataSetsGoToAllDevices(t *testing.T) {
	t.Parallel()
	a, b := &kept{}, &kept{}
	program := &graph.Program{Buffers: []graph.Buffer{{Name: "rows", Kind: graph.Data}, {Name: "w", Kind: graph.Weight}}}
	r, err := devices.New(a, b).Load(make([]graph.Replica, 3), program)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 3 {
		if err := r.Write("w", i, nil); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.Write("rows", 0, nil); err != nil {
		t.Fatal(err)
	}
	if a.count != 1 || b.count != 2 || !slices.Equal(a.written, []string{"w0", "rows0"}) || !slices.Equal(b.written, []string{"w0", "w1", "rows0"}) {
		t.Errorf("%d replicas: %v; %d replicas: %v", a.count, a.written, b.count, b.written)
	}
	if err := r.Write("w", 3, nil); err == nil {
		t.Error("wrote replica 3 of 3")
	}
}

// TestPool hands twelve jobs to four devices. One of them fails at work, one is lost before: their jobs are done by the others.
func TestPool(t *testing.T) {
	t.Parallel()
	a, b, c, d := newDevice(t, "a"), newDevice(t, "b"), newDevice(t, "c"), newDevice(t, "d")
	b.failAt, d.refuses = 1, graph.ErrLost
	var lock sync.Mutex
	done := map[int]string{}
	pool := devices.Pool{Devices: []graph.Executor{a, b, c, d}}
	err := pool.Run(t.Context(), 12, func(ctx context.Context, i int, exec graph.Executor) error {
		one := config()
		one.Steps, one.Seeds = 10, []uint64{uint64(i)}
		if _, err := (&train.Trainer{Config: one, Executor: exec}).Run(ctx); err != nil {
			return err
		}
		lock.Lock()
		defer lock.Unlock()
		if done[i] != "" {
			t.Errorf("job %d is done twice", i)
		}
		done[i] = exec.Device()
		return nil
	})
	if err != nil || len(done) != 12 {
		t.Errorf("%d jobs done, error %v", len(done), err)
	}
	for i, name := range done {
		if name == "b" || name == "d" {
			t.Errorf("job %d was done by a device that fails", i)
		}
	}
	a.failAt, c.failAt = 1, 1
	err = pool.Run(t.Context(), 3, func(ctx context.Context, _ int, exec graph.Executor) error {
		_, err := (&train.Trainer{Config: config(), Executor: exec}).Run(ctx)
		return err
	})
	// The error is that of the device that had the first job last: which one that is depends on the order of the failures.
	var failed *devices.FailedError
	if !errors.As(err, &failed) {
		t.Errorf("all devices fail: %v", err)
	}
}

// TestPoolEnds returns the error of a job and cancels the others; a context that is done ends all.
func TestPoolEnds(t *testing.T) {
	t.Parallel()
	pool := devices.Pool{Devices: []graph.Executor{newDevice(t, "a"), newDevice(t, "b")}}
	wrong, waits := errors.New("no such model"), make(chan struct{})
	err := pool.Run(t.Context(), 5, func(ctx context.Context, i int, _ graph.Executor) error {
		if i == 1 {
			<-waits // until job 0 is at work
			return wrong
		}
		close(waits)
		<-ctx.Done()
		return ctx.Err()
	})
	if !errors.Is(err, wrong) {
		t.Errorf("error %v, want %v", err, wrong)
	}
	ctx, cancel := context.WithCancel(t.Context())
	err = pool.Run(ctx, 5, func(ctx context.Context, i int, _ graph.Executor) error {
		cancel()
		<-ctx.Done()
		return ctx.Err()
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want cancelled", err)
	}
}
