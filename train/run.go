package train

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/bits"
	"time"

	"autoamp/amp"
	"autoamp/graph"
)

// run is a Trainer at work.
//
// Its state (the embedded part) is what a checkpoint holds beside the weights; everything else
// follows from the configuration and from metrics.csv. Steps run in chunks of about a tenth of
// a second, which end where a row of metrics or a checkpoint is due. Neither the chunks nor
// the clock have any influence on results.
type run struct {
	*Trainer
	state
	config    Config // resolved
	replicas  []graph.Replica
	programs  *Programs
	data      *dataSet          // nil for a law
	windows   *windows          // nil for a law
	theory    []*amp.Prediction // by p
	dir       *directory        // nil if nothing is written
	metrics   *CSV              // nil if nothing is written
	structure *CSV              // nil if nothing is written
	trace     *gdminTrace       // nil but for alternating minimisation
	runner    graph.Runner
	log       *slog.Logger
	finished  *Summary // of a run that needs no more training
	stairs    []staircase
	last      []Row       // the newest row of every replica
	shapes    []Structure // the newest measurement of every replica
	saved     string      // the newest checkpoint
	savedStep uint64
	began     time.Time
	wallPast  float64 // seconds of earlier sessions
	chunk     int     // steps that take about chunkTime
}

// chunkTime is how long a chunk of steps should take: the time to react to a cancelled context.
const chunkTime = 100 * time.Millisecond

// maxChunk bounds the memory for a chunk's losses.
const maxChunk = 1 << 14

// open prepares a run. Everything that can be refused is checked before anything is written.
func (t *Trainer) open(ctx context.Context) (*run, error) {
	r := &run{Trainer: t, config: t.Config.WithDefaults(), began: time.Now(), chunk: 1}
	if r.config.alternating() {
		own := *t
		own.Executor = gdminExecutor{r.config}
		r.Trainer = &own
	}
	if err := r.open(ctx); err != nil {
		r.close()
		return nil, err
	}
	return r, nil
}

func (r *run) open(ctx context.Context) (err error) {
	if r.Executor == nil {
		return errors.New("train: no executor: set Trainer.Executor, for example to kernels/cpu's")
	}
	if err = r.config.Validate(); err != nil {
		return err
	}
	if r.data, err = openData(ctx, r.config, r.Logger); err != nil {
		return err
	}
	r.config = r.data.record(r.config)
	if r.programs, err = compile(r.config, r.data); err != nil {
		return err
	}
	r.replicas = r.config.Replicas()
	r.stairs = make([]staircase, len(r.replicas))
	r.last = make([]Row, len(r.replicas))
	r.Window = make([]float64, len(r.replicas))
	if r.Dir != "" {
		if r.dir, err = inspect(r.Dir, r.config, r.Resume); err != nil {
			return err
		}
		if r.finished = r.readSummary(); r.finished != nil {
			return nil
		}
	}
	if r.theory, err = r.predictions(ctx); err != nil {
		return err
	}
	if r.runner, err = r.Executor.Load(r.replicas, r.programs.Train, r.programs.Evaluate); err != nil {
		return err
	}
	if err := r.start(); err != nil {
		return err
	}
	if r.data != nil {
		r.windows = newWindows(r.data, r.config)
		if err := r.windows.begin(r.runner, r.data.held(r.config)); err != nil {
			return err
		}
	}
	return r.own()
}

// predictions returns the theory for every p.
func (r *run) predictions(ctx context.Context) ([]*amp.Prediction, error) {
	if r.data != nil && r.config.hasTheory() {
		return r.data.predictions(ctx, r.config)
	}
	return predictions(r.config)
}

// start sets weights and state to where the run begins: its newest checkpoint, or step 0.
func (r *run) start() error {
	if r.dir == nil || r.dir.checkpoint == "" {
		return initialise(r.runner, r.programs, r.replicas, r.config)
	}
	if err := r.restore(r.dir.checkpoint); err != nil {
		return err
	}
	if own, ok := r.runner.(*gdminRunner); ok {
		own.seek(r.Step)
	}
	return nil
}

// own takes the run directory, if there is one.
func (r *run) own() error {
	if r.dir != nil {
		if err := r.dir.own(r.config); err != nil {
			return err
		}
		if r.data != nil {
			if err := r.dir.writeTheory(r.theory); err != nil {
				return err
			}
		}
		var err error
		if r.metrics, err = openCSV(r.dir.file(metricsFile), r.MetricsBytes, metricsHeader); err != nil {
			return fmt.Errorf("train: metrics: %w", err)
		}
		if r.structure, err = openCSV(r.dir.file(structureFile), r.StructureBytes, structureHeader); err != nil {
			return fmt.Errorf("train: structure: %w", err)
		}
		if err := pruneCheckpoints(r.dir.file(checkpointFolder), r.config.Checkpoint.Keep); err != nil {
			return fmt.Errorf("train: checkpoints: %w", err)
		}
	}
	if err := r.openTrace(); err != nil {
		return err
	}
	r.log = r.dir.logger(r.Logger)
	if c := r.config.coherence(); c != nil {
		r.log.Info("dictionary", keyCoherence, c.Max, keyMu, c.Mu)
	}
	r.log.Info("training", keyModel, r.config.Model.Name, keyData, r.config.Data.Name, keyReplicas, len(r.replicas),
		keyStep, r.step(), keySteps, r.config.Steps, keyDevice, r.Executor.Device(), keyOut, r.Dir)
	return nil
}

// step is the number of updates done.
func (r *run) step() int { return int(r.Step) }

// advance runs one chunk of updates, and what is due after it.
func (r *run) advance() error {
	if r.windows != nil {
		if err := r.windows.provide(r.runner, r.Step); err != nil {
			return err
		}
	}
	steps := min(r.chunk, r.windows.until(r.Step, r.nextStop())-r.step())
	losses := make([]float64, steps*len(r.replicas))
	begin := time.Now()
	if err := r.runner.Run(trainProgram, r.Step, steps, losses); err != nil {
		return err
	}
	took := time.Since(begin)
	r.TrainS += took.Seconds()
	r.resize(steps, took)
	r.Step += uint64(steps)
	r.collect(losses)
	r.report(losses)
	if r.rowDue(r.step()) {
		if err := r.row(); err != nil {
			return err
		}
		if err := r.recordTrace(); err != nil {
			return err
		}
	}
	if r.structureDue(r.step()) {
		if err := r.recordShape(); err != nil {
			return err
		}
	}
	if r.step()%r.config.Checkpoint.Every == 0 {
		return r.save()
	}
	return nil
}

// resize fits the chunk to the clock, at most doubling it.
func (r *run) resize(steps int, took time.Duration) {
	fit := int(float64(steps) * float64(chunkTime) / float64(max(took, time.Microsecond)))
	r.chunk = min(max(1, fit), 2*r.chunk, maxChunk, max(1, (1<<20)/len(r.replicas)))
}

// nextStop is the next step at which something is due.
func (r *run) nextStop() int {
	step := r.step()
	every, save := r.config.Evaluation.Every, r.config.Checkpoint.Every
	stop := min((step/every+1)*every, (step/save+1)*save, r.config.Steps)
	if step < every {
		stop = min(stop, 1<<bits.Len(uint(step)))
	}
	return stop
}

// rowDue says whether metrics have a row after a step: every Evaluation.Every steps, at the powers
// of two before that, and at the end.
func (r *run) rowDue(step int) bool {
	every := r.config.Evaluation.Every
	return step%every == 0 || step == r.config.Steps || step < every && bits.OnesCount(uint(step)) == 1
}

// collect adds a chunk's losses to the window of the next row, in the order of the steps.
func (r *run) collect(losses []float64) {
	for i, loss := range losses {
		r.Window[i%len(r.replicas)] += loss
	}
	r.WindowSteps += len(losses) / len(r.replicas)
}

// report tells Progress.
func (r *run) report(losses []float64) {
	if r.Progress == nil {
		return
	}
	var test float64
	for _, row := range r.last {
		test += row.TestMSE / float64(len(r.last))
	}
	train, _ := meanStderr(losses)
	r.Progress(Progress{
		Step: r.step(), Steps: r.config.Steps, TrainMSE: train, TestMSE: test, Elapsed: time.Since(r.began),
	})
}

// save writes a checkpoint, unless this step has one, and forgets the oldest.
func (r *run) save() error {
	if r.dir == nil || r.saved != "" && r.savedStep == r.Step {
		return nil
	}
	if err := errors.Join(r.metrics.Sync(), r.structure.Sync()); err != nil {
		return fmt.Errorf("train: metrics: %w", err)
	}
	s := r.state
	if r.trace != nil {
		if err := r.trace.file.Sync(); err != nil {
			return fmt.Errorf("train: gdmin: %w", err)
		}
		s.TraceBytes = r.trace.file.size
	}
	s.MetricsBytes, s.StructureBytes, s.WallS = r.metrics.size, r.structure.size, r.wall()
	folder := r.dir.file(checkpointFolder)
	path, err := saveCheckpoint(folder, s, r.config, r.programs.Train.Tensors(), r.runner)
	if err != nil {
		return err
	}
	r.saved, r.savedStep = path, r.Step
	if err := pruneCheckpoints(folder, r.config.Checkpoint.Keep); err != nil {
		return fmt.Errorf("train: checkpoints: %w", err)
	}
	return nil
}

// wall is the time of all sessions, in seconds.
func (r *run) wall() float64 { return r.wallPast + time.Since(r.began).Seconds() }

// interrupted saves the run and says where.
func (r *run) interrupted(ctx context.Context) error {
	if err := r.save(); err != nil {
		return r.failed(err)
	}
	where := "nothing is saved: there is no run directory"
	if r.saved != "" {
		where = "saved in " + r.saved
	}
	r.log.Warn("interrupted", keyStep, r.step(), keyPath, r.saved)
	return fmt.Errorf("train: stopped after step %d of %d, %s: %w", r.step(), r.config.Steps, where, ctx.Err())
}

// failed explains an error that ends the run.
func (r *run) failed(err error) error {
	if bad := (*graph.NonFiniteError)(nil); errors.As(err, &bad) {
		d := &DivergedError{Step: bad.Step, Replica: bad.Replica, Tensor: bad.Tensor, Saved: r.saved, Err: err}
		if bad.Replica >= 0 && bad.Replica < len(r.replicas) {
			d.Seed, d.P = r.replicas[bad.Replica].Seed, r.replicas[bad.Replica].P
		}
		err = d
	}
	r.log.Error("failed", keyStep, r.step(), keyError, err)
	return err
}

// release gives the runner's memory back.
func (r *run) release() {
	if r.runner != nil {
		r.runner.Close()
		r.runner = nil
	}
}

func (r *run) close() {
	r.windows.close()
	r.data.close()
	r.release()
	if r.metrics != nil {
		r.metrics.Close()
	}
	if r.trace != nil && r.trace.file != nil {
		r.trace.file.Close()
	}
	if r.structure != nil {
		r.structure.Close()
	}
	r.dir.close()
}
