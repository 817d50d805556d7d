package serve

import (
	"strings"
	"sync"
	"time"

	"autoamp/bench/reproduce"
	"autoamp/train/figure"
)

// drawings are the figures of experiments that are not finished, of the cells that are done. They are drawn in the background, one
// experiment at a time, and a drawing is followed by a rest, as a look at the files is (hub): a run that trains keeps the time.
type drawings struct {
	told  func(id string)                  // hears of a reproduction that has a new drawing
	later func(d time.Duration, do func()) // calls do after a time

	mu    sync.Mutex // guards what follows
	known map[sketched]*drawing
	queue []*drawing // those that wait
	busy  bool       // draws or rests
}

// sketched is the experiment of a drawing.
type sketched struct{ id, experiment string }

// drawing is what was drawn of an experiment, and what is to be drawn.
type drawing struct {
	of      sketched
	asked   cellsDone
	waiting *reproduce.Part // of asked; nil once it is drawn
	shown   cellsDone       // by the figures
	cells   int             // of shown
	figures []svgFile
	note    string // why there are no figures
}

// cellsDone tells which cells are done, of which experiment: one that was read again is another.
type cellsDone struct {
	experiment *reproduce.Experiment
	cells      string
}

// svgFile is a figure that was drawn.
type svgFile struct {
	name string
	svg  []byte
}

func newDrawings(told func(id string)) *drawings {
	return &drawings{told: told, later: func(d time.Duration, do func()) { time.AfterFunc(d, do) }, known: map[sketched]*drawing{}}
}

// filling reports whether an experiment has cells that are done and not the figures of all of them.
func filling(p *reproduce.Part) bool {
	return p.Done() > 0 && (p.Done() < len(p.Cells) || len(p.Figures) == 0)
}

// of returns the newest drawing of an unfinished experiment, and has a newer one made if cells have come in since.
func (d *drawings) of(id string, p *reproduce.Part) drawing {
	done := cellsDone{p.Experiment, doneCells(p)}
	d.mu.Lock()
	defer d.mu.Unlock()
	of := sketched{id, p.Name}
	known := d.known[of]
	if known == nil || !known.shown.within(done) { // it was begun again, or a table was cut
		known = &drawing{of: of}
		d.known[of] = known
	}
	if known.asked != done {
		if known.waiting == nil {
			d.queue = append(d.queue, known)
		}
		known.asked, known.waiting = done, p
		d.begin()
	}
	return *known
}

// within reports whether all cells are among others of the same experiment. No cells are within all.
func (c cellsDone) within(others cellsDone) bool {
	if c.cells == "" {
		return true
	}
	if c.experiment != others.experiment || len(c.cells) != len(others.cells) {
		return false
	}
	for i := range c.cells {
		if c.cells[i] > others.cells[i] {
			return false
		}
	}
	return true
}

// doneCells has a sign for every cell.
func doneCells(p *reproduce.Part) string {
	var signs strings.Builder
	for _, c := range p.Cells {
		if c.Done {
			signs.WriteByte('1')
		} else {
			signs.WriteByte('0')
		}
	}
	return signs.String()
}

// begin begins to draw if nobody draws or rests. The caller has the lock.
func (d *drawings) begin() {
	if !d.busy && len(d.queue) > 0 {
		d.busy = true
		go d.draw()
	}
}

// draw draws the first experiment of the queue, and the next one after a rest.
func (d *drawings) draw() {
	began := time.Now()
	d.mu.Lock()
	next := d.queue[0]
	d.queue = d.queue[1:]
	part, shown := next.waiting, next.asked
	next.waiting = nil
	d.mu.Unlock()

	figures, err := render(part)

	d.mu.Lock()
	next.shown, next.cells, next.figures, next.note = shown, part.Done(), figures, ""
	if err != nil {
		next.note = err.Error()
	}
	d.mu.Unlock()
	d.told(next.of.id)
	d.later(min(longest, max(period, lazy*time.Since(began))), d.rested)
}

// rested draws again.
func (d *drawings) rested() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.busy = false
	d.begin()
}

// render draws the figures of an experiment. One that fails does not keep the others from being shown.
func render(p *reproduce.Part) (files []svgFile, err error) {
	figures, err := p.Draw()
	for _, f := range figures {
		svg, failed := f.Render(figure.SVG)
		if failed != nil {
			err = failed
			continue
		}
		files = append(files, svgFile{f.Name, svg})
	}
	return files, err
}

// figure is a figure of a drawing.
func (d *drawings) figure(id, experiment, name string) ([]byte, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if known := d.known[sketched{id, experiment}]; known != nil {
		for _, f := range known.figures {
			if f.name == name {
				return f.svg, true
			}
		}
	}
	return nil, false
}
