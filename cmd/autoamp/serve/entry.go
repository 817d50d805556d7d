package serve

import (
	"context"
	"math"
	"time"

	"autoamp/train/runs"
)

// entry is a run, a sweep or a reproduction as it was when its files were looked at. It does not change: a newer one takes its
// place.
type entry struct {
	id, name string
	root     string // the folder that was given, without links
	place    runs.Place
	version  uint64 // of the registry, when it came

	stamp  uint64    // of the files
	out    error     // a file is a link out of the folder: then no file is read
	judged time.Time // when its state was found
	run    runs.Run
	sparks [][]Number // by p
	// The readers of a sweep and of a reproduction remember what they have read.
	sweep        *sweepView
	reproduction *reproductionView
}

// judgement is how long a process that trains or works is taken to be alive while its files do not change.
const judgement = 5 * time.Second

// newEntry looks at a place for the first time.
func newEntry(id, name, root string, place runs.Place, now time.Time) *entry {
	e := &entry{id: id, name: name, root: root, place: place, sweep: &sweepView{}, reproduction: &reproductionView{}}
	stamp, err := e.stampNow()
	e.read(stamp, err, now)
	return e
}

// again is the entry, or a newer one if its files have changed.
func (e *entry) again(now time.Time) *entry {
	stamp, err := e.stampNow()
	alive := e.run.State == runs.Running
	if stamp == e.stamp && (!alive || now.Sub(e.judged) < judgement) {
		return e
	}
	newer := &entry{id: e.id, name: e.name, root: e.root, place: e.place, sweep: e.sweep, reproduction: e.reproduction}
	newer.read(stamp, err, now)
	if stamp == e.stamp && newer.run.State == e.run.State {
		e.judged = now // only the registry reads it, which holds its lock
		return e
	}
	return newer
}

// stampNow is the stamp of the files that the entry is read from.
func (e *entry) stampNow() (uint64, error) {
	switch {
	case e.place.Err != nil:
		return 0, nil
	case e.place.Sweep:
		return stampSweep(e.root, e.place.Dir)
	case e.place.Other:
		return stampReproduction(e.root, e.place.Dir)
	}
	return stampRun(e.root, e.place.Dir)
}

// read reads the files. An error is that of the stamp.
func (e *entry) read(stamp uint64, err error, now time.Time) {
	e.stamp, e.out, e.judged = stamp, err, now
	switch {
	case err != nil:
		e.run = runs.Run{Dir: e.place.Dir, Kind: e.kind(), State: runs.Damaged, Reason: err.Error(), Changed: now}
	case e.place.Sweep:
		e.run = e.sweep.read(e.place.Dir)
	case e.place.Other:
		e.run = e.reproduction.line(e.place.Dir)
	default:
		e.run = runs.Read(context.Background(), []runs.Place{e.place})[0]
		e.sparks = readSparks(e.run)
	}
}

func (e *entry) kind() runs.Kind {
	switch {
	case e.place.Sweep:
		return runs.Sweep
	case e.place.Other:
		return Reproduced
	}
	return runs.Training
}

// rows are the entry's lines of the list.
func (e *entry) rows(now time.Time) []Row {
	var out []Row
	left, known := e.run.Left(now)
	for i, row := range runs.Rows([]runs.Run{e.run}, now) {
		line := Row{ID: e.id, Name: e.name, Row: finite(row), ChangedS: float64(e.run.Changed.UnixMilli()) / 1e3, Spark: []Number{}}
		if row.Steps > 0 {
			line.Progress = min(1, float64(row.Step)/float64(row.Steps))
		}
		if known {
			seconds := math.Round(left.Seconds())
			line.EtaS = &seconds
		}
		if i < len(e.sparks) {
			line.Spark = e.sparks[i]
		}
		out = append(out, line)
	}
	return out
}

// finite is a row without the numbers that JSON has not.
func finite(r runs.Row) runs.Row {
	for _, x := range []**float64{&r.P, &r.TestMSE, &r.TestMSEStderr, &r.Limit, &r.FiniteD, &r.Gap} {
		if *x != nil && (math.IsNaN(**x) || math.IsInf(**x, 0)) {
			*x = nil
		}
	}
	return r
}
