package train

import (
	"math"
	"sort"

	"autoamp/train/rundir"
)

// A plateau is a stretch of the run in which half as many updates again do not change the loss. Time s is the number of
// optimizer updates. Losses are the training losses of the rows, each weighted by its number of updates:
//
//	recent = mean over (s/√1.5, s]      before = mean over (s/1.5, s/√1.5]
//
// A replica enters a plateau at the first row with |recent − before| < 2 % of before + 0.001. Both means must hold at
// least two rows, and neither may reach back to rows before the last drop. The plateau began at s/1.5, and its level is the
// mean over its rows. The plateau ends at the first row where the mean over the last tenth of the updates, (0.9·s, s],
// differs from the level by more than 5 % + 0.001. If that mean is below the level, the end is a drop. A staircase is a
// plateau, a drop and another plateau.
//
// On the runs of amp/THEORY.md §4.3 this rule finds the plateau at R_Gauss, where the loss still falls by 1 % in such a time, and
// the floor at the end. It finds no plateau in the long descent between them. 5 % is far outside the noise of a row. The
// absolute part, 0.001, is for losses that go to 0.
const (
	stretch    = 1.5
	flatChange = 0.02
	dropChange = 0.05
	negligible = 0.001
	lastPart   = 0.9
)

// staircase finds the plateaus and drops of one replica, row by row.
type staircase struct {
	steps    []int     // of the rows
	area     []float64 // sum of losses over all updates up to the row
	on       bool      // a plateau; the last of plateaus
	left     int       // the step at which the plateau before was left
	plateaus []rundir.Plateau
	drops    []rundir.Drop
}

// add takes the next row and returns its mark.
func (s *staircase) add(step int, loss float64) rundir.Mark {
	before, area := 0, 0.0
	if n := len(s.steps); n > 0 {
		before, area = s.steps[n-1], s.area[n-1]
	}
	s.steps = append(s.steps, step)
	s.area = append(s.area, area+loss*float64(step-before))
	if s.on {
		return s.stay(step)
	}
	return s.enter(step)
}

func (s *staircase) enter(step int) rundir.Mark {
	began, middle := float64(step)/stretch, float64(step)/math.Sqrt(stretch)
	before, rowsBefore := s.mean(began, middle)
	recent, rowsRecent := s.mean(middle, float64(step))
	flat := math.Abs(recent-before) < flatChange*before+negligible
	if !flat || rowsBefore < 2 || rowsRecent < 2 || began < float64(s.left) {
		return rundir.NoMark
	}
	s.on = true
	level, _ := s.mean(began, float64(step))
	s.plateaus = append(s.plateaus, rundir.Plateau{From: int(began), To: step, Level: level})
	return rundir.OnPlateau
}

func (s *staircase) stay(step int) rundir.Mark {
	p := &s.plateaus[len(s.plateaus)-1]
	now, _ := s.mean(lastPart*float64(step), float64(step))
	if math.Abs(now-p.Level) <= dropChange*p.Level+negligible {
		p.To = step
		p.Level, _ = s.mean(float64(p.From), float64(step))
		return rundir.OnPlateau
	}
	s.on, s.left = false, step
	if now > p.Level {
		return rundir.NoMark
	}
	s.drops = append(s.drops, rundir.Drop{Step: step, From: p.Level, To: now})
	return rundir.LeftPlateau
}

// mean returns the mean loss over the rows with from < step ≤ to, and their number.
func (s *staircase) mean(from, to float64) (mean float64, rows int) {
	first := sort.Search(len(s.steps), func(i int) bool { return float64(s.steps[i]) > from })
	end := sort.Search(len(s.steps), func(i int) bool { return float64(s.steps[i]) > to })
	if first >= end {
		return 0, 0
	}
	area, updates := s.area[end-1], s.steps[end-1]
	if first > 0 {
		area, updates = area-s.area[first-1], updates-s.steps[first-1]
	}
	return area / float64(updates), end - first
}
