package durable_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"autoamp/datasets/durable"
)

func TestUnrelated(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		".DS_Store", "._table.csv", "lost+found", "slurm-4711.out", "slurm-4711_3.out", ".nfs000000000a1", "Thumbs.db",
		"desktop.ini", "sweep.o123", "sweep.e123",
	} {
		if !durable.Unrelated(name) {
			t.Errorf("%s blocks a run", name)
		}
	}
	for _, name := range []string{
		"", "thesis.tex", "table.csv", "slurm.out", "slurm-1.out.tex", "model.o", "notes.e1x", "data.o123.csv", ".git", ".nf", "run.json",
	} {
		if durable.Unrelated(name) {
			t.Errorf("%s is taken for nobody's", name)
		}
	}
}

// A second process is refused, and what is removed or renamed in between is not made again.
func TestHold(t *testing.T) {
	t.Parallel()
	for name, move := range map[string]func(dir string) error{
		"directory renamed": func(dir string) error { return os.Rename(dir, dir+"-old") },
		"directory removed": os.RemoveAll,
		"lock removed":      func(dir string) error { return os.Remove(filepath.Join(dir, durable.LockName)) },
		"lock replaced": func(dir string) error {
			lock := filepath.Join(dir, durable.LockName)
			return errors.Join(os.Rename(lock, lock+"-old"), os.WriteFile(lock, nil, 0o666))
		},
		"another directory in its place": func(dir string) error {
			return errors.Join(os.Rename(dir, dir+"-old"), os.Mkdir(dir, 0o777))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(t.TempDir(), "run")
			if err := durable.MkdirAll(durable.OS, dir); err != nil {
				t.Fatal(err)
			}
			held, err := durable.Hold(durable.OS, dir)
			if err != nil || !held.Locked {
				t.Fatalf("%+v, %v", held, err)
			}
			defer held.Close()
			if _, err := durable.Hold(durable.OS, dir); !errors.Is(err, durable.ErrLocked) {
				t.Errorf("a second Hold: %v", err)
			}
			path := filepath.Join(dir, "table.csv")
			if err := durable.WriteBytes(held, path, nil); err != nil {
				t.Fatal(err)
			}
			if err := move(dir); err != nil {
				t.Fatal(err)
			}
			for what, err := range map[string]error{
				"WriteFile": durable.WriteBytes(held, path, []byte("new")), "MkdirAll": durable.MkdirAll(held, filepath.Join(dir, "a", "b")),
				"Remove": held.Remove(path),
			} {
				if !errors.Is(err, durable.ErrMoved) {
					t.Errorf("%s: %v", what, err)
				}
			}
			if data, err := os.ReadFile(path); err == nil && len(data) > 0 {
				t.Error("the file is written")
			}
		})
	}
}

func TestHoldAgain(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for range 2 {
		held, err := durable.Hold(durable.OS, dir)
		if err != nil {
			t.Fatal(err)
		}
		if err := held.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
