package reproduce

import (
	"context"
	"fmt"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"autoamp/train/sweep/cells"
)

// Scale is the size at which an experiment is run.
type Scale string

// The scales.
const (
	Quick Scale = "quick" // sizes for two cores; bench/results/reproduce says how long all of it takes
	Paper Scale = "paper" // the papers' sizes where the papers state them; Kögler's and Rangamani's are lost, and are our choice
	Large Scale = "large" // d ≥ 4096, for a GPU
)

// Scales lists them.
func Scales() []Scale { return []Scale{Quick, Paper, Large} }

// ParseScale returns the scale of that name.
func ParseScale(name string) (Scale, error) {
	for _, s := range Scales() {
		if string(s) == name {
			return s, nil
		}
	}
	return "", fmt.Errorf("reproduce: scale = %q: must be quick, paper or large", name)
}

// Params are the user's choices.
type Params struct {
	Scale Scale
	// Seed is the first seed; cells count on from it.
	Seed uint64
	// Fresh is the second run of cells, which claims that failed are judged by.
	Fresh bool
}

// Seeds lists count seeds, from the first on; twice as many others for the second run.
func (p Params) Seeds(count int) []uint64 {
	from := p.Seed
	if p.Fresh {
		from, count = from+freshFrom, 2*count
	}
	seeds := make([]uint64, count)
	for i := range seeds {
		seeds[i] = from + uint64(i)
	}
	return seeds
}

// After is the params whose seeds come after the first count.
func (p Params) After(count int) Params {
	p.Seed += uint64(len(p.Seeds(count)))
	return p
}

// Experiment is a figure or a table of a paper.
type Experiment struct {
	Name    string // as on the command line: kogler-fig7
	Paper   string // "Kögler et al. (ICML 2024)"
	Title   string // the quantities on the axes
	Claim   string // the claim of the paper, in a sentence or two
	Minutes Minutes
	// Columns names the columns of the table, settings before results.
	Columns []string
	// Cells declares the cells and does not run them. A missing data set is a *NotRunError.
	Cells func(Params) ([]Cell, error)
	// Figures draws the table, also while cells are missing: what their rows would show is left out. Nil means that there is nothing
	// to draw.
	Figures func(*Results) ([]Figure, error)
	// Claims compares the finished table with the paper.
	Claims func(*Results) ([]Claim, error)
}

// Minutes is the approximate duration of an experiment on two idle cores; 0 where the duration is unknown. Quick is half of
// the measured CPU time. Paper is estimated from the time of a step.
type Minutes struct{ Quick, Paper, Large float64 }

// At is the time at a scale.
func (m Minutes) At(s Scale) float64 {
	return map[Scale]float64{Quick: m.Quick, Paper: m.Paper, Large: m.Large}[s]
}

// Cell is the part of an experiment that is run, stored and skipped as a whole.
type Cell struct {
	// Name is unique in its experiment, and a word that can be a file name: "shallow-r0.5".
	Name string
	// Settings holds every setting that the rows depend on, as a struct or a map that can be written as JSON.
	Settings any
	// Run computes the rows. It looks at ctx at least once a second.
	Run func(ctx context.Context, env *Env) (*Output, error)
}

// CellOf is a cell whose settings are a list, for example one for each seed. Its rows are those of the settings in turn.
func CellOf[S any](name string, settings []S, rows func(ctx context.Context, env *Env, s S) ([]Row, error)) Cell {
	return Cell{Name: name, Settings: settings, Run: func(ctx context.Context, env *Env) (*Output, error) {
		out, told := &Output{}, Telling(env, len(settings))
		for _, s := range settings {
			of, err := rows(ctx, env, s)
			if err != nil {
				return nil, err
			}
			out.Rows = append(out.Rows, of...)
			told.Step()
		}
		return out, nil
	}}
}

// Key is the cell's name with a hash of its settings, so that a cell never takes rows of other settings.
func (c *Cell) Key() (string, error) {
	key, err := cells.Key(c.Name, c.Settings)
	if err != nil {
		return "", fmt.Errorf("reproduce: %w", err)
	}
	return key, nil
}

// Env is the outside world of a cell.
type Env = cells.Env

// Output is the result of a cell.
type Output = cells.Output

// Results is a table: a finished one or, for Figures, one of the cells that are done so far.
type Results struct {
	Params
	Rows     []Row
	matrices matrices
	partial  bool   // cells are missing, and their matrices may be
	known    *known // nil keeps nothing
}

// Figure is a picture of an experiment.
type Figure struct {
	Name string // of its files; the experiment's name, with a suffix if it has several
	// Caption stands below the figure in the report.
	Caption string
	// Width and Height are 8 × 4.6 inches where they are 0.
	Width, Height vg.Length
	Paint         func(draw.Canvas)
}

// NotRunError reports that an experiment cannot run on this machine, and names the remedy. It is no failure of a claim.
type NotRunError struct{ Reason string }

func (e *NotRunError) Error() string { return notRunWords + e.Reason }

// notRunWords begin the message of a *NotRunError.
const notRunWords = "reproduce: not run: "
