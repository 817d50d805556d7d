package train_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"autoamp/train"
	"autoamp/train/internal/traintest"
	"autoamp/train/rundir"
)

// A run whose data file has moved goes on where the new name is given, since the content is the same; other content is refused.
func TestResumeAfterTheDataMoved(t *testing.T) {
	t.Parallel()
	c := single()
	c.Data.Name, c.Data.P = traintest.StoreLaw(t, gaussian, 400, 6, 0, 1), nil
	resume := func(dir string, c train.Config, stop int) (*train.Summary, error) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		tr := train.Trainer{Config: c, Executor: traintest.NewCPU(t, 1), Dir: dir, Resume: true, Progress: func(p train.Progress) {
			if stop > 0 && p.Step >= stop {
				cancel()
			}
		}}
		return tr.Run(ctx)
	}
	whole := t.TempDir()
	s, err := resume(whole, c, 0)
	if err != nil {
		t.Fatal(err)
	}
	want := outcome(t, whole, s)
	dir := t.TempDir()
	if _, err := resume(dir, c, 150); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	stored, err := rundir.LoadRun(dir)
	if err != nil {
		t.Fatal(err)
	}
	file := strings.TrimPrefix(stored.Data.Name, "npy:")
	if !filepath.IsAbs(file) {
		t.Errorf("data.name = %s: means another file in another directory", stored.Data.Name)
	}
	moved := filepath.Join(t.TempDir(), "moved.npy")
	if err := os.Rename(file, moved); err != nil {
		t.Fatal(err)
	}
	refused(t, dir, stored, true, nil, "no such file", "if the file has moved, give its new name")
	stored.Data.Name = traintest.StoreLaw(t, gaussian, 400, 6, 0, 2)
	refused(t, dir, stored, true, nil, "the data have changed")
	stored.Data.Name = "npy:" + moved
	if s, err = resume(dir, stored, 0); err != nil {
		t.Fatal(err)
	}
	got := outcome(t, dir, s)
	got["summary"] = strings.ReplaceAll(got["summary"], moved, file)
	delete(want, "config.yaml") // of the other run, in another directory
	delete(got, "config.yaml")
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("resumed with the moved file:\n%.2000s", d)
	}
}
