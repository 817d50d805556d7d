package sweep

import (
	"encoding/csv"
	"fmt"
	"io"
	"maps"
	"math"
	"path/filepath"
	"slices"

	"autoamp/datasets/durable"
)

// Gather writes the table, and once every cell is done or has failed the summary and the figures.
func (st *Status) Gather() (*Summary, error) {
	if err := st.WriteTable(); err != nil {
		return nil, err
	}
	summary := st.Summarise()
	if err := durable.WriteJSON(st.Disk, filepath.Join(st.Path, SummaryFile), summary); err != nil {
		return nil, fmt.Errorf("sweep: %w", err)
	}
	if err := st.draw(summary); err != nil {
		return nil, err
	}
	return summary, nil
}

// WriteTable writes sweep.csv: a row for every cell of the grid in its order. It has a column for every setting that varies, p, rate
// and seed, then the results, the state, and what no result depends on.
func (st *Status) WriteTable() error {
	err := durable.WriteFile(st.Disk, filepath.Join(st.Path, TableFile), func(w io.Writer) error {
		out := csv.NewWriter(w)
		if err := out.Write(st.header()); err != nil {
			return err
		}
		for i := range st.Grid.Cells {
			if err := out.Write(st.row(i)); err != nil {
				return err
			}
		}
		out.Flush()
		return out.Error()
	})
	if err != nil {
		return fmt.Errorf("sweep: %w", err)
	}
	return nil
}

func (st *Status) header() []string {
	return append(st.Grid.Header(), TestMSEColumn, StderrColumn, LimitColumn, FiniteColumn, GapColumn, "state", CandidateColumn, TrainMSEColumn, "seconds")
}

func (st *Status) row(i int) []string {
	c := &st.Grid.Cells[i]
	out := st.Grid.Values(c)
	r, ok := st.Results.Get(c.Key)
	if !ok {
		return append(out, "", "", "", "", "", string(st.States[i]), "", "", "")
	}
	return append(out, decimal(r.TestMSE), decimal(r.Stderr), decimal(r.Limit), decimal(r.FiniteDim), decimal(r.Gap), string(st.States[i]),
		r.Candidate, decimal(r.TrainMSE), decimal(r.Seconds))
}

// Summary is summary.json: the cells by state, and every setting with the mean over its seeds.
type Summary struct {
	Counts
	Seconds  float64  `json:"seconds"`  // of all cells, on the clock of each
	Versions []string `json:"versions"` // of autoamp that computed them
	Devices  []string `json:"devices"`
	Points   []Mean   `json:"points"` // in the order of the grid
	Failures []string `json:"failures,omitempty"`
	Out      string   `json:"out"`
}

// Mean is the mean over the seeds of one setting. TestMSEStderr is from the spread over the seeds or, where that is larger, from
// the evaluations alone.
type Mean struct {
	Settings      map[string]any `json:"settings"` // those that vary, but for the seed
	Seeds         int            `json:"seeds"`    // that are done
	TestMSE       float64        `json:"test_mse"`
	TestMSEStderr float64        `json:"test_mse_stderr"`
	Limit         *float64       `json:"limit"`
	FiniteDim     *float64       `json:"finite_d"`
	Gap           *float64       `json:"gap"`
	TrainMSE      float64        `json:"train_mse"`
	Candidate     string         `json:"candidate"`

	cell *Cell // the first one
}

// Summarise computes the summary.
func (st *Status) Summarise() *Summary {
	s := &Summary{Counts: st.Counts, Out: st.Path, Points: []Mean{}}
	versions, devices := map[string]bool{}, map[string]bool{}
	byPoint := map[Cell][]Result{}
	var order []Cell
	firsts := map[Cell]*Cell{}
	for i := range st.Grid.Cells {
		c := &st.Grid.Cells[i]
		r, ok := st.Results.Get(c.Key)
		if !ok {
			continue
		}
		s.Seconds += r.Seconds
		versions[r.Version], devices[r.Device] = true, true
		point := Cell{Shape: c.Shape, Replica: c.Replica}
		point.Replica.Seed = 0
		if byPoint[point] == nil {
			order, firsts[point] = append(order, point), c
		}
		byPoint[point] = append(byPoint[point], r)
	}
	for _, point := range order {
		s.Points = append(s.Points, st.mean(firsts[point], byPoint[point]))
	}
	s.Seconds = math.Round(s.Seconds*1e3) / 1e3
	s.Versions, s.Devices = slices.Sorted(maps.Keys(versions)), slices.Sorted(maps.Keys(devices))
	for _, f := range st.Failures {
		s.Failures = append(s.Failures, f.Job+": "+f.Error)
	}
	return s
}

// mean averages the seeds of a setting.
func (st *Status) mean(first *Cell, seeds []Result) Mean {
	n := float64(len(seeds))
	m := Mean{Settings: map[string]any{}, Seeds: len(seeds), Candidate: seeds[0].Candidate, cell: first}
	for _, key := range st.Grid.Columns {
		if key != seedsKey {
			m.Settings[short(key)] = st.Grid.Value(first, key)
		}
	}
	var own, squares float64
	for _, r := range seeds {
		m.TestMSE += r.TestMSE / n
		m.TrainMSE += r.TrainMSE / n
		own += r.Stderr * r.Stderr
	}
	for _, r := range seeds {
		squares += (r.TestMSE - m.TestMSE) * (r.TestMSE - m.TestMSE)
	}
	m.TestMSEStderr = math.Sqrt(own) / n
	if n > 1 {
		m.TestMSEStderr = max(m.TestMSEStderr, math.Sqrt(squares/(n*(n-1))))
	}
	m.Limit, m.FiniteDim = known(seeds[0].Limit), known(seeds[0].FiniteDim)
	if m.FiniteDim != nil {
		m.Gap = known(m.TestMSE / *m.FiniteDim - 1)
	}
	return m
}

// known is nil for NaN.
func known(x float64) *float64 {
	if math.IsNaN(x) {
		return nil
	}
	return &x
}

// Varying are the dotted names of the settings that a Mean has.
func (st *Status) Varying() []string { return st.Grid.settings() }

// ValueOf is the value of a setting by its dotted name in a mean, as the table has it.
func (st *Status) ValueOf(m Mean, key string) string { return text(st.Grid.Value(m.cell, key)) }

// settings are the columns but for the seed.
func (g *Grid) settings() []string {
	var out []string
	for _, key := range g.Columns {
		if key != seedsKey {
			out = append(out, key)
		}
	}
	return out
}

// Settings names the settings of a Mean as the table does.
func (st *Status) Settings() []string {
	var out []string
	for _, key := range st.Grid.settings() {
		out = append(out, short(key))
	}
	return out
}

// ValuesOf are the values of Settings in a mean.
func (st *Status) ValuesOf(m Mean) []string {
	var out []string
	for _, key := range st.Grid.settings() {
		out = append(out, text(st.Grid.Value(m.cell, key)))
	}
	return out
}
