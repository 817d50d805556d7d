package reproduce

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"autoamp/datasets/durable"
	"autoamp/train/sweep/cells"
)

// Begun is a suite that was begun in a directory, for a reader that writes nothing.
type Begun struct {
	Params
	crew  *Crew
	names []string // of the experiments, also of those that this version does not know
	known map[*Experiment]*known
	again map[*Experiment]string // the cells that their verdicts have run again
}

// Files are the files of a suite's directory beside the folders of its experiments.
func Files() []string { return []string{manifestFile, reportFile, durable.LockName, cells.PlanFile} }

// Holds reports whether a folder with these entries holds a suite.
func Holds(entries []os.DirEntry) bool {
	has := func(name string) bool {
		return slices.ContainsFunc(entries, func(e os.DirEntry) bool { return e.Name() == name })
	}
	return has(manifestFile) && (has(durable.LockName) || has(reportFile))
}

// ReadBegun reads which suite was begun in a directory. find returns an experiment by its name; one that it does not know has no
// cells.
func ReadBegun(dir string, find func(name string) (*Experiment, error)) (*Begun, error) {
	path := filepath.Join(dir, manifestFile)
	var m manifest
	if err := durable.ReadJSON(path, maxJSON, &m); err != nil {
		return nil, fmt.Errorf("reproduce: %w", err)
	}
	var experiments []*Experiment
	for _, name := range m.Experiments {
		if !filepath.IsLocal(name) || name != filepath.Base(name) {
			return nil, fmt.Errorf("reproduce: %s: experiment = %q: must be a name", path, name)
		}
		if e, err := find(name); err == nil {
			experiments = append(experiments, e)
		}
	}
	b := &Begun{Params: Params{Scale: m.Scale, Seed: m.Seed}, names: m.Experiments, known: map[*Experiment]*known{}}
	for _, e := range experiments {
		b.known[e] = &known{}
	}
	return b, b.list(dir, experiments)
}

// list lists the cells.
func (b *Begun) list(dir string, experiments []*Experiment) error {
	b.again = map[*Experiment]string{}
	for _, e := range experiments {
		b.again[e] = runAgain(dir, e)
	}
	var err error
	b.crew, err = newCrew(dir, experiments, b.Params)
	return err
}

// relist lists the cells again if a verdict has come that runs some of them again.
func (b *Begun) relist() error {
	for e, before := range b.again {
		if runAgain(b.crew.Path, e) != before {
			return b.list(b.crew.Path, b.crew.experiments)
		}
	}
	return nil
}

// runAgain is what the verdict on an experiment runs again.
func runAgain(dir string, e *Experiment) string {
	return strings.Join(storedAgain(filepath.Join(dir, e.Name)), "\n")
}

// Part is an experiment of a suite at a moment.
type Part struct {
	Name       string
	Experiment *Experiment // nil if this version does not know it
	Cells      []PartCell  // none where they cannot be listed here
	Verdict    *StoredVerdict
	Figures    []string // names of the figures that are drawn

	results Results // of the cells that are done
}

// PartCell is a cell of an experiment at a moment.
type PartCell struct {
	Name string
	Done bool
}

// Done counts the cells that are done.
func (p *Part) Done() int {
	n := 0
	for _, c := range p.Cells {
		if c.Done {
			n++
		}
	}
	return n
}

// StoredVerdict is verdict.json.
type StoredVerdict struct {
	Heading
	Claims      []StoredClaim `json:"claims"`
	Regressions []StoredClaim `json:"regressions"`
}

// Parts reads how far the experiments are. A file that is damaged is an error that names it.
func (b *Begun) Parts() ([]Part, error) {
	if err := b.relist(); err != nil {
		return nil, err
	}
	var out []Part
	var errs []error
	for _, name := range b.names {
		p := Part{Name: name}
		for _, e := range b.crew.experiments {
			if e.Name == name {
				p.Experiment = e
				p.results = Results{Params: b.Params, matrices: matrices(filepath.Join(b.crew.Path, name, matricesFolder)), known: b.known[e]}
			}
		}
		errs = append(errs, p.read(b.crew))
		out = append(out, p)
	}
	return out, errors.Join(errs...)
}

// AtWork reports whether a process runs cells of the suite in its directory.
func (b *Begun) AtWork() bool {
	if held, err := durable.InUse(b.crew.Path); held && err == nil {
		return true
	}
	workers, err := b.crew.Claims(cells.ThisHolder("", -1)).Workers()
	return err == nil && len(workers) > 0
}

// HasReport reports whether the report is there, and returns its name.
func (b *Begun) HasReport() (string, bool) {
	_, err := os.Stat(filepath.Join(b.crew.Path, reportFile))
	return reportFile, err == nil
}

// read reads the files of an experiment.
func (p *Part) read(crew *Crew) error {
	dir := filepath.Join(crew.Path, p.Name)
	var v StoredVerdict
	err := durable.ReadJSON(filepath.Join(dir, verdictFile), maxJSON, &v)
	if err == nil {
		p.Verdict = &v
	} else if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	entries, _ := os.ReadDir(dir) // an experiment that has not begun has no folder
	for _, e := range entries {
		if name, ok := strings.CutSuffix(e.Name(), ".svg"); ok && e.Type().IsRegular() {
			p.Figures = append(p.Figures, name)
		}
	}
	if p.Experiment == nil {
		return err
	}
	table, _, e := readTable(filepath.Join(dir, tableFile), p.Experiment.Columns)
	if e != nil {
		return errors.Join(err, e)
	}
	return errors.Join(err, p.list(crew, table))
}

// list lists the cells.
func (p *Part) list(crew *Crew, table *cells.Table) error {
	store := cells.Shards{Directory: crew.Directory, Columns: func(*cells.Job) []string { return p.Experiment.Columns }}
	for _, job := range crew.Jobs {
		of := crew.of[job.ID]
		if of.experiment != p.Experiment {
			continue
		}
		rows := table.Rows([]string{of.key})
		if len(rows) == 0 { // a worker's results are gathered later
			done, err := store.Read(job)
			if err != nil {
				return fmt.Errorf("reproduce: %w", err)
			}
			rows = done.Rows([]string{of.key})
		}
		p.Cells = append(p.Cells, PartCell{Name: strings.TrimPrefix(job.Name, jobName(p.Experiment, "")), Done: len(rows) > 0})
		if !of.fresh {
			p.results.Rows = append(p.results.Rows, rows...)
		}
	}
	p.results.partial = p.Done() < len(p.Cells)
	return nil
}

// Draw draws the cells that are done. There are no figures before the first of them.
func (p *Part) Draw() ([]Figure, error) {
	if p.Experiment == nil {
		return nil, nil
	}
	return p.Experiment.figures(&p.results)
}
