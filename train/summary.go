package train

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"path/filepath"

	"autoamp/amp"
	"autoamp/datasets"
	"autoamp/datasets/durable"
)

// Summary is the result of a finished run: summary.json, and the last line of train --json.
//
// The fields of the first Point stand at the top, for runs with one p.
type Summary struct {
	TestMSE       float64         `json:"test_mse"`        // of Points[0]
	TestMSEStderr float64         `json:"test_mse_stderr"` // of Points[0]
	TrainSteps    int             `json:"train_steps"`     // optimizer updates
	WallS         float64         `json:"wall_s"`          // seconds, evaluation and earlier sessions included
	MsPerStep     float64         `json:"ms_per_step"`     // per update of all replicas, without evaluation
	Device        string          `json:"device"`          // of the executor
	Theory        *amp.Prediction `json:"theory"`          // of Points[0], with its finite-d correction
	Out           string          `json:"out"`             // the run directory, empty if there is none
	Data          *DataSummary    `json:"data,omitempty"`  // of a data set
	Model         ModelConfig     `json:"model"`
	// Coherence is that of the dictionary, for data of a dictionary model.
	Coherence *datasets.Coherence `json:"coherence,omitempty"`
	Points    []Point             `json:"points"` // by p, in the order of the Config
	Runs      []RunResult         `json:"runs"`   // by replica
}

// DataSummary describes a data set as the model sees it.
type DataSummary struct {
	TrainingRows int `json:"training_rows"`
	TestRows     int `json:"test_rows"` // held out
	// TrainingSquare and TestSquare are the mean squares of a number in the training rows and in the held-out rows. The
	// theory is about the training rows. Where the training rows are few or whitened, the held-out rows can have another
	// mean square: compare an error on rows with the mean square of the same rows.
	TrainingSquare float64 `json:"training_square"`
	TestSquare     float64 `json:"test_square"`
}

// Point is the result at one p: the mean over its seeds.
type Point struct {
	P       float64 `json:"p"`
	TestMSE float64 `json:"test_mse"`
	// TestMSEStderr is the standard error of TestMSE: from the spread over seeds or, where that
	// is larger (one seed, or few that agree by luck), from the evaluation alone.
	TestMSEStderr float64 `json:"test_mse_stderr"`
	// TrainMSE is the mean of RunResult.TrainMSE: for a data set, the error on rows that the model saw.
	TrainMSE float64 `json:"train_mse"`
	// Expected is the theory's error for this model at this d: the smaller of the Haar encoder's error, corrected for
	// finite d, and the identity encoder's error. Expected is 0 where there is no theory, or none at so small a d
	// (amp.NewFiniteDim). Gap is TestMSE/Expected − 1, and null where Expected is 0. Limit is Expected as d → ∞.
	//
	// For a data set, Expected is the error for rows that differ in energy as the training rows do, amp.RowLaw. Limit is
	// the error for independent coordinates or, with a linear decoder, for Gaussian rows with the spectrum of the data.
	Expected float64  `json:"expected"`
	Limit    float64  `json:"limit"`
	Gap      *float64 `json:"gap"`
	// Permutation is the mean over seeds of Structure.Permutation, which a phase transition switches; PermutationStderr is
	// its standard error over seeds, 0 for one.
	Permutation       float64         `json:"permutation"`
	PermutationStderr float64         `json:"permutation_stderr"`
	Theory            *amp.Prediction `json:"theory"`
}

// RunResult is the result of one replica.
type RunResult struct {
	Replica       int       `json:"replica"`
	Seed          uint64    `json:"seed"`
	P             float64   `json:"p"`
	TestMSE       float64   `json:"test_mse"`
	TestMSEStderr float64   `json:"test_mse_stderr"` // over the batches of the final evaluation
	TrainMSE      float64   `json:"train_mse"`       // mean over the last row's window
	Plateaus      []Plateau `json:"plateaus"`
	Drops         []Drop    `json:"drops"`
	Structure     Structure `json:"structure"` // of the trained weights
	// GDMin is for alternating minimisation only.
	GDMin *GDMinResult `json:"gdmin,omitempty"`
}

// finish evaluates the trained models, and writes figures and summary.
func (r *run) finish(ctx context.Context) (*Summary, error) {
	if err := r.save(); err != nil {
		return nil, err
	}
	if len(r.shapes) == 0 { // resumed at the last step, or nothing is written
		if err := r.shape(); err != nil {
			return nil, err
		}
	}
	losses, err := r.evaluateFinally(ctx)
	if err != nil {
		return nil, err
	}
	s := r.summarise(losses)
	if err := r.publish(s); err != nil {
		return nil, err
	}
	for _, p := range s.Points {
		fields := []any{keyP, p.P, keyMSE, p.TestMSE, keyStderr, p.TestMSEStderr}
		if p.Expected > 0 {
			fields = append(fields, keyTheory, p.Expected)
		}
		r.log.Info("trained", append(fields, keyMs, s.MsPerStep)...)
	}
	return s, nil
}

// summarise computes the summary from the losses (batches, replicas) of the final evaluation.
func (r *run) summarise(losses []float64) *Summary {
	s := &Summary{
		TrainSteps: r.step(), WallS: r.wall(), MsPerStep: 1e3 * r.TrainS / float64(r.step()),
		Device: r.Executor.Device(), Out: r.Dir, Model: r.config.Model, Coherence: r.config.coherence(),
	}
	if r.data != nil {
		s.Data = r.data.summary
	}
	for i, rep := range r.replicas {
		mse, stderr := r.testError(losses, i)
		s.Runs = append(s.Runs, RunResult{
			Replica: i, Seed: rep.Seed, P: rep.P, TestMSE: mse, TestMSEStderr: stderr, TrainMSE: r.last[i].TrainMSE,
			Plateaus: notNil(r.stairs[i].plateaus), Drops: notNil(r.stairs[i].drops),
			Structure: r.shapes[i],
		})
	}
	if r.trace != nil {
		for i, g := range r.trace.results(len(r.replicas)) {
			s.Runs[i].GDMin = g
		}
	}
	seeds := len(r.config.Seeds)
	for i, p := range r.config.Data.P {
		s.Points = append(s.Points, point(r.config.Model, p, r.theory[i], s.Runs[i*seeds:(i+1)*seeds]))
	}
	s.TestMSE, s.TestMSEStderr, s.Theory = s.Points[0].TestMSE, s.Points[0].TestMSEStderr, s.Points[0].Theory
	return s
}

// notNil makes an empty list [] in JSON, not null.
func notNil[T any](list []T) []T { return append([]T{}, list...) }

// point averages the runs at one p.
func point(m ModelConfig, p float64, theory *amp.Prediction, runs []RunResult) Point {
	var values, distances []float64
	var variance, train float64 // variance of the evaluation of the mean
	for _, r := range runs {
		values = append(values, r.TestMSE)
		distances = append(distances, r.Structure.Permutation)
		train += r.TrainMSE / float64(len(runs))
		variance += r.TestMSEStderr * r.TestMSEStderr
	}
	mean, spread := meanStderr(values)
	out := Point{P: p, Theory: theory, TestMSE: mean, TrainMSE: train}
	out.TestMSEStderr = max(spread, math.Sqrt(variance)/float64(len(runs)))
	out.Permutation, out.PermutationStderr = meanStderr(distances)
	out.Expected, out.Limit = expected(m, theory)
	if out.Expected > 0 {
		gap := out.TestMSE/out.Expected - 1
		out.Gap = &gap
	}
	return out
}

// storedSummary is summary.json.
type storedSummary struct {
	*Summary
	Rows map[string]extent `json:"rows"` // of the finished run
}

// maxSummaryBytes bounds summary.json.
const maxSummaryBytes = 1 << 28

// publish writes summary.json, whose presence says that the run is finished, and draws the figures. A figure that fails is not
// worth the results of a run: it is a warning, and a resumed run draws it again.
func (r *run) publish(s *Summary) error {
	if r.dir == nil {
		return nil
	}
	rows, err := r.syncRows()
	if err != nil {
		return err
	}
	r.release() // figures are drawn from files
	s.WallS = r.wall()
	if err := durable.WriteJSON(r.dir.disk, r.dir.file(summaryFile), storedSummary{s, rows}); err != nil {
		return fmt.Errorf("train: summary: %w", err)
	}
	r.draw(func(drawing) bool { return true })
	return nil
}

// again draws the figures of a finished run that are not there, and clears what is left of old checkpoints.
func (r *run) again() {
	r.log = r.dir.logger(r.Logger)
	r.prune()
	r.draw(r.dir.missing)
}

// draw draws the wanted figures.
func (r *run) draw(wanted func(drawing) bool) {
	if r.NoFigures {
		return
	}
	if _, err := r.dir.drawFigures(wanted); err != nil {
		r.log.Warn("figures", keyError, err)
	}
}

// readSummary returns the summary of a finished run, nil if there is none. One that is damaged is computed again.
func (r *run) readSummary() *Summary {
	s, err := readSummary(r.Dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		r.dir.logger(r.Logger).Warn("the summary is computed again", keyError, err)
	}
	if err != nil || s.TrainSteps != r.config.Steps {
		return nil
	}
	s.Out = r.Dir
	return s.Summary
}

// readSummary reads summary.json of a run directory.
func readSummary(dir string) (*storedSummary, error) {
	s := &storedSummary{}
	if err := durable.ReadJSON(filepath.Join(dir, summaryFile), maxSummaryBytes, s); err != nil {
		return nil, err
	}
	return s, nil
}
