package train

import (
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sbinet/npyio"
	"gonum.org/v1/gonum/mat"

	"autoamp/datasets"
	"autoamp/datasets/durable"
	"autoamp/datasets/durable/durabletest"
	"autoamp/kernels/cpu"
	"autoamp/train/codec"
	"autoamp/train/config"
	"autoamp/train/rundir"
)

// reading is one way in which the files of a run are read back. It returns all numbers that it read as a text, or refuses.
type reading struct {
	name    string
	read    func(dir string) (string, error)
	files   []string // ends of the names of the files that it reads; empty for all
	changes bool     // it writes into the directory
}

func (r reading) reads(name string) bool {
	return len(r.files) == 0 || slices.ContainsFunc(r.files, func(end string) bool { return strings.HasSuffix(name, end) })
}

var readings = map[string]reading{
	"resume": {name: "resume", read: resumed, changes: true},
	"metrics": {
		name: "metrics", files: []string{rundir.MetricsFile, rundir.SummaryFile, rundir.StateFile},
		read: func(dir string) (string, error) { return asText(rundir.ReadMetrics(dir)) },
	},
	"trace": {
		name: "trace", files: []string{rundir.GDMinFile},
		read: func(dir string) (string, error) { return asText(rundir.ReadGDMin(dir)) },
	},
	"summary": {
		name: "summary", files: []string{rundir.SummaryFile},
		read: func(dir string) (string, error) { return asText(rundir.ReadSummary(dir)) },
	},
	"weights": {name: "weights", files: []string{".safetensors", rundir.StateFile}, read: func(dir string) (string, error) {
		b, a, err := rundir.LoadMatrices(dir, 0)
		if err != nil {
			return "", err
		}
		return fmt.Sprint(b.RawMatrix().Data, a.RawMatrix().Data), nil
	}},
	"theory": {name: "theory", files: []string{rundir.TheoryFile}, read: func(dir string) (string, error) {
		c, err := rundir.Newest(dir)
		if err != nil {
			return "", err
		}
		return asText(rundir.ReadTheory(dir, c.Config))
	}},
	"codec": {name: "codec", read: decoded, files: []string{".safetensors", rundir.ConfigFile}, changes: true},
}

// asText is a value in JSON.
func asText[T any](value T, err error) (string, error) {
	if err != nil {
		return "", err
	}
	data, err := json.Marshal(value)
	return string(data), err
}

// TestDamageIsNeverSilent damages every file of a run in turn: each byte gets one flipped bit, each length is cut once. Every
// reading must refuse, or return the same numbers.
func TestDamageIsNeverSilent(t *testing.T) {
	t.Parallel()
	small := Config{
		Model: ModelConfig{Name: "shallow", Dim: 2}, Data: DataConfig{Name: "gaussian"}, Steps: 20, Batch: 4,
		Evaluation: EvaluationConfig{Every: 8, Batches: 2, FinalBatches: 2}, Checkpoint: CheckpointConfig{Every: 8, Keep: 1},
	}
	descent := Config{Algorithm: config.GDMin, Model: small.Model, GDMin: GDMinConfig{Horizon: 0.1, StepSize: 0.02}, Data: DataConfig{P: []float64{1}}}
	for name, run := range map[string]struct {
		config   Config
		stop     int // at which the run is cancelled; 0 for never
		readings []string
	}{
		"killed":   {small, 17, []string{"resume", "metrics", "weights"}},
		"finished": {small, 0, []string{"summary", "metrics"}},
		"codec":    {small, 0, []string{"codec"}},
		"gd-min":   {descent, 3, []string{"resume", "trace"}},
		"data set": {onArray(t, small), 17, []string{"theory"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			exec, err := cpu.New(cpu.Settings{Threads: 1})
			if err != nil {
				t.Fatal(err)
			}
			tr := Trainer{Config: run.config, Executor: exec, Dir: dir, NoFigures: true, Progress: func(p Progress) {
				if run.stop > 0 && p.Step >= run.stop {
					cancel()
				}
			}}
			if _, err := tr.Run(ctx); (err != nil) != (run.stop > 0) {
				t.Fatal(err)
			}
			w := walker{dir: dir}
			for _, name := range run.readings {
				w.readings = append(w.readings, readings[name])
			}
			w.walk(t)
		})
	}
}

// onArray is c on an array of the same dimension.
func onArray(t *testing.T, c Config) Config {
	path := filepath.Join(t.TempDir(), "x.npy")
	values := make([]float64, 400)
	random := rand.New(rand.NewPCG(1, 1))
	for i := range values {
		values[i] = random.NormFloat64()
	}
	f, err := os.Create(path)
	if err == nil {
		err = npyio.Write(f, mat.NewDense(200, 2, values))
	}
	if err != nil {
		t.Fatal(err)
	}
	f.Close()
	c.Data.Name = "npy:" + path
	return c
}

// resumed opens a run as --resume does and returns where it stands.
func resumed(dir string) (string, error) {
	c, err := rundir.LoadRun(dir)
	if err != nil {
		return "", err
	}
	exec, err := cpu.New(cpu.Settings{Threads: 1})
	if err != nil {
		return "", err
	}
	tr := Trainer{Config: c, Executor: exec, Dir: dir, Resume: true, Disk: &durabletest.Faults{At: -1}}
	r, err := tr.open(context.Background())
	if err != nil {
		return "", err
	}
	defer r.close()
	numbers := fmt.Sprintf("%+v\n%+v\n%+v\n%+v\n", r.config, r.State, r.last, r.stairs)
	if r.trace != nil {
		numbers += fmt.Sprintf("%+v\n", r.trace.Rows())
	}
	for _, b := range r.tensors {
		values := make([]float32, b.Size())
		if err := r.algorithm.Read(b.Name, 0, values); err != nil {
			return "", err
		}
		numbers += fmt.Sprintln(b.Name, values)
	}
	return numbers, nil
}

// decoded encodes rows with the model and decodes them.
func decoded(dir string) (string, error) {
	exec, err := cpu.New(cpu.Settings{Threads: 1})
	if err != nil {
		return "", err
	}
	model, err := codec.Open(dir, 0, exec)
	if err != nil {
		return "", err
	}
	defer model.Close()
	rows := datasets.Table{Data: []float32{1, 2, -0.5, 0.25}, Cols: 2}
	report, err := model.Encode(context.Background(), &rows, filepath.Join(dir, "codes.a1b"))
	if err != nil {
		return "", err
	}
	return asText(report, nil)
}

// walker damages a directory and counts the outcomes.
type walker struct {
	dir                                       string
	readings                                  []reading
	before                                    map[string][]byte
	files, flips, cuts, refused, same, silent int
}

func (w *walker) walk(t *testing.T) {
	w.remember(t)
	want := map[string]string{}
	for _, r := range w.readings {
		var err error
		if want[r.name], err = r.read(w.dir); err != nil {
			t.Fatalf("%s, undamaged: %v", r.name, err)
		}
		w.restore(t)
	}
	chance := rand.New(rand.NewPCG(7, 7))
	for name, data := range w.before {
		if name == "log.txt" || name == durable.LockName || !slices.ContainsFunc(w.readings, func(r reading) bool { return r.reads(name) }) {
			continue
		}
		w.files++
		for i := range data {
			flipped := slices.Clone(data)
			flipped[i] ^= 1 << chance.IntN(8)
			w.try(t, name, flipped, fmt.Sprintf("byte %d flipped", i), want)
			w.try(t, name, data[:i], fmt.Sprintf("cut at %d", i), want)
			w.flips, w.cuts = w.flips+1, w.cuts+1
		}
		w.restore(t)
	}
	t.Logf("%d files, %d flips, %d cuts, read by %d readings: %d refused, %d without effect, %d silent",
		w.files, w.flips, w.cuts, len(w.readings), w.refused, w.same, w.silent)
}

// try lets every reading have one damaged file.
func (w *walker) try(t *testing.T, name string, damaged []byte, what string, want map[string]string) {
	for _, r := range w.readings {
		if !r.reads(name) {
			continue
		}
		if err := os.WriteFile(filepath.Join(w.dir, name), damaged, 0o666); err != nil {
			t.Fatal(err)
		}
		got, err := r.read(w.dir)
		switch {
		case err != nil:
			w.refused++
			if !strings.Contains(err.Error(), filepath.Base(name)) {
				t.Errorf("%s: %s: %s blames another file: %v", name, what, r.name, err)
			}
		case got == want[r.name]:
			w.same++
		default:
			w.silent++
			t.Errorf("%s: %s: %s reads other numbers and says nothing", name, what, r.name)
		}
		if err == nil && r.changes {
			w.restore(t)
		}
	}
}

// remember keeps the contents of all files.
func (w *walker) remember(t *testing.T) {
	w.before = map[string][]byte{}
	err := fs.WalkDir(os.DirFS(w.dir), ".", func(path string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			w.before[path], err = os.ReadFile(filepath.Join(w.dir, path))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// restore puts the directory back to its first content.
func (w *walker) restore(t *testing.T) {
	err := fs.WalkDir(os.DirFS(w.dir), ".", func(path string, e fs.DirEntry, err error) error {
		if _, was := w.before[path]; err == nil && !e.IsDir() && !was {
			return os.Remove(filepath.Join(w.dir, path))
		}
		return err
	})
	for name, data := range w.before {
		if err == nil {
			err = os.WriteFile(filepath.Join(w.dir, name), data, 0o666)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
}
