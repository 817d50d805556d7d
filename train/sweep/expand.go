package sweep

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"autoamp/graph"
	"autoamp/train"
	"autoamp/train/config"
)

// MaxCells is the default bound on the number of cells.
const MaxCells = 10000

// Grid is the cells of a file.
type Grid struct {
	File    *File
	Cells   []Cell
	Shapes  []*Shape
	Columns []string // keys of the settings that vary, and of p, rate and seed, in the order of the table
}

// Cell is one training: a shape, and what its replicas may differ in.
type Cell struct {
	Shape   int // in Shapes
	Replica graph.Replica
	Key     string // a hash of all settings that decide the result
}

// Shape is the settings that cells of one program share.
type Shape struct {
	Config train.Config // resolved; seeds, p, learning rate and mean are those of one of the cells
	given  train.Config // what Config was resolved from
	hash   []byte
}

// maxCombinations bounds the combinations that conditions choose from.
const maxCombinations = 1 << 27

// Expand lists the cells, at most most of them; 0 means MaxCells. Every cell is checked. The error is a *FileError with all that
// is wrong.
func (f *File) Expand(most int) (*Grid, error) {
	if most == 0 {
		most = MaxCells
	}
	e, err := f.expand(most)
	if err != nil {
		return nil, err
	}
	if errs := e.check(); len(errs) > 0 {
		return nil, &FileError{Errs: errs}
	}
	return e.Grid, e.keys()
}

// expand is Expand without a check of each cell and without keys.
func (f *File) expand(most int) (*expansion, error) {
	total := 1.0
	for _, a := range f.Axes {
		total *= float64(a.Len())
	}
	if tooMany := total > float64(most) && len(f.Where) == 0; tooMany || total > maxCombinations {
		return nil, &FileError{Errs: []error{fmt.Errorf("%.0f combinations: at most %d cells are allowed; raise --max-cells, or leave combinations out", total, most)}}
	}
	e := &expansion{Grid: &Grid{File: f}, shapeAt: map[shapeKey]int{}, holds: make([]bool, len(f.Where))}
	for i := range int(total) {
		e.add(i)
		if len(e.Cells) > most {
			return nil, &FileError{Errs: []error{fmt.Errorf("more than %d cells: raise --max-cells, or leave combinations out", most)}}
		}
	}
	if len(e.Cells) == 0 {
		return nil, &FileError{Errs: []error{fmt.Errorf("%s: no combination is left%s", whereSection, e.never())}}
	}
	e.columns()
	return e, nil
}

// expansion is a grid in the making.
type expansion struct {
	*Grid
	shapeAt map[shapeKey]int // place in Shapes
	holds   []bool           // of File.Where: for one of the combinations
}

// shapeKey tells shapes apart.
type shapeKey struct {
	number     int     // of the combination of shape settings
	tau, final float64 // whose defaults depend on the replica; 0 for the first shape of a number
}

// ofReplica reports whether replicas of one program may differ in a setting.
func ofReplica(key string) bool {
	return key == seedsKey || key == pKey || key == lrKey || key == meanKey
}

// add adds a combination, unless a condition leaves it out.
func (e *expansion) add(number int) {
	var digits [32]int
	shape := 0
	rest := number
	for i, a := range slices.Backward(e.File.Axes) {
		digits[i], rest = rest%a.Len(), rest/a.Len()
	}
	for i, a := range e.File.Axes {
		if slices.ContainsFunc(a.Keys, func(key string) bool { return !ofReplica(key) }) {
			shape = shape*a.Len() + digits[i]
		}
	}
	c := e.cell(shape, digits[:])
	get := func(key string) any { return e.Value(&c, key) }
	left := false
	for i, w := range e.File.Where {
		holds := w.Holds(get)
		e.holds[i] = e.holds[i] || holds
		left = left || !holds
	}
	if !left {
		e.Cells = append(e.Cells, c)
	}
}

// cell is a combination's cell. Its shape is the one of its number and its temperature.
func (e *expansion) cell(number int, digits []int) Cell {
	at, there := e.shapeAt[shapeKey{number: number}]
	if !there {
		given := e.given(digits)
		at = e.newShape(shapeKey{number: number}, Shape{Config: given.WithDefaults(), given: given})
	}
	c := Cell{Shape: at, Replica: e.replica(at, digits)}
	first := e.Shapes[at]
	own := e.Config(&c).WithTemperature(first.given)
	if own.Model.Tau == first.Config.Model.Tau && own.Model.TauFinal == first.Config.Model.TauFinal {
		return c
	}
	key := shapeKey{number, own.Model.Tau, own.Model.TauFinal}
	if c.Shape, there = e.shapeAt[key]; !there {
		c.Shape = e.newShape(key, Shape{Config: own, given: first.given})
	}
	return c
}

// newShape adds a shape and returns its place.
func (e *expansion) newShape(key shapeKey, s Shape) int {
	e.shapeAt[key] = len(e.Shapes)
	e.Shapes = append(e.Shapes, &s)
	return len(e.Shapes) - 1
}

// never names the conditions that hold for no combination.
func (e *expansion) never() string {
	var texts []string
	for i, w := range e.File.Where {
		if !e.holds[i] {
			texts = append(texts, strconv.Quote(w.Text))
		}
	}
	if len(texts) == 0 {
		return ""
	}
	return ": none has " + strings.Join(texts, ", nor ")
}

// given are the settings of a combination before they are resolved.
func (e *expansion) given(digits []int) train.Config {
	c := e.File.Base
	for i, a := range e.File.Axes {
		for k := range a.Keys {
			a.Values[k][digits[i]].Set(&c)
		}
	}
	return c
}

// replica is what a combination gives one replica.
func (e *expansion) replica(shape int, digits []int) graph.Replica {
	c := e.Shapes[shape].Config
	for i, a := range e.File.Axes {
		for k, key := range a.Keys {
			if ofReplica(key) {
				a.Values[k][digits[i]].Set(&c)
			}
		}
	}
	r := graph.Replica{LearningRate: c.Optimizer.LearningRate, Mean: c.Data.MixtureMean}
	if c.Alternating() {
		r.LearningRate = c.GDMin.StepSize
	}
	if len(c.Data.P) > 0 && len(c.Seeds) > 0 {
		r.P, r.Seed = c.Data.P[0], c.Seeds[0]
	}
	return r
}

// Value is the value of a setting in a cell.
func (g *Grid) Value(c *Cell, key string) any {
	switch key {
	case pKey:
		return c.Replica.P
	case seedsKey:
		return c.Replica.Seed
	case lrKey:
		if g.Shapes[c.Shape].Config.Optimised() {
			return c.Replica.LearningRate
		}
	case meanKey:
		if g.Shapes[c.Shape].Config.Data.Name == "sparse-mixture" {
			return c.Replica.Mean
		}
	}
	return g.Shapes[c.Shape].Config.Get(key)
}

// Config is the configuration of a cell alone.
func (g *Grid) Config(c *Cell) train.Config {
	out := g.Shapes[c.Shape].Config
	out.Seeds, out.Data.P = []uint64{c.Replica.Seed}, []float64{c.Replica.P}
	if out.Optimised() {
		out.Optimizer.LearningRate = c.Replica.LearningRate
	}
	if out.Data.Name == "sparse-mixture" {
		out.Data.MixtureMean = c.Replica.Mean
	}
	return out
}

// columns lists the settings of the table: those that vary, in the order of the file, then p, rate and seed.
func (e *expansion) columns() {
	for _, a := range e.File.Axes {
		for _, key := range a.Keys {
			if a.Len() > 1 && key != pKey && key != rateKey && key != seedsKey {
				e.Columns = append(e.Columns, key)
			}
		}
	}
	e.Columns = append(e.Columns, pKey, rateKey, seedsKey)
}

// Label names a cell by the settings that vary.
func (g *Grid) Label(c *Cell) string {
	var parts []string
	for _, key := range g.Columns {
		parts = append(parts, short(key)+"="+text(g.Value(c, key)))
	}
	return strings.Join(parts, " ")
}

// text is a value in tables and names.
func text(v any) string {
	switch x := v.(type) {
	case nil:
		return ""
	case float64:
		return strconv.FormatFloat(x, 'g', -1, 64)
	}
	return fmt.Sprint(v)
}

// keys names every cell by a hash of its settings. Checkpoints and event files decide no result.
func (g *Grid) keys() error {
	for _, s := range g.Shapes {
		c := s.Config
		c.Checkpoint, c.Seeds, c.Data.P, c.Optimizer.LearningRate, c.Data.MixtureMean = config.CheckpointConfig{}, nil, nil, 0, 0
		c.Tensorboard, c.Model = false, c.Model.AtOneTemperature()
		data, err := json.Marshal(c)
		if err != nil {
			return fmt.Errorf("sweep: settings: %w", err)
		}
		sum := sha256.Sum256(data)
		s.hash = sum[:]
	}
	var buffer []byte
	for i := range g.Cells {
		c := &g.Cells[i]
		buffer = append(buffer[:0], g.Shapes[c.Shape].hash...)
		for _, x := range []uint64{c.Replica.Seed, math.Float64bits(c.Replica.P), math.Float64bits(c.Replica.LearningRate), math.Float64bits(c.Replica.Mean)} {
			buffer = append(buffer, byte(x), byte(x>>8), byte(x>>16), byte(x>>24), byte(x>>32), byte(x>>40), byte(x>>48), byte(x>>56))
		}
		sum := sha256.Sum256(buffer)
		c.Key = hex.EncodeToString(sum[:keyBytes])
	}
	return nil
}

// keyBytes is the length of a hash: of a million cells two have the same with a probability of 10⁻¹².
const keyBytes = 10

// Header names the columns of the settings, as the table does.
func (g *Grid) Header() []string {
	out := make([]string, len(g.Columns))
	for i, key := range g.Columns {
		out[i] = short(key)
	}
	return out
}

// Values are the settings of a cell, as the table has them.
func (g *Grid) Values(c *Cell) []string {
	out := make([]string, len(g.Columns))
	for i, key := range g.Columns {
		out[i] = text(g.Value(c, key))
	}
	return out
}
