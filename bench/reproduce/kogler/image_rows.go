package kogler

import (
	"context"
	"math"
	"math/rand/v2"
	"sort"
	"sync"

	"autoamp/bench/reproduce"
	"autoamp/datasets"
)

// imageClass says which images are trained on: one class of a set, repeated with small moves until there are Size, whitened.
type imageClass struct {
	Set     string `json:"set"`
	Class   string `json:"class"`
	Channel string `json:"channel,omitempty"` // of cifar10
	Size    int    `json:"size,omitempty"`    // 0 means as many as the full set has
}

// String is the name of a cell.
func (c imageClass) String() string { return c.Set + "-" + c.Class }

// imageRows are the images of a class, whitened and not masked.
type imageRows struct {
	training, heldOut *datasets.Table
	zeta              float64   // share of directions without variance
	energies          []float64 // running sums of ‖x‖² of the training rows, from 0
}

// open reads, augments and whitens the images.
func (c imageClass) open(ctx context.Context, seed uint64) (*datasets.ImageSet, error) {
	class, err := datasets.Class(c.Set, c.Class)
	if err != nil {
		return nil, err
	}
	images, err := datasets.Images(ctx, datasets.ImageSettings{
		Name: c.Set, Classes: []int{class}, Channel: c.Channel, Augment: true, Size: c.Size, Whiten: true, Seed: seed,
	})
	return images, reproduce.NotFetched(err, c.Set)
}

// load makes the rows of a class, the same for all seeds.
func (c imageClass) load(ctx context.Context) (*imageRows, error) {
	images, err := c.open(ctx, 1)
	if err != nil {
		return nil, err
	}
	return newImageRows(images.Train, images.Test, images.Zeta()), nil
}

func newImageRows(training, heldOut *datasets.Table, zeta float64) *imageRows {
	r := &imageRows{training: training, heldOut: heldOut, zeta: zeta, energies: []float64{0}}
	for i := range training.Len() {
		r.energies = append(r.energies, r.energies[i]+energy(training.Data[i*training.Cols:][:training.Cols]))
	}
	return r
}

// imageLoader returns the images of a class.
type imageLoader func(context.Context) (*imageRows, error)

// once is a loader that loads the images when the first cell asks for them, and keeps them.
func (c imageClass) once() imageLoader {
	var lock sync.Mutex
	var rows *imageRows
	return func(ctx context.Context) (*imageRows, error) {
		lock.Lock()
		defer lock.Unlock()
		if rows != nil {
			return rows, nil
		}
		var err error
		rows, err = c.load(ctx)
		return rows, err
	}
}

func energy(row []float32) float64 {
	sum := 0.0
	for _, v := range row {
		sum += float64(v) * float64(v)
	}
	return sum
}

// inProportion returns the number of a training row, drawn in proportion to the rows' energies.
func (r *imageRows) inProportion(random *rand.Rand) int {
	n := len(r.energies) - 1
	return min(n-1, sort.SearchFloat64s(r.energies[1:], random.Float64()*r.energies[n]))
}

// What happens to the norms of rows: the column norms.
const (
	normsUnknown = "unknown" // they stay, and the decoder does not know them
	normsKnown   = "8 bits"  // the decoder gets them
	normsEqual   = "equal"   // every row is scaled to the norm √d before its mask, as with --unit-rows
)

// masks draws batches of rows behind fresh masks: a coordinate is kept with probability p and divided by √p, or 0. With
// normsKnown a row is scaled to the norm √d behind its mask.
type masks struct {
	p      float64
	scaled string // what happens to the norms
	random *rand.Rand
	rows   []float32 // (batch, d)
	norms  []float64 // (batch), ‖x‖/√d behind the mask, before a scaling there
}

func newMasks(p float64, norms string, batch, dim int, seed, purpose uint64) *masks {
	return &masks{p: p, scaled: norms, random: rand.New(rand.NewPCG(seed, purpose)), rows: make([]float32, batch*dim), norms: make([]float64, batch)}
}

// draw fills the batch with the rows that pick names.
func (m *masks) draw(t *datasets.Table, pick func() int) error {
	for i := range m.norms {
		row := m.rows[i*t.Cols:][:t.Cols]
		if err := t.Row(row, pick()); err != nil {
			return err
		}
		if m.scaled == normsEqual {
			toUnit(row, rootMeanSquare(row))
		}
		m.mask(row)
		m.norms[i] = rootMeanSquare(row)
		if m.scaled == normsKnown {
			toUnit(row, m.norms[i])
		}
	}
	return nil
}

func rootMeanSquare(row []float32) float64 { return math.Sqrt(energy(row) / float64(len(row))) }

// toUnit divides a row by its root mean square. A row of zeros stays.
func toUnit(row []float32, norm float64) {
	if norm == 0 {
		return
	}
	for j := range row {
		row[j] = float32(float64(row[j]) / norm)
	}
}

func (m *masks) mask(row []float32) {
	if m.p == 1 {
		return
	}
	scale := float32(1 / math.Sqrt(m.p))
	for j := range row {
		if m.random.Float64() < m.p {
			row[j] *= scale
		} else {
			row[j] = 0
		}
	}
}

// evenly picks rows count rows of a table, spread evenly.
func evenly(t *datasets.Table, count int) func() int {
	next := -1
	return func() int {
		next++
		return next * t.Len() / count
	}
}
