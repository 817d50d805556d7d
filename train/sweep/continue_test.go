package sweep

import (
	"context"
	"errors"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"autoamp/kernels/cpu"
	"autoamp/train"
	"autoamp/train/sweep/cells"
)

// A program that is long enough to keep checkpoints goes on where it was interrupted, and its results are those of a program that was
// not.
func TestInterruptedProgramContinues(t *testing.T) {
	t.Parallel()
	g := expand(t, `base: {model: {name: shallow, dim: 8}, batch: 8, steps: 400, evaluation: {every: 40, final_batches: 2}, checkpoint: {every: 40}}
grid: {p: [0.3, 0.6]}
seeds: 2
`)
	exec, err := cpu.New(cpu.Settings{Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	groups := g.groups(CPUReplicas)
	if len(groups) != 1 {
		t.Fatalf("%d programs", len(groups))
	}
	program := func(seconds float64) *training { return &training{grid: g, group: groups[0], seconds: seconds} }
	job := g.job(groups[0])
	run := func(ctx context.Context, of *training, dir string, progress func(train.Progress)) ([]cells.Result, error) {
		d := cells.NewDirectory(dir)
		return of.run(ctx, &cells.Env{Executor: exec, Dir: d.RunPath(job.ID), Sweep: dir, Disk: d.Disk, Progress: progress}, job.Cells)
	}
	want, err := run(t.Context(), program(0), t.TempDir(), nil)
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "sweep")
	ctx, interrupt := context.WithCancel(t.Context())
	interruptAt := func(p train.Progress) {
		if p.Step >= 100 {
			interrupt()
		}
	}
	if _, err := run(ctx, program(Kept), dir, interruptAt); !errors.Is(err, context.Canceled) {
		t.Fatalf("not interrupted: %v", err)
	}
	first := -1
	got, err := run(t.Context(), program(Kept), dir, func(p train.Progress) {
		if first < 0 {
			first = p.Step
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if first <= 100 || first == 400 { // one that begins again reports its first step
		t.Errorf("the second session reports step %d first", first)
	}
	if difference := cmp.Diff(want, got, cmpopts.EquateNaNs()); difference != "" {
		t.Error(difference)
	}
}
