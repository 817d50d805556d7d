//go:build gpu

package cuda_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/ebitengine/purego"

	"autoamp/cuda"
	"autoamp/graph"
	"autoamp/train"
)

// emulator is the emulated driver's means of going wrong; see cuda/emulated/driver.cpp.
type emulator struct {
	fault   func(string) // replaces all faults, and heals the devices
	devices func(int32)  // how many there are
	memory  func(uint64) // bytes of each device
	tf32    func(int32)  // 1: TF32 products round their operands; 0: they truncate
	leaks   func() int32 // number of allocations and open handles
}

// newEmulator finds the emulated driver. Its faults end with the test.
func newEmulator(t *testing.T) emulator {
	t.Helper()
	lib, err := purego.Dlopen("libcuda.so.1", purego.RTLD_NOW)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := purego.Dlsym(lib, "autoamp_emulated_fault"); err != nil {
		t.Skip("a real driver does not fail on demand: make test-gpu runs this on the emulated one")
	}
	var e emulator
	purego.RegisterLibFunc(&e.fault, lib, "autoamp_emulated_fault")
	purego.RegisterLibFunc(&e.devices, lib, "autoamp_emulated_devices")
	purego.RegisterLibFunc(&e.memory, lib, "autoamp_emulated_memory")
	purego.RegisterLibFunc(&e.tf32, lib, "autoamp_emulated_tf32")
	purego.RegisterLibFunc(&e.leaks, lib, "autoamp_emulated_leaks")
	t.Cleanup(func() {
		e.fault("")
		e.memory(8 << 30)
	})
	return e
}

// small is a run with a checkpoint every 20 steps and a temperature that falls, in one block. graphs is the same with clipping, which
// graphs do.
var small, graphs = func() (small, graphs train.Config) {
	small = train.Config{
		Model: train.ModelConfig{Dim: 9, Rate: 0.7, TauFinal: 0.5}, Batch: 5, Steps: 100, Seeds: []uint64{1, 2},
		Evaluation: train.EvaluationConfig{Every: 25, Batches: 2, FinalBatches: 2}, Checkpoint: train.CheckpointConfig{Every: 20},
	}
	graphs = small
	graphs.Optimizer.ClipNorm = 1
	return small, graphs
}()

// trainOnce trains on a separate device. Everything that it leaves open is a leak.
func trainOnce(t *testing.T, c train.Config, dir string) (*train.Summary, error) {
	t.Helper()
	return trainOn(t, 0, c, dir)
}

// trainOn does the same on the device of a number.
func trainOn(t *testing.T, ordinal int, c train.Config, dir string) (*train.Summary, error) {
	t.Helper()
	exec, err := cuda.Open(cuda.Settings{Ordinal: ordinal})
	if err != nil {
		return nil, err
	}
	s, err := (&train.Trainer{Config: c, Executor: exec, Dir: dir, Resume: true}).Run(t.Context())
	return s, errors.Join(err, exec.Close())
}

// TestFaultsLoseNothing makes the device fail at every kind of call and many times, and demands each time an error of this
// package, and that the run then continues from its last checkpoint to the bits of a run that never failed.
func TestFaultsLoseNothing(t *testing.T) {
	e := newEmulator(t)
	faults := []string{"alloc:1", "pinned:1", "launch:1", "launch:Adam", "launch:gemm", "launch:Finish"}
	for k := 10; k < 1800; k += 171 {
		faults = append(faults, fmt.Sprintf("launch:%d", k), fmt.Sprintf("lost:%d", k/4))
	}
	loseNothing(t, e, graphs, faults)
	loseNothing(t, e, small, []string{"alloc:1", "launch:1", "launch:3", "launch:Train64", "launch:Finish", "lost:60", "lost:90", "lost:120"})
}

func loseNothing(t *testing.T, e emulator, c train.Config, faults []string) {
	t.Helper()
	want, err := trainOnce(t, c, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	struck := 0
	for _, fault := range faults {
		dir := t.TempDir()
		e.fault(fault)
		_, err := trainOnce(t, c, dir)
		var failure *cuda.Error
		if errors.As(err, &failure) {
			struck++
		} else if err != nil || !strings.Contains(fault, ":") {
			t.Errorf("%s: error %v, want a *cuda.Error", fault, err)
		}
		e.fault("")
		got, err := trainOnce(t, c, dir)
		if err != nil {
			t.Errorf("%s: continuing: %v", fault, err)
			continue
		}
		for i := range want.Points {
			if got.Points[i].TestMSE != want.Points[i].TestMSE {
				t.Errorf("%s: test error %v after continuing, want %v", fault, got.Points[i].TestMSE, want.Points[i].TestMSE)
			}
		}
	}
	if struck < len(faults)*2/3 {
		t.Errorf("%d of %d faults struck: the run is too short for the others", struck, len(faults))
	}
}

// TestOneDeviceFails: what fails on one device leaves the other alone.
func TestOneDeviceFails(t *testing.T) {
	e := newEmulator(t)
	e.devices(2)
	defer e.devices(1)
	want, err := trainOn(t, 0, graphs, "")
	if err != nil {
		t.Fatal(err)
	}
	for _, fault := range []string{"alloc:1@1", "pinned:1@1", "launch:40@1", "launch:Adam@1", "lost:90@1"} {
		e.fault(fault)
		var failure *cuda.Error
		if _, err := trainOn(t, 1, graphs, ""); !errors.As(err, &failure) {
			t.Errorf("%s: error %v on the device that fails, want a *cuda.Error", fault, err)
		}
		got, err := trainOn(t, 0, graphs, "")
		if err != nil || got.Points[0].TestMSE != want.Points[0].TestMSE {
			t.Errorf("%s: error %v on the other device", fault, err)
		}
	}
	e.fault("")
	got, err := trainOn(t, 1, graphs, "")
	if err != nil || got.Points[0].TestMSE != want.Points[0].TestMSE {
		t.Errorf("healed, error %v: the devices differ", err)
	}
}

// TestFailedLoadReleases counts the open handles after a failed allocation.
func TestFailedLoadReleases(t *testing.T) {
	e := newEmulator(t)
	if _, err := trainOnce(t, small, ""); err != nil { // the device's context stays
		t.Fatal(err)
	}
	before := e.leaks()
	for _, fault := range []string{"alloc:1", "pinned:1", "nocublas", ""} {
		e.fault(fault)
		if _, err := trainOnce(t, small, ""); (err == nil) != (fault == "") {
			t.Errorf("%q: error %v", fault, err)
		}
		e.fault("")
		if after := e.leaks(); after != before {
			t.Errorf("%q: %d handles and allocations are left", fault, after-before)
		}
	}
}

// TestBrokenRunnerStaysBroken asks a runner for more after the device failed.
func TestBrokenRunnerStaysBroken(t *testing.T) {
	e := newEmulator(t)
	exec, err := cuda.Open(cuda.Settings{})
	if err != nil {
		t.Fatal(err)
	}
	m, err := graph.New(graph.Config{Model: "shallow", Batch: 3, Dim: 4, Code: 2})
	if err != nil {
		t.Fatal(err)
	}
	p, err := m.Compile(graph.Options{Sample: &graph.Sample{Law: "gaussian"}})
	if err != nil {
		t.Fatal(err)
	}
	r, err := exec.Load([]graph.Replica{{P: 1}}, p)
	if err != nil {
		t.Fatal(err)
	}
	e.fault("launch:Sample")
	first := r.Run(0, 0, 1, make([]float64, 1))
	if first == nil || !strings.Contains(first.Error(), "CUDA_ERROR_LAUNCH_FAILED") || !strings.Contains(first.Error(), "--resume") {
		t.Errorf("error %v", first)
	}
	if again := r.Read(graph.EncoderWeight, 0, make([]float32, 8)); again != first {
		t.Errorf("the next call returns %v, want the first error again", again)
	}
	if err := r.Close(); err != nil {
		t.Errorf("closing reports %v once more", err)
	}
	e.fault("")
	_ = exec.Close()
}

// TestOutOfMemory asks for more memory than a device has, and then for the sizes that the error names. Each time it takes a device
// that no other test uses: at the first product there, cuBLAS takes memory for its kernels after the model has got its own.
func TestOutOfMemory(t *testing.T) {
	e := newEmulator(t)
	const unused = 20
	e.devices(unused + 4)
	defer e.devices(1)
	e.memory(380 << 20)
	c := train.Config{Model: train.ModelConfig{Dim: 300}, Batch: 3000, Seeds: []uint64{1, 2, 3, 4}}
	err := load(t, unused, c)
	var failure *cuda.Error
	if !errors.As(err, &failure) {
		t.Fatalf("error %v, want a *cuda.Error", err)
	}
	t.Log(err)
	for _, want := range []string{"MiB free", "--replicas", "--batch", "--dim"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q does not name %s", err, want)
		}
	}
	var replicas, batch, dim int
	if _, err := fmt.Sscanf(failure.Hint, "--replicas %d or --batch %d or --dim %d", &replicas, &batch, &dim); err != nil {
		t.Fatalf("%q: %v", failure.Hint, err)
	}
	fits := map[string]func(*train.Config){
		"replicas": func(c *train.Config) { c.Seeds = c.Seeds[:replicas] },
		"batch":    func(c *train.Config) { c.Batch = batch },
		"dim":      func(c *train.Config) { c.Model.Dim = dim },
	}
	ordinal := unused
	for name, change := range fits {
		smaller := c
		change(&smaller)
		ordinal++
		if err := load(t, ordinal, smaller); err != nil {
			t.Errorf("%s: what should fit does not: %v", name, err)
		}
	}
}

// load compiles a configuration and loads it onto a device.
func load(t *testing.T, ordinal int, c train.Config) error {
	t.Helper()
	c = c.WithDefaults()
	programs, err := train.Compile(c)
	if err != nil {
		t.Fatal(err)
	}
	r, err := open(t, cuda.Settings{Ordinal: ordinal}).Load(c.Replicas(), programs.Train, programs.Evaluate)
	if err != nil {
		return err
	}
	return r.Close()
}

// TestOpen lists the parts that can be missing. Tests in cmd/autoamp check the start of the process.
func TestOpen(t *testing.T) {
	e := newEmulator(t)
	for name, c := range map[string]struct {
		fault    string
		settings cuda.Settings
		want     string
	}{
		"absent ordinal": {"", cuda.Settings{Ordinal: 7}, "device = gpu:7: must be gpu:0"},
		"negative":       {"", cuda.Settings{Ordinal: -1}, "must be at least 0"},
		"precision":      {"", cuda.Settings{Precision: "fp8"}, "must be fp32, tf32, split or auto"},
		"old card":       {"oldcard", cuda.Settings{}, "open gpu:0: Emulated GPU has compute capability 7.5: the kernels need 8.0 (A100"},
		"old driver":     {"cuda:11020", cuda.Settings{}, "install a driver for CUDA 11.4 or newer"},
	} {
		e.fault(c.fault)
		if _, err := cuda.Open(c.settings); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", name, err, c.want)
		}
	}
}
