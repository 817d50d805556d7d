package train

import (
	"context"
	"errors"
	"log/slog"

	"autoamp/datasets/durable"
	"autoamp/graph"
)

// Trainer trains the replicas of one Config side by side. Only Executor is required.
type Trainer struct {
	// Config is the training run; zero fields mean their defaults.
	Config Config
	// Executor runs the programs: kernels/cpu's or cuda's.
	Executor graph.Executor
	// Dir is the run directory: config, metrics, checkpoints, figures, summary. It is made if
	// it does not exist. Empty means that nothing is written.
	Dir string
	// EventDir is the folder of the event files that Config.Tensorboard asks for. Empty means Dir.
	EventDir string
	// Resume continues the run in Dir from its newest checkpoint. A directory that is empty or
	// does not exist begins a new run, so that one command line serves the first start and
	// every restart. A finished run returns its summary. Without Resume, Dir must hold no run.
	Resume bool
	// Logger receives the run's beginning, end and warnings; Dir/log.txt receives them too. Nil
	// means only Dir/log.txt.
	Logger *slog.Logger
	// Recorder receives the rows of metrics beside metrics.csv. Nil means no recorder. A resumed
	// run may repeat rows that were recorded after its checkpoint. Run does not close the recorder.
	Recorder Recorder
	// NoFigures leaves the figures of Dir out, for callers that only want numbers; report.Figures draws them later.
	NoFigures bool
	// OnlyFinal measures the test error of the trained models alone: the rows along the way have NaN. A small model spends most of
	// its time on these errors. It does not apply to alternating minimisation.
	OnlyFinal bool
	// Disk makes all changes of files. Nil means the machine's disk.
	Disk durable.Disk
	// Progress, if not nil, is called several times a second, from Run's goroutine.
	Progress func(Progress)
}

// Recorder receives the rows of metrics, in order of step and replica.
type Recorder interface {
	Record(Row) error
	Close() error
}

// Run trains until Config.Steps, or continues to there, and returns the results.
//
// When ctx is done, Run finishes the steps under way (a fraction of a second), saves a checkpoint and returns an error
// that wraps ctx's and names the step. A run that does not begin returns a *RefusedError, unless the cause is the
// machine, such as a full disk. A loss that is not finite is a *DivergedError. The summary is nil on error.
//
// A finished run that is resumed returns its summary and draws its missing figures.
//
// If one of several devices fails (graph/devices), the others continue from the newest checkpoint.
func (t *Trainer) Run(ctx context.Context) (*Summary, error) {
	left := *t
	for {
		s, err := left.run(ctx)
		if err == nil || ctx.Err() != nil || !left.survive(err) {
			return s, err
		}
	}
}

// survive leaves out a device that failed. It reports whether others are there.
func (t *Trainer) survive(err error) bool {
	several, ok := t.Executor.(interface {
		Survivors(err error) (graph.Executor, bool)
	})
	if !ok {
		return false
	}
	left, ok := several.Survivors(err)
	if !ok {
		return false
	}
	if t.Logger != nil {
		t.Logger.Warn("a device failed, and the others continue from the newest checkpoint", keyError, err, keyDevice, left.Device())
	}
	t.Executor = left
	if !errors.As(err, new(*RefusedError)) { // of a run that did not begin there is nothing
		t.Resume = true
	}
	return true
}

// run is Run on devices that do not fail.
func (t *Trainer) run(ctx context.Context) (*Summary, error) {
	r, err := t.open(ctx)
	if durable.Exhausted(err) {
		return nil, err
	}
	if err != nil {
		return nil, &RefusedError{err}
	}
	defer r.close()
	if r.finished != nil {
		r.again()
		return r.finished, nil
	}
	if err := r.begin(ctx); err != nil {
		return nil, r.failed(ctx, err)
	}
	for r.step() < r.config.Steps {
		if ctx.Err() != nil {
			return nil, r.interrupted(ctx)
		}
		if err := r.advance(ctx); err != nil {
			return nil, r.failed(ctx, err)
		}
	}
	s, err := r.finish(ctx)
	if err != nil {
		return nil, r.failed(ctx, err)
	}
	return s, nil
}
