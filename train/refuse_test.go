package train_test

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"autoamp/datasets/durable"
	"autoamp/train"
	"autoamp/train/rundir"
)

// tree returns names and contents of everything below dir.
func tree(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return out
	}
	err := fs.WalkDir(os.DirFS(dir), ".", func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			out[path] = "directory"
			return err
		}
		data, err := os.ReadFile(filepath.Join(dir, path))
		out[path] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// refused checks that a run does not begin, gives a reason, and writes nothing.
func refused(t *testing.T, dir string, c train.Config, resume bool, is error, want ...string) {
	t.Helper()
	before := tree(t, dir)
	_, err := run(t, dir, c, resume)
	var refusal *train.RefusedError
	if !errors.As(err, &refusal) || is != nil && !errors.Is(err, is) {
		t.Fatalf("got %v, want a refusal", err)
	}
	for _, w := range want {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("got %v\nwant … %s …", err, w)
		}
	}
	if d := cmp.Diff(before, tree(t, dir)); d != "" {
		t.Errorf("something was written:\n%.1000s", d)
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	mustRun(t, dir, fewSteps(), false)
	refused(t, dir, fewSteps(), false, rundir.ErrRunExists, "out = "+dir+": holds a run", "--resume")
	other := fewSteps()
	other.Optimizer.LearningRate = 0.02
	refused(t, dir, other, false, rundir.ErrRunExists)
	refused(t, dir, other, true, rundir.ErrConfigMismatch, "optimizer.learning_rate is 0.003 there and 0.02 here")
	other = fewSteps()
	other.Seeds = []uint64{1, 8}
	refused(t, dir, other, true, rundir.ErrConfigMismatch, "seeds is [1 7] there and [1 8] here")
	other = fewSteps()
	other.Steps = -1
	refused(t, filepath.Join(t.TempDir(), "new"), other, false, nil, "train: steps = -1: must be at least 1")

	foreign := t.TempDir()
	if err := os.WriteFile(filepath.Join(foreign, "thesis.tex"), nil, 0o666); err != nil {
		t.Fatal(err)
	}
	refused(t, foreign, fewSteps(), false, rundir.ErrRunExists, "thesis.tex")
	refused(t, foreign, fewSteps(), true, rundir.ErrRunExists, "thesis.tex")
	refused(t, filepath.Join(foreign, "thesis.tex"), fewSteps(), false, nil, "thesis.tex")
	refused(t, filepath.Join(foreign, "thesis.tex", "run"), fewSteps(), false, nil, "not a directory")
}

func TestTwoRunsInOneDirectory(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	exec := &fakeExecutor{onStep: func(_ *fakeRunner, step uint64) {
		if step == 200 {
			refused(t, dir, fewSteps(), true, rundir.ErrLocked, "another process is training into it")
		}
	}}
	tr := train.Trainer{Config: fewSteps(), Executor: exec, Dir: dir}
	if _, err := tr.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// interrupted returns a run directory that was killed at step 250: its checkpoints are 140, 210.
func interrupted(t *testing.T) string {
	t.Helper()
	dir, copied := t.TempDir(), t.TempDir()
	exec := &fakeExecutor{onStep: func(_ *fakeRunner, step uint64) {
		if step == 250 {
			if err := os.CopyFS(copied, os.DirFS(dir)); err != nil {
				t.Error(err)
			}
		}
	}}
	tr := train.Trainer{Config: single(), Executor: exec, Dir: dir}
	if _, err := tr.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	return copied
}

// readLoosely decodes a JSON file without its checksum being looked at.
func readLoosely(t *testing.T, path string, value any) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(data, value)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// forge sets a key of a checkpoint's state and seals it again.
func forge(checkpoint, key string, value any) func(*testing.T, string) {
	return func(t *testing.T, dir string) {
		path := filepath.Join(dir, checkpoint, "state.json")
		state := map[string]any{}
		readLoosely(t, path, &state)
		delete(state, "crc32c")
		state[key] = value
		data, err := durable.SealJSON(state)
		if err == nil {
			err = os.WriteFile(path, data, 0o666)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

func TestDamagedCheckpoints(t *testing.T) {
	t.Parallel()
	newest, older := "checkpoints/step-000000210", "checkpoints/step-000000140"
	edit := func(name string, f func([]byte) []byte) func(*testing.T, string) {
		return func(t *testing.T, dir string) {
			path := filepath.Join(dir, name)
			data, err := os.ReadFile(path)
			if err == nil {
				err = os.WriteFile(path, f(data), 0o666)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	remove := func(name string) func(*testing.T, string) {
		return func(t *testing.T, dir string) {
			if err := os.Remove(filepath.Join(dir, name)); err != nil {
				t.Fatal(err)
			}
		}
	}
	weights := newest + "/replica-0001.safetensors"
	for name, tt := range map[string]struct {
		damage func(*testing.T, string)
		file   string
		want   string
	}{
		"truncated weights": {edit(weights, func(b []byte) []byte { return b[:len(b)/2] }), weights, "safetensors"},
		"truncated header":  {edit(weights, func(b []byte) []byte { return b[:5] }), weights, "safetensors"},
		"empty weights":     {edit(weights, func(b []byte) []byte { return nil }), weights, "safetensors"},
		"longer weights":    {edit(weights, func(b []byte) []byte { return append(b, 0) }), weights, "safetensors"},
		"a flipped bit":     {edit(weights, func(b []byte) []byte { b[len(b)-3] ^= 1; return b }), weights, "CRC-32C"},
		"a NaN":             {edit(weights, func(b []byte) []byte { copy(b[len(b)-4:], "\xff\xff\xff\xff"); return b }), weights, "NaN"},
		"foreign weights":   {edit(weights, func([]byte) []byte { return []byte("PK\x03\x04 a zip file, surely") }), weights, "header"},
		"no weights":        {remove(weights), weights, "no such file"},
		"truncated state":   {edit(newest+"/state.json", func(b []byte) []byte { return b[:20] }), newest + "/state.json", "cut off"},
		"another format":    {forge(newest, "format", 3), newest + "/state.json", "format 3, want 2"},
		"an older format":   {forge(newest, "format", 1), newest + "/state.json", "format 1, want 2"},
		"another step":      {forge(newest, "step", 211), newest + "/state.json", "step 211"},
		"an unknown key":    {forge(newest, "momentum", 0.9), newest + "/state.json", `unknown field "momentum"`},
		"a flipped step": {edit(newest+"/state.json", func(b []byte) []byte {
			return []byte(strings.Replace(string(b), `"step": 210`, `"step": 211`, 1))
		}), newest + "/state.json", "CRC-32C"},
		"an edited configuration": {edit(newest+"/config.yaml", func(b []byte) []byte {
			return []byte(strings.Replace(string(b), "batch: 4", "batch: 5", 1))
		}), newest + "/config.yaml", "CRC-32C"},
		"no state": {remove(newest + "/state.json"), newest + "/state.json", "no such file"},
		"another run's": {func(t *testing.T, dir string) {
			path, batch := filepath.Join(dir, newest, "config.yaml"), func(b []byte) []byte {
				return []byte(strings.Replace(string(b), "batch: 4", "batch: 5", 1))
			}
			edit(newest+"/config.yaml", batch)(t, dir)
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			var state struct {
				Files map[string]any `json:"files"`
			}
			readLoosely(t, filepath.Join(dir, newest, "state.json"), &state)
			state.Files["config.yaml"] = durable.Sum(data)
			forge(newest, "files", state.Files)(t, dir)
		}, newest + "/config.yaml", "batch is 5 there and 4 here"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := interrupted(t)
			tt.damage(t, dir)
			refused(t, dir, single(), true, rundir.ErrCheckpoint, filepath.Join(dir, tt.file), tt.want,
				"remove it to resume from the older "+filepath.Join(dir, older))
			if err := os.RemoveAll(filepath.Join(dir, newest)); err != nil {
				t.Fatal(err)
			}
			mustRun(t, dir, single(), true) // the advice works
		})
	}
}

func TestDamagedMetrics(t *testing.T) {
	t.Parallel()
	dir := interrupted(t)
	if err := os.Truncate(filepath.Join(dir, "metrics.csv"), 100); err != nil {
		t.Fatal(err)
	}
	refused(t, dir, single(), true, nil, "metrics.csv: it has 100 bytes, and had", "no older checkpoint agrees")
}
