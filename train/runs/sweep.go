package runs

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"autoamp/train/config"
	"autoamp/train/sweep"
	"autoamp/train/sweep/cells"
)

// readSweep reads a sweep.
func readSweep(dir string) Run {
	r := Run{Dir: dir, Kind: Sweep, Changed: newest(dir, sweep.ManifestFile)}
	s, err := sweep.Open(dir)
	if err != nil {
		return r.damaged(err)
	}
	status, err := s.Status(nil, nil)
	if err != nil {
		return r.damaged(err)
	}
	r = OfSweep(status)
	if r.Settings, err = settingsOf(status.Grid); err != nil {
		return r.damaged(err)
	}
	return r
}

// settingsOf are the settings of a sweep by their dotted names: of those that vary, all values. Defaults that follow from a setting
// that varies are the first cell's.
func settingsOf(g *sweep.Grid) (map[string]string, error) {
	written, err := g.Config(&g.Cells[0]).YAML()
	if err != nil {
		return nil, err
	}
	settings, err := config.Texts(written)
	if err != nil {
		return nil, err
	}
	for _, axis := range g.File.Axes {
		for i, key := range axis.Keys {
			if axis.Len() > 1 {
				settings[key] = listed(axis.Values[i])
			}
		}
	}
	return settings, nil
}

// listed writes the values of a setting that varies, each once; of many the ends.
func listed(values []config.Value) string {
	const most = 8
	var texts []string
	for _, v := range values {
		if !slices.Contains(texts, v.Text) {
			texts = append(texts, v.Text)
		}
	}
	if n := len(texts); n > most {
		return fmt.Sprintf("[%s, …, %s], %d values", texts[0], texts[n-1], n)
	}
	return "[" + strings.Join(texts, ", ") + "]"
}

// OfSweep is the run of a sweep whose state was read.
func OfSweep(status *sweep.Status) Run {
	dir := status.Path
	r := Run{Dir: dir, Kind: Sweep, Changed: newest(dir, sweep.ManifestFile, sweep.TableFile, cells.DoneFolder, cells.ClaimsFolder)}
	r.share(status.Grid)
	c := status.Counts
	r.Step, r.Steps = c.Done, c.Cells
	switch {
	case c.Running > 0:
		r.State = Running
		r.Rest = time.Duration(status.Left() / float64(len(status.Running)) * float64(time.Second))
	case c.Waiting > 0:
		r.State = Waiting
	case c.Failed > 0:
		r.State = Failed
	default:
		r.State = Finished
	}
	if c.Failed > 0 {
		r.Reason = fmt.Sprintf("%d of %d cells have failed; the first: %s: %s", c.Failed, c.Cells, status.Failures[0].Job, status.Failures[0].Error)
	}
	return r
}

// share takes over the settings that all cells share.
func (r *Run) share(g *sweep.Grid) {
	first := g.Shapes[g.Cells[0].Shape].Config
	r.Model, r.Data, r.Dim, r.Rate = first.Model.Name, first.Data.Label(), first.Model.Dim, codeRate(first.Model)
	p, seeds := g.Cells[0].Replica.P, map[uint64]bool{}
	one := true
	for _, c := range g.Cells {
		seeds[c.Replica.Seed] = true
		one = one && c.Replica.P == p
	}
	for _, shape := range g.Shapes {
		c := shape.Config
		if c.Model.Name != r.Model {
			r.Model = ""
		}
		if c.Data.Label() != r.Data {
			r.Data = ""
		}
		if c.Model.Dim != r.Dim {
			r.Dim = 0
		}
		if codeRate(c.Model) != r.Rate {
			r.Rate = 0
		}
	}
	r.Seeds = len(seeds)
	if one {
		r.Points = []Point{{P: p}}
	}
}

// codeRate is n/d.
func codeRate(m config.ModelConfig) float64 { return float64(m.Code()) / float64(max(1, m.Dim)) }
