package speed

import (
	"context"
	"fmt"
	"math"
	"runtime"
	"time"

	"gonum.org/v1/plot/vg"

	"autoamp/bench"
	"autoamp/bench/reproduce"
	"autoamp/train/figure"
)

// Experiment is the table of speed as an experiment: a training step of autoamp beside its peers, a cell for every size and
// number of threads. It is not among the papers' experiments, since its rows are no function of the seed.
func Experiment(s *bench.Suite) *reproduce.Experiment {
	name := "speed-" + s.Settings().Model
	return &reproduce.Experiment{
		Name: name, Paper: "autoamp",
		Title:   "Time of a training step of the " + s.Settings().Model + " model beside PyTorch and gorgonia's TapeMachine",
		Claim:   "A step of autoamp takes less time than that of every peer, at every size and number of threads.",
		Columns: columns,
		Cells:   func(reproduce.Params) ([]reproduce.Cell, error) { return cells(s), nil },
		Figures: func(r *reproduce.Results) ([]reproduce.Figure, error) { return figures(r, name), nil },
		Claims:  func(r *reproduce.Results) ([]reproduce.Claim, error) { return claims(r), nil },
	}
}

// Kinds of rows: a contestant in a cell, and models side by side.
const (
	stepRow    = "step"
	modelsRows = "models"
)

var columns = []string{
	"kind", "model", "dim", "batch", "p", "threads", "models", "contestant", "version", "blas", "median_ms", "p10_ms", "p90_ms", "turns",
	"steps_per_turn", "ratio", "page_faults", "absent",
}

// settings are the user's choices on which the numbers of a cell depend.
type settings struct {
	Cell     *bench.Cell `json:"cell,omitempty"`
	Threads  []int       `json:"threads,omitempty"`
	Rounds   int         `json:"rounds"`
	Patience string      `json:"patience"`
	Product  string      `json:"product"`
	Python   []string    `json:"python"`
}

func cells(s *bench.Suite) []reproduce.Cell {
	settings := settings{
		Rounds: s.Settings().Rounds, Patience: s.Settings().Patience.String(), Product: s.Settings().Product, Python: s.Settings().Python,
	}
	var cells []reproduce.Cell
	for _, c := range s.Cells() {
		own := settings
		own.Cell = &c
		cells = append(cells, reproduce.Cell{
			Name: fmt.Sprintf("d%d-b%d-threads%d", c.Dim, c.Batch, c.Threads), Settings: own,
			Run: func(ctx context.Context, _ *reproduce.Env) (*reproduce.Output, error) {
				measured, err := s.Contest(ctx, c)
				out := &reproduce.Output{}
				for _, m := range measured {
					out.Rows = append(out.Rows, row(m))
				}
				return out, err
			},
		})
	}
	if s.Settings().Model != "denoiser" {
		return cells
	}
	settings.Threads = s.Settings().Threads
	return append(cells, reproduce.Cell{
		Name: "side-by-side", Settings: settings,
		Run: func(ctx context.Context, _ *reproduce.Env) (*reproduce.Output, error) {
			measured, err := s.SideBySide(ctx)
			out := &reproduce.Output{}
			for _, m := range measured {
				out.Rows = append(out.Rows, reproduce.Row{
					"kind": modelsRows, "models": m.Models, "threads": m.Threads, "median_ms": m.Ms.Median, "p10_ms": m.Ms.P10, "p90_ms": m.Ms.P90,
					"ratio": m.Speedup,
				})
			}
			return out, err
		},
	})
}

func row(m bench.Measurement) reproduce.Row {
	row := reproduce.Row{
		"kind": stepRow, "model": m.Model, "dim": m.Dim, "batch": m.Batch, "p": m.P, "threads": m.Threads, "contestant": m.Contestant,
		"version": m.Version, "blas": m.BLAS, "absent": m.Absent,
	}
	if m.Absent == "" {
		row["median_ms"], row["p10_ms"], row["p90_ms"] = m.Ms.Median, m.Ms.P10, m.Ms.P90
		row["turns"], row["steps_per_turn"], row["ratio"] = m.Turns, m.Steps, m.Ratio
		if m.Faults != nil {
			row["page_faults"] = *m.Faults
		}
	}
	return row
}

// Table is the finished table of Experiment as package bench writes it.
func Table(o *reproduce.Outcome) *bench.SuiteResult {
	t := &bench.SuiteResult{
		Date: time.Now().UTC().Truncate(time.Second), Machine: o.Cost.Machine, Versions: map[string]string{"go": runtime.Version()},
	}
	for _, row := range o.Rows {
		ms := bench.Spread{Median: row.Num("median_ms"), P10: row.Num("p10_ms"), P90: row.Num("p90_ms")}
		threads := int(row.Num("threads"))
		if row.Text("kind") == modelsRows {
			t.Replicas = append(t.Replicas, bench.ReplicaResult{Models: int(row.Num("models")), Threads: threads, Ms: ms, Speedup: row.Num("ratio")})
			continue
		}
		m := bench.Measurement{
			Cell:       bench.Cell{Model: row.Text("model"), Dim: int(row.Num("dim")), Batch: int(row.Num("batch")), P: row.Num("p"), Threads: threads},
			Contestant: row.Text("contestant"), Version: row.Text("version"), BLAS: row.Text("blas"), Absent: row.Text("absent"),
		}
		if m.Absent == "" {
			m.Ms, m.Turns, m.Steps, m.Ratio = ms, int(row.Num("turns")), int(row.Num("steps_per_turn")), row.Num("ratio")
			t.Versions[m.Contestant] = m.Version
			if m.BLAS != "" {
				t.Versions["torch's products"] = m.BLAS
			}
			if faults := row.Num("page_faults"); !math.IsNaN(faults) {
				m.Faults = &faults
			}
		}
		t.Results = append(t.Results, m)
	}
	return t
}

// figures has a panel for each number of threads.
func figures(r *reproduce.Results, name string) []reproduce.Figure {
	steps := reproduce.Where(r.Rows, "kind", stepRow)
	var charts []*figure.Chart
	for _, threads := range reproduce.Distinct(steps, "threads") {
		c := &figure.Chart{Title: fmt.Sprintf("threads: %g", threads), X: "dimension d", Y: "milliseconds per step", LogX: true, LogY: true}
		for i, contestant := range bench.Contestants() {
			rows := reproduce.Where(steps, "threads", threads, "contestant", contestant, "absent", "")
			if len(rows) == 0 {
				continue
			}
			points := reproduce.Points(rows, "dim", "median_ms")
			c.Add(figure.Curve{Label: contestant, Points: points, Pen: figure.Solid(figure.Colour(i))})
			c.Mark(figure.Marks{Points: points, Colour: figure.Colour(i)})
		}
		charts = append(charts, c)
	}
	return []reproduce.Figure{{
		Name: name, Caption: "One training step, fresh data and Adam included: median over turns that all took in the same run. Both axes are logarithmic.",
		Height: vg.Length(len(charts)) * 4 * vg.Inch, Width: 8 * vg.Inch, Paint: figure.Stack(reproduce.EqualShares(len(charts)), charts...),
	}}
}

// claims compares medians over turns of the same run, so that a slow minute of the machine affects all contestants.
func claims(r *reproduce.Results) []reproduce.Claim {
	var claims []reproduce.Claim
	own := map[[3]float64]reproduce.Row{}
	for _, row := range reproduce.Where(r.Rows, "kind", stepRow, "absent", "") {
		cell := [3]float64{row.Num("dim"), row.Num("batch"), row.Num("threads")}
		if row.Text("contestant") == bench.Autoamp {
			own[cell] = row
			continue
		}
		found, peer := median(own[cell]), median(row)
		claims = append(claims, reproduce.Below(fmt.Sprintf("d = %g, batch %g, threads %g: autoamp's milliseconds, beside those of %s", cell[0], cell[1], cell[2], row.Text("contestant")),
			found, reproduce.Simulation(peer), peer.Value-found.Value))
	}
	return claims
}

// median is a median over turns. For a normal law the distance of the 10 % and 90 % quantiles is 2.563 standard deviations, and
// the standard error of the median of many turns is 1.2533 times that of the mean.
func median(row reproduce.Row) reproduce.Estimate {
	turns := row.Num("turns")
	deviation := (row.Num("p90_ms") - row.Num("p10_ms")) / 2.563
	return reproduce.Estimate{Value: row.Num("median_ms"), Stderr: 1.2533 * deviation / math.Sqrt(turns), Seeds: int(turns)}
}
