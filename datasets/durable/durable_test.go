package durable_test

import (
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"autoamp/datasets/durable"
	"autoamp/datasets/durable/durabletest"
)

type sealed struct {
	Step int       `json:"step"`
	Loss []float64 `json:"loss"`
}

// Every byte of a sealed object changed in every bit, every length cut, and every key added: refused.
func TestSealedJSONRefusesEveryChange(t *testing.T) {
	t.Parallel()
	data, err := durable.SealJSON(sealed{7, []float64{0.5, 1e-300}})
	if err != nil {
		t.Fatal(err)
	}
	var back sealed
	if err := durable.OpenJSON(data, &back); err != nil || back.Step != 7 || back.Loss[1] != 1e-300 {
		t.Fatalf("%v: %+v", err, back)
	}
	for i := range data {
		for bit := range 8 {
			bad := append([]byte{}, data...)
			bad[i] ^= 1 << bit
			if durable.OpenJSON(bad, &sealed{}) == nil {
				t.Errorf("bit %d of byte %d flipped: accepted\n%s", bit, i, bad)
			}
		}
		if durable.OpenJSON(data[:i], &sealed{}) == nil {
			t.Errorf("cut at %d: accepted", i)
		}
	}
	other, _ := durable.SealJSON(map[string]any{"step": 7, "loss": nil, "momentum": 1})
	if err := durable.OpenJSON(other, &sealed{}); err == nil || !strings.Contains(err.Error(), "momentum") {
		t.Errorf("an unknown key: %v", err)
	}
}

func TestSealedTextRefusesEveryChange(t *testing.T) {
	t.Parallel()
	data := durable.SealText([]byte("steps: 10\n"))
	if text, err := durable.OpenText(data); err != nil || string(text) != "steps: 10\n" {
		t.Fatal(err)
	}
	for i := range data {
		bad := append([]byte{}, data...)
		bad[i] ^= 0x20
		if _, err := durable.OpenText(bad); err == nil {
			t.Errorf("byte %d: accepted", i)
		}
		if _, err := durable.OpenText(data[:i]); err == nil {
			t.Errorf("cut at %d: accepted", i)
		}
	}
}

// WriteFile with a fault at each of its calls: an error and the old content, or the new content.
func TestWriteFileIsWholeOrNotThere(t *testing.T) {
	t.Parallel()
	const before, after = "the old content", "the new content, which is longer"
	for _, fault := range []error{syscall.ENOSPC, syscall.EIO, durabletest.ErrKilled} {
		at := 0
		for ; ; at++ {
			path := filepath.Join(t.TempDir(), "table.csv")
			if err := os.WriteFile(path, []byte(before), 0o666); err != nil {
				t.Fatal(err)
			}
			disk := &durabletest.Faults{At: at, Err: fault}
			err := durable.WriteBytes(disk, path, []byte(after))
			got, _ := os.ReadFile(path)
			if at == len(disk.Calls()) && err == nil && string(got) == after {
				break // that was all
			}
			switch {
			case err == nil:
				t.Fatalf("%v at %q: no error", fault, disk.Calls()[at])
			case string(got) != before && string(got) != after:
				t.Errorf("%v at %q: %q", fault, disk.Calls()[at], got)
			}
			if !durable.Exhausted(err) && !errors.Is(fault, durabletest.ErrKilled) {
				t.Errorf("%v is not called the machine's", err)
			}
			if err := durable.WriteBytes(durable.OS, path, []byte(after)); err != nil {
				t.Fatal(err)
			}
			if left, _ := os.ReadDir(filepath.Dir(path)); len(left) != 1 {
				t.Errorf("%v at %q: %d files are left after the next write", fault, disk.Calls()[at], len(left))
			}
		}
		if at < 5 {
			t.Errorf("%d calls, want open, write, fsync, rename, fsync directory", at)
		}
	}
}

// WriteFile under power cuts at each of its calls: the old content or the new one.
func TestWriteFileSurvivesPowerCuts(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "summary.json")
	journal := durabletest.NewJournal(dir)
	first := 0
	for i, text := range []string{"one", "another"} {
		if err := durable.WriteBytes(journal, path, []byte(text)); err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			first = journal.Len()
		}
	}
	chance := rand.New(rand.NewPCG(1, 2))
	for calls := range journal.Len() + 1 {
		for range 20 {
			after := t.TempDir()
			if err := journal.Crash(calls, chance, after); err != nil {
				t.Fatal(err)
			}
			got, err := os.ReadFile(filepath.Join(after, "summary.json"))
			old, latest := string(got) == "one", string(got) == "another"
			switch {
			case calls < first && err != nil, old && calls >= first-1, latest && calls == journal.Len():
			case latest && calls >= first:
			case old && calls < first:
			default:
				t.Errorf("after %d of %d calls: %q, %v", calls, journal.Len(), got, err)
			}
			if calls == journal.Len() && !latest {
				t.Errorf("WriteFile has returned, and its content is lost: %q", got)
			}
		}
	}
}

// A writer that is at work keeps its temporary file; one that is gone does not.
func TestSweep(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "weights")
	err := durable.WriteFile(durable.OS, path, func(w io.Writer) error {
		if err := os.WriteFile(filepath.Join(dir, ".tmp-weights-dead"), nil, 0o666); err != nil {
			return err
		}
		durable.Sweep(durable.OS, dir)
		_, err := io.WriteString(w, "whole")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if left, _ := os.ReadDir(dir); len(left) != 1 {
		t.Errorf("%v is left", left)
	}
}

func TestAppendRefusesLinks(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	link := filepath.Join(dir, "log.txt")
	if err := os.Symlink(filepath.Join(dir, "precious"), link); err != nil {
		t.Fatal(err)
	}
	if _, err := durable.Append(durable.OS, link); err == nil || !strings.Contains(err.Error(), "regular file") {
		t.Errorf("a link: %v", err)
	}
}
