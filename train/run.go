package train

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/bits"
	"path/filepath"
	"time"

	"autoamp/amp"
	"autoamp/datasets/durable"
	"autoamp/graph"
	"autoamp/train/gdmin"
	"autoamp/train/program"
	"autoamp/train/rundir"
	"autoamp/train/tensorboard"
	"autoamp/train/theory"
)

// run is a Trainer at work.
//
// A checkpoint holds its state (the embedded part) and the weights. Everything else follows from
// the configuration and from metrics.csv. Steps run in chunks of about a tenth of a second, which
// end where a row of metrics or a checkpoint is due. The chunks and the clock have no influence on
// results.
type run struct {
	*Trainer
	rundir.State
	config    Config // resolved
	replicas  []graph.Replica
	programs  *Programs          // nil for alternating minimisation
	tensors   []graph.Buffer     // of a replica, in a checkpoint
	data      *dataSet           // nil for a law
	windows   *windows           // nil for a law
	pointOf   []int              // of each replica, in the configuration's Points
	theory    []*amp.Prediction  // by point
	best      []theory.Candidate // by point
	dir       *rundir.Directory  // nil if nothing is written
	metrics   *rundir.CSV        // nil if nothing is written
	structure *rundir.CSV        // nil if nothing is written
	events    *tensorboard.Log   // nil unless the configuration asks for it
	trace     *gdmin.Trace       // nil but for alternating minimisation
	algorithm algorithm
	log       *slog.Logger
	finished  *Summary // of a run that needs no more training
	stairs    []staircase
	last      []Row       // the newest row of every replica
	shown     Progress    // of the newest row, as far as Progress tells of it
	shapes    []Structure // the newest measurement of every replica
	saved     string      // the newest checkpoint
	savedStep uint64
	began     time.Time
	wallPast  float64 // seconds of earlier sessions
	training  pace    // in steps
	// evaluating is the pace in batches.
	evaluating pace
}

// pace is how many steps or batches take about chunkTime.
type pace int

// learn fits the pace to the clock. It doubles the pace at most, and it keeps the memory for the losses of all replicas small.
func (p *pace) learn(done int, took time.Duration, replicas int) {
	fit := int(float64(done) * float64(chunkTime) / float64(max(took, time.Microsecond)))
	*p = pace(min(max(1, fit), 2*int(*p), maxChunk, max(1, (1<<20)/replicas)))
}

// chunkTime is the wanted duration of a chunk of steps. It is also the time to react to a cancelled context.
const chunkTime = 100 * time.Millisecond

// maxChunk bounds the memory for a chunk's losses.
const maxChunk = 1 << 14

// open prepares a run. Everything that can be refused is checked before anything is written.
func (t *Trainer) open(ctx context.Context) (*run, error) {
	own := *t
	r := &run{Trainer: &own, config: t.Config.WithDefaults(), began: time.Now(), training: 1, evaluating: 1}
	if own.Disk == nil {
		own.Disk = durable.OS
	}
	if err := r.open(ctx); err != nil {
		r.close()
		return nil, err
	}
	return r, nil
}

func (r *run) open(ctx context.Context) (err error) {
	if r.Executor == nil && !r.config.Alternating() {
		return errors.New("train: no executor: set Trainer.Executor, for example to kernels/cpu's")
	}
	if err = r.config.Validate(); err != nil {
		return err
	}
	if r.data, err = openData(ctx, r.config, r.Logger); err != nil {
		return err
	}
	if r.config, err = recordStart(r.data.record(r.config)); err != nil {
		return err
	}
	if err = r.compile(); err != nil {
		return err
	}
	r.replicas, r.pointOf = r.config.Replicas(), r.config.PointOf()
	r.stairs = make([]staircase, len(r.replicas))
	r.last = make([]Row, len(r.replicas))
	r.Window = make([]float64, len(r.replicas))
	if r.Dir != "" {
		if r.dir, err = rundir.Inspect(r.Disk, r.Dir, r.config, r.Resume); err != nil {
			return err
		}
		if r.finished = r.readSummary(); r.finished != nil {
			return nil
		}
	}
	if r.theory, err = r.predict(ctx); err != nil {
		return err
	}
	for _, t := range r.theory {
		r.best = append(r.best, theory.Best(r.config.Model, t))
	}
	if err := r.start(ctx); err != nil {
		return err
	}
	if r.data != nil {
		r.windows = newWindows(r.data, r.config)
		if err := r.windows.begin(r.algorithm, r.data.held(r.config)); err != nil {
			return err
		}
	}
	return r.own()
}

// compile compiles the programs of the optimizer's steps and lists the tensors of a checkpoint.
func (r *run) compile() (err error) {
	if r.config.Alternating() {
		r.tensors, err = program.Tensors(r.config)
		return err
	}
	if r.programs, err = program.Compile(r.config, r.data.inMemory(r.config)); err != nil {
		return err
	}
	r.tensors = r.programs.Train.Tensors()
	return nil
}

// predict returns the theory for every point.
func (r *run) predict(ctx context.Context) ([]*amp.Prediction, error) {
	if r.data != nil && theory.Known(r.config) {
		return r.data.predict(ctx, r.config)
	}
	return theory.Predict(r.config)
}

// start makes the algorithm and sets weights and state to the newest checkpoint, or to step 0.
func (r *run) start(ctx context.Context) error {
	resumed := r.dir != nil && r.dir.Checkpoint != nil
	if r.config.Alternating() {
		return r.startAlternating(resumed)
	}
	d, err := load(r.Executor, r.programs, r.replicas)
	if err != nil {
		return err
	}
	r.algorithm = d
	if resumed {
		return r.restore(r.dir.Checkpoint)
	}
	return d.start(ctx, r.config)
}

// startAlternating is start for alternating minimisation.
func (r *run) startAlternating(resumed bool) error {
	replicas, err := gdmin.New(r.config)
	if err != nil {
		return err
	}
	r.algorithm = replicas
	if resumed {
		if err := r.restore(r.dir.Checkpoint); err != nil {
			return err
		}
		replicas.Seek(r.Step)
	} else {
		replicas.Start()
	}
	r.trace, err = gdmin.NewTrace(replicas)
	return err
}

// own takes the run directory, if there is one.
func (r *run) own() error {
	if r.dir != nil {
		if err := r.ownDirectory(); err != nil {
			return err
		}
	}
	if err := r.openEvents(); err != nil {
		return err
	}
	r.log = r.dir.Logger(r.Logger)
	if r.dir != nil {
		if err := r.dir.Disk.SyncDir(r.Dir); err != nil {
			return fmt.Errorf("train: out: %w", err)
		}
		r.dir.Warn(r.log)
		r.prune()
	}
	if c := coherence(r.config); c != nil {
		r.log.Info("dictionary", keyCoherence, c.Max, keyMu, c.Mu)
	}
	r.log.Info("training", keyModel, r.config.Model.Name, keyData, r.config.Data.Name, keyReplicas, len(r.replicas),
		keyStep, r.step(), keySteps, r.config.Steps, keyDevice, r.algorithm.Device(), keyOut, r.Dir)
	return nil
}

// ownDirectory makes the files that every run has.
func (r *run) ownDirectory() error {
	if err := r.dir.Own(r.config); err != nil {
		return err
	}
	if r.data != nil {
		if err := r.dir.WriteTheory(r.theory); err != nil {
			return err
		}
	}
	var err error
	if r.metrics, err = rundir.OpenCSV(r.dir.Disk, r.dir.File(rundir.MetricsFile), r.Rows[rundir.MetricsFile], rundir.MetricsHeader); err != nil {
		return fmt.Errorf("train: metrics: %w", err)
	}
	if r.structure, err = rundir.OpenCSV(r.dir.Disk, r.dir.File(rundir.StructureFile), r.Rows[rundir.StructureFile], rundir.StructureHeader); err != nil {
		return fmt.Errorf("train: structure: %w", err)
	}
	if r.trace != nil {
		return r.trace.Open(r.dir, r.Rows[rundir.GDMinFile])
	}
	return nil
}

// prune removes the oldest checkpoints. A failure does not end the run, because the newest checkpoint is safe.
func (r *run) prune() {
	if err := rundir.Prune(r.dir.Disk, r.dir.File(rundir.CheckpointFolder), r.config.Checkpoint.Keep); err != nil {
		r.log.Warn("old checkpoints stay", keyError, err)
	}
}

// step is the number of updates done.
func (r *run) step() int { return int(r.Step) }

// advance runs one chunk of updates, then the rows and checkpoints that are due after it.
func (r *run) advance(ctx context.Context) error {
	if r.windows != nil {
		if err := r.windows.provide(r.algorithm, r.Step); err != nil {
			return err
		}
	}
	steps := min(int(r.training), r.windows.until(r.Step, r.nextStop())-r.step())
	losses := make([]float64, steps*len(r.replicas))
	begin := time.Now()
	if err := r.algorithm.Train(r.Step, steps, losses); err != nil {
		return err
	}
	took := time.Since(begin)
	r.TrainS += took.Seconds()
	r.training.learn(steps, took, len(r.replicas))
	r.Step += uint64(steps)
	r.collect(losses)
	r.report(losses)
	if err := r.due(ctx); err != nil {
		return err
	}
	if r.step()%r.config.Checkpoint.Every == 0 {
		return r.save()
	}
	return nil
}

// due records the rows that are due after a step. If ctx is done before their evaluation is complete, due records nothing,
// and the resumed run begins with these rows.
func (r *run) due(ctx context.Context) error {
	if r.rowDue(r.step()) {
		losses, err := r.evaluateRow(ctx)
		if err != nil {
			return err
		}
		if err := errors.Join(r.row(losses), r.recordTrace(losses)); err != nil {
			return err
		}
	}
	if r.structureDue(r.step()) {
		return r.recordShape()
	}
	return nil
}

// begin records the rows that are due at the start: the trace of the initial encoders, or the rows that an interrupted
// session left out.
func (r *run) begin(ctx context.Context) error {
	switch {
	case r.rowMissing():
		return r.due(ctx)
	case r.step() == 0 && r.trace != nil && len(r.trace.Rows()) == 0:
		losses, err := r.evaluateRow(ctx)
		if err != nil {
			return err
		}
		return r.recordTrace(losses)
	}
	return nil
}

// rowMissing reports whether an interrupted session has left out the rows that are due after the step of its checkpoint.
func (r *run) rowMissing() bool {
	return r.step() > 0 && r.rowDue(r.step()) && r.last[len(r.last)-1].Step < r.step()
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

// rowDue reports whether metrics have a row after a step: every Evaluation.Every steps, at the
// powers of two before that, and at the end.
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

// save writes a checkpoint, unless this step has one, and forgets the oldest.
func (r *run) save() error {
	if r.dir == nil || r.saved != "" && r.savedStep == r.Step {
		return nil
	}
	s := r.State
	s.WallS = r.wall()
	var err error
	if s.Rows, err = r.syncRows(); err != nil {
		return err
	}
	path, err := rundir.Save(r.dir.Disk, r.dir.File(rundir.CheckpointFolder), s, r.config, r.tensors, r.algorithm)
	if err != nil {
		return err
	}
	r.saved, r.savedStep = path, r.Step
	r.prune()
	return nil
}

// syncRows waits until all rows are on the disk and returns the extents of their files.
func (r *run) syncRows() (map[string]rundir.Extent, error) {
	files := []*rundir.CSV{r.metrics, r.structure}
	if r.trace != nil {
		files = append(files, r.trace.File())
	}
	if err := r.events.Sync(); err != nil {
		return nil, err
	}
	rows := map[string]rundir.Extent{}
	for _, file := range files {
		if err := file.Sync(); err != nil {
			return nil, fmt.Errorf("train: %s: %w", file.Name(), err)
		}
		rows[filepath.Base(file.Name())] = file.Extent
	}
	return rows, nil
}

// wall is the time of all sessions, in seconds.
func (r *run) wall() float64 { return r.wallPast + time.Since(r.began).Seconds() }

// interrupted saves the run and says where.
func (r *run) interrupted(ctx context.Context) error {
	if err := r.save(); err != nil {
		return fmt.Errorf("train: stopped after step %d of %d, not saved: %w", r.step(), r.config.Steps, err)
	}
	where := "nothing is saved: there is no run directory"
	if r.saved != "" {
		where = "saved in " + r.saved
	}
	r.log.Warn(MessageInterrupted, keyStep, r.step(), keyPath, r.saved)
	return fmt.Errorf("train: stopped after step %d of %d, %s: %w", r.step(), r.config.Steps, where, ctx.Err())
}

// failed explains an error that ends the run. A cancelled context is no failure: the run is saved.
func (r *run) failed(ctx context.Context, err error) error {
	if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		return r.interrupted(ctx)
	}
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

// release gives the memory of the weights back.
func (r *run) release() {
	if r.algorithm != nil {
		r.algorithm.Close()
		r.algorithm = nil
	}
}

func (r *run) close() {
	r.windows.close()
	r.data.close()
	r.release()
	if r.metrics != nil {
		r.metrics.Close()
	}
	if r.trace != nil && r.trace.File() != nil {
		r.trace.File().Close()
	}
	if r.structure != nil {
		r.structure.Close()
	}
	r.dir.Close()
}
