package train

import (
	"fmt"

	"autoamp/datasets"
	"autoamp/kernels"
	"autoamp/train/program"
)

// windows brings a data set into an executor's memory: all of it, or one window of training rows
// after the other. The next window is read while the executor trains on the current one.
type windows struct {
	data  *dataSet
	seed  uint64
	rows  int    // of a window
	steps uint64 // number of steps that use one window; 0 if one window holds everything
	now   uint64 // the window that the executor has
	ready bool   // it has one
	next  chan window
	spare []float32 // memory that no reader uses
}

// window is one window as a reader leaves it.
type window struct {
	number uint64
	rows   []float32
	err    error
}

// runLength is the number of consecutive rows that come into a window together: enough for a disk
// or a mapped page to be read whole.
const runLength = 64

// windowPasses is how often a row of a window is drawn, on average, before the next window: reading
// then takes less than a tenth of the time of training at d = 784.
const windowPasses = 4

func newWindows(d *dataSet, c Config) *windows {
	w := &windows{data: d, seed: c.Data.Seed, rows: min(d.training.Len(), c.Data.Window)}
	if w.rows < d.training.Len() {
		w.steps = uint64(max(1, windowPasses*w.rows/c.Batch))
	}
	return w
}

// begin writes the held-out rows, spread evenly over all of them if there are more than a window.
func (w *windows) begin(model algorithm, held int) error {
	all := w.data.test.Len()
	rows, err := readRows(nil, w.data.test, held, func(i int) int { return int(uint64(i) * uint64(all) / uint64(held)) })
	if err != nil {
		return err
	}
	return model.Write(program.TestData, 0, rows)
}

// provide makes sure that the executor has the window of a step, and starts to read the next window.
func (w *windows) provide(model algorithm, step uint64) error {
	number := uint64(0)
	if w.steps > 0 {
		number = step / w.steps
	}
	if w.ready && w.now == number {
		return nil
	}
	got := w.take(number)
	if got.err != nil {
		return fmt.Errorf("train: data: %w", got.err)
	}
	if err := model.Write(program.TrainingData, 0, got.rows); err != nil {
		return err
	}
	w.now, w.ready = number, true
	if w.steps > 0 {
		w.spare = got.rows
		w.readAhead(number + 1)
	}
	return nil
}

// take returns a window by its number. If that window is being read, take waits for it.
func (w *windows) take(number uint64) window {
	if w.next != nil {
		got := <-w.next
		w.next = nil
		if got.number == number {
			return got
		}
		w.spare = got.rows
	}
	return w.read(number)
}

// readAhead reads a window in the background.
func (w *windows) readAhead(number uint64) {
	w.next = make(chan window, 1)
	go func() { w.next <- w.read(number) }()
}

// read reads a window, a function of its number and the seed alone.
func (w *windows) read(number uint64) window {
	all := w.data.training.Len()
	row := func(i int) int { return i }
	if w.steps > 0 {
		runs := (all + runLength - 1) / runLength
		row = func(i int) int {
			words := kernels.Philox([4]uint32{uint32(i / runLength), datasets.Windows, uint32(number), uint32(number >> 32)},
				[2]uint32{uint32(w.seed), uint32(w.seed >> 32)})
			run := int(uint64(words[0]) * uint64(runs) >> 32)
			return (run*runLength + i%runLength) % all
		}
	}
	rows, err := readRows(w.spare, w.data.training, w.rows, row)
	return window{number: number, rows: rows, err: err}
}

// until is the first step after a step's window, no later than limit.
func (w *windows) until(step uint64, limit int) int {
	if w == nil || w.steps == 0 {
		return limit
	}
	return min(limit, int((step/w.steps+1)*w.steps))
}

// close waits for the reader.
func (w *windows) close() {
	if w != nil && w.next != nil {
		<-w.next
	}
}

// readRows fills a table, in memory that may be reused, with count rows of a data set.
func readRows(into []float32, s datasets.Samples, count int, row func(i int) int) ([]float32, error) {
	d := s.Dim()
	if len(into) != count*d {
		into = make([]float32, count*d)
	}
	for i := range count {
		if err := s.Row(into[i*d:(i+1)*d], row(i)); err != nil {
			return nil, err
		}
	}
	return into, nil
}
