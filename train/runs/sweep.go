package runs

import (
	"fmt"
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
	return OfSweep(status)
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
