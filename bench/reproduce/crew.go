package reproduce

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"time"

	"autoamp/datasets/durable"
	"autoamp/train"
	"autoamp/train/sweep/cells"
)

// Crew is a suite whose cells several workers run. Each cell is a job of its own, with its results in a file of its own; Gather
// puts them into the tables of the experiments, as if one process had run them.
type Crew struct {
	cells.Directory
	Jobs []*cells.Job
	Plan *cells.Plan // nil before it was launched

	experiments []*Experiment
	params      Params
	of          map[string]*crewJob // by ID of the job
}

// crewJob is the cell of a job.
type crewJob struct {
	experiment *Experiment
	key        string
	fresh      bool // with other seeds than the first run
}

// Begin makes or takes the directory of a suite, as Suite does, and writes the plan of its workers. The claim is the launcher's.
func Begin(experiments []*Experiment, s Settings, l cells.Launch) (*Crew, *cells.Claim, error) {
	m := manifestOf(experiments, s.Params)
	held, err := s.take(m)
	if err != nil {
		return nil, nil, err
	}
	defer held.Close() // workers and Gather come later
	if err := checkTables(experiments, s.Dir); err != nil {
		return nil, nil, err
	}
	c, err := newCrew(s.Dir, experiments, s.Params)
	if err != nil {
		return nil, nil, err
	}
	claims := c.Claims(cells.ThisHolder(l.Batch, -1))
	claims.Dead = l.Dead
	claim, err := claims.Take(cells.LauncherClaim)
	if err != nil {
		return nil, nil, refused(s.Dir, "%w", err)
	}
	if err := c.begin(m, claims, l); err != nil {
		claim.Release()
		return nil, nil, err
	}
	return c, claim, nil
}

// begin writes the plan, if no worker is at another one.
func (c *Crew) begin(m manifest, claims *cells.Claims, l cells.Launch) error {
	text, err := json.Marshal(m)
	if err != nil {
		return fmt.Errorf("reproduce: %w", err)
	}
	c.Plan = l.Plan(text, c.Jobs)
	workers, err := claims.Workers()
	if err != nil {
		return fmt.Errorf("reproduce: out = %s: %w", c.Path, err)
	}
	if len(workers) > 0 {
		if there, err := c.ReadPlan(); err != nil || there == nil || !there.Same(c.Plan) {
			return refused(c.Path, "an earlier launch of it is at work: %w; wait for its workers", &cells.HeldError{Holder: workers[0].Holder})
		}
		return nil
	}
	claims.Clean()
	c.Sweep()
	for _, job := range c.Jobs { // a cell that failed is tried again, as Suite does
		if err := c.Forgive(job.ID); err != nil {
			return fmt.Errorf("reproduce: %w", err)
		}
	}
	if err := c.WritePlan(c.Plan); err != nil {
		return fmt.Errorf("reproduce: %w", err)
	}
	return nil
}

// OpenCrew reads the suite that was begun in a directory. find returns an experiment by its name. It writes nothing.
func OpenCrew(dir string, find func(name string) (*Experiment, error)) (*Crew, error) {
	path := filepath.Join(dir, manifestFile)
	var m manifest
	if err := durable.ReadJSON(path, maxJSON, &m); err != nil {
		return nil, refuseDamaged(path, err, "run autoamp reproduce again")
	}
	var experiments []*Experiment
	for _, name := range m.Experiments {
		e, err := find(name)
		if err != nil {
			return nil, err
		}
		experiments = append(experiments, e)
	}
	c, err := newCrew(dir, experiments, Params{Scale: m.Scale, Seed: m.Seed})
	if err != nil {
		return nil, err
	}
	if c.Plan, err = c.ReadPlan(); err != nil {
		return nil, fmt.Errorf("reproduce: %w", err)
	}
	if c.Plan != nil && c.Plan.Jobs != len(c.Jobs) {
		c.Plan = nil
	}
	return c, nil
}

// IsSuite reports whether a directory holds a suite.
func IsSuite(dir string) bool {
	_, err := durable.ReadFile(filepath.Join(dir, manifestFile), maxJSON)
	return err == nil
}

// newCrew lists the cells of all experiments. An experiment that needs what this machine lacks has none: its verdict says so.
func newCrew(dir string, experiments []*Experiment, p Params) (*Crew, error) {
	c := &Crew{Directory: cells.NewDirectory(dir), experiments: experiments, params: p, of: map[string]*crewJob{}}
	for _, e := range experiments {
		list, err := e.Cells(p)
		if missing := (*NotRunError)(nil); errors.As(err, &missing) {
			continue
		}
		if err != nil {
			return nil, err
		}
		first := len(list)
		again, err := e.fresh(p, list, storedAgain(filepath.Join(dir, e.Name)))
		if err != nil {
			return nil, err
		}
		list = append(list, again...)
		for i := range list {
			key, err := list[i].Key()
			if err != nil {
				return nil, err
			}
			job := e.job(&list[i], key)
			job.ID, job.Name = jobID(e, key), jobName(e, job.Name)
			job.Seconds = 2 * 60 * e.Minutes.At(p.Scale) / float64(first) // the minutes are of two cores
			c.Jobs, c.of[job.ID] = append(c.Jobs, job), &crewJob{e, key, i >= first}
		}
	}
	return c, nil
}

// jobID names the job of a cell among all experiments.
func jobID(e *Experiment, key string) string { return e.Name + "." + key }

// jobName is what people read of the job of a cell.
func jobName(e *Experiment, cell string) string { return e.Name + ": " + cell }

// Store is the store of the workers' results, for a worker of some version on some device.
func (c *Crew) Store(version, device string) (*cells.Shards, error) {
	tables := map[*Experiment]*cells.Table{}
	for _, e := range c.experiments {
		table, _, err := readTable(filepath.Join(c.Path, e.Name, tableFile), e.Columns)
		if err != nil {
			return nil, err
		}
		tables[e] = table
	}
	return &cells.Shards{
		Directory: c.Directory, Version: version, Device: device,
		Columns: func(job *cells.Job) []string { return c.of[job.ID].experiment.Columns },
		Earlier: func(job *cells.Job, key string) bool { return tables[c.of[job.ID].experiment].Has(key) },
		Matrices: func(job *cells.Job, out Output) error {
			folder := filepath.Join(c.Path, c.of[job.ID].experiment.Name)
			if err := durable.MkdirAll(c.Disk, folder); err != nil {
				return err
			}
			for name, m := range out.Matrices {
				if err := matrices(filepath.Join(folder, matricesFolder)).write(c.Disk, name, m); err != nil {
					return err
				}
			}
			return nil
		},
	}, nil
}

// gather puts the results of the workers into the table of an experiment, and why a cell has failed into failed.
func (r *runner) gather(failed map[string]error) error {
	crew, err := newCrew(filepath.Dir(r.Dir), []*Experiment{r.e}, r.Params)
	if err != nil {
		return err
	}
	store, err := crew.Store("", "")
	if err != nil {
		return err
	}
	changed := false
	for _, job := range crew.Jobs {
		key := crew.of[job.ID].key
		if f := crew.Failure(job.ID); f != nil {
			failed[key] = failure(f)
		}
		if r.table.Has(key) {
			continue
		}
		done, err := store.Read(job)
		if err != nil {
			return refuse(fmt.Errorf("reproduce: %w", err))
		}
		rows := done.Rows([]string{key})
		if len(rows) == 0 {
			continue
		}
		if err := r.take(key, rows); err != nil {
			return err
		}
		changed = true
	}
	if !changed {
		return nil
	}
	err = errors.Join(r.table.Write(r.Disk, r.file(tableFile), r.keys), durable.WriteJSON(r.Disk, r.file(costFile), r.outcome.Cost))
	if err != nil {
		return fmt.Errorf("reproduce: %s: %w", r.e.Name, err)
	}
	return nil
}

// take moves the rows of a cell from a worker's file into the table and the costs.
func (r *runner) take(key string, rows []Row) error {
	seconds := func(column string) time.Duration { return time.Duration(rows[0].Num(column) * float64(time.Second)) }
	r.outcome.Cost.add(key, seconds(cells.SecondsColumn), seconds(cells.CPUColumn), r.Settings)
	r.outcome.Cost.Version, r.outcome.Cost.Device = rows[0].Text(cells.VersionColumn), rows[0].Text(cells.DeviceColumn)
	r.outcome.Cost.keep(r.keys)
	for _, row := range rows {
		for _, column := range []string{cells.SecondsColumn, cells.CPUColumn, cells.VersionColumn, cells.DeviceColumn} {
			delete(row, column)
		}
	}
	if err := r.table.Put(key, rows); err != nil {
		return fmt.Errorf("reproduce: %w", err)
	}
	return nil
}

// failure is the error of a cell that a worker has stored.
func failure(f *cells.Failure) error {
	if _, reason, ok := strings.Cut(f.Error, notRunWords); ok {
		return &NotRunError{reason}
	}
	return errors.New(f.Error)
}

// Remove removes what the workers left, once the tables have it.
func (c *Crew) Remove() error {
	for _, folder := range []string{cells.DoneFolder, cells.ClaimsFolder, cells.RunsFolder} {
		if err := durable.RemoveAll(c.Disk, filepath.Join(c.Path, folder)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return &train.RefusedError{Err: fmt.Errorf("reproduce: %w", err)}
		}
	}
	return nil
}
