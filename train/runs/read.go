package runs

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"time"

	"autoamp/train/rundir"
)

// Read reads the runs at places, in their order, on all cores. It reads fewer if ctx is cancelled: the caller looks at ctx.
func Read(ctx context.Context, places []Place) []Run {
	out := make([]Run, len(places))
	next := make(chan int)
	var workers sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(places)) {
		workers.Go(func() {
			for i := range next {
				out[i] = read(places[i], time.Now())
			}
		})
	}
	done := 0
	for ; done < len(places) && ctx.Err() == nil; done++ {
		next <- done
	}
	close(next)
	workers.Wait()
	return out[:done]
}

// One reads the run in a directory. A directory without a run is an error.
func One(ctx context.Context, dir string) (Run, error) {
	places, err := Find(ctx, dir)
	if err != nil {
		return Run{}, err
	}
	for _, place := range places {
		if place.Dir == filepath.Clean(dir) {
			return read(place, time.Now()), nil
		}
	}
	return Run{}, &fs.PathError{Op: "runs: open", Path: dir, Err: errors.New("holds no run")}
}

// read reads one run.
func read(place Place, now time.Time) Run {
	r := Run{Dir: place.Dir, Kind: Training}
	if place.Sweep {
		return readSweep(place.Dir)
	}
	if place.Err != nil {
		return r.damaged(place.Err)
	}
	r.Changed = newest(r.Dir, rundir.SummaryFile, rundir.LogFile, rundir.MetricsFile, rundir.ConfigFile)
	settings, err := rundir.ReadTexts(r.Dir)
	if err == nil {
		err = r.describe(settings)
	}
	if err != nil {
		return r.damaged(err)
	}
	summary, err := rundir.ReadSummary(r.Dir)
	switch {
	case err == nil:
		r.finished(summary.Summary)
		return r
	case !errors.Is(err, fs.ErrNotExist):
		return r.damaged(err)
	}
	if err := r.soFar(); err != nil {
		return r.damaged(err)
	}
	r.judge(now)
	return r
}

// damaged is the run with the reason why it cannot be read to the end.
func (r Run) damaged(err error) Run {
	r.State, r.Reason = Damaged, err.Error()
	return r
}

// finished takes over the results.
func (r *Run) finished(s *rundir.Summary) {
	r.State, r.Step, r.Converged = Finished, s.TrainSteps, s.Converged
	r.WallS, r.MsPerStep = s.WallS, s.MsPerStep
	r.Points = nil
	for _, p := range s.Points {
		point := Point{P: p.P, TestMSE: &p.TestMSE, TestMSEStderr: &p.TestMSEStderr, Candidate: p.Candidate, Gap: p.Gap}
		if p.Candidate != "" {
			point.Limit = &p.Limit
		}
		if p.Expected > 0 {
			point.FiniteD = &p.Expected
		}
		r.Points = append(r.Points, point)
	}
}

// newest is the time of the newest change of files in a directory, the directory's own where there is none of them.
func newest(dir string, names ...string) time.Time {
	var at time.Time
	for _, name := range names {
		if info, err := os.Stat(filepath.Join(dir, name)); err == nil && info.ModTime().After(at) {
			at = info.ModTime()
		}
	}
	if info, err := os.Stat(dir); at.IsZero() && err == nil {
		at = info.ModTime()
	}
	return at
}
