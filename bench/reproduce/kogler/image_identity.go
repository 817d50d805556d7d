package kogler

import (
	"context"
	"fmt"
	"math"

	"autoamp/bench/reproduce"
	"autoamp/datasets"
)

// identityEncoder is the encoder of the rows of imageIdentity.
const identityEncoder = "identity"

// imageIdentity is a cell: the error of the identity candidate on the images of a class, whose gain per bit is (E|x|)²/E x², for masks of
// every seed.
type imageIdentity struct {
	Images imageClass `json:"images"`
	P      float64    `json:"p"`
	Rate   float64    `json:"rate"`
	Seeds  []uint64   `json:"seeds"`
}

// withIdentity adds the identity candidate at rate 1/2, where every class has trainings.
func (f images) withIdentity(p reproduce.Params) ([]reproduce.Cell, error) {
	cells, loaders, err := f.cellsAndLoaders(p)
	if err != nil {
		return nil, err
	}
	seen := map[imageClass]bool{}
	for _, g := range f[p.Scale] {
		if !seen[g.imageClass] {
			seen[g.imageClass] = true
			cells = append(cells, imageIdentity{g.imageClass, g.p[0], 0.5, p.Seeds(branchSeeds)}.cell(loaders[g.imageClass]))
		}
	}
	return cells, nil
}

func (c imageIdentity) cell(load imageLoader) reproduce.Cell {
	name := fmt.Sprintf("%s-%v-p%g-r%g", identityEncoder, c.Images, c.P, c.Rate)
	return reproduce.Cell{Name: name, Settings: c, Run: func(ctx context.Context, _ *reproduce.Env) (*reproduce.Output, error) {
		images, err := load(ctx)
		if err != nil {
			return nil, err
		}
		return c.run(images)
	}}
}

func (c imageIdentity) run(images *imageRows) (*reproduce.Output, error) {
	out := &reproduce.Output{}
	for _, seed := range c.Seeds {
		gain, err := maskedGain(images.training, c.P, seed)
		if err != nil {
			return nil, err
		}
		out.Rows = append(out.Rows, reproduce.Row{
			"set": c.Images.Set, "class": c.Images.Class, "p": c.P, "rate": c.Rate, "dim": images.training.Cols, "encoder": identityEncoder,
			"norms": normsUnknown, "seed": seed, "zeta": images.zeta, "identity": (1 - images.zeta) * (1 - math.Min(1, c.Rate)*gain),
		})
	}
	return out, nil
}

// maskedGain is (E|x|)²/E x² of masked rows.
func maskedGain(t *datasets.Table, p float64, seed uint64) (float64, error) {
	m, pick := newMasks(p, normsUnknown, 1, t.Cols, seed, lawPurpose), evenly(t, lawRows)
	absolute, square := 0.0, 0.0
	for range lawRows {
		if err := m.draw(t, pick); err != nil {
			return 0, err
		}
		for _, x := range m.rows {
			absolute += math.Abs(float64(x))
			square += float64(x) * float64(x)
		}
	}
	return absolute * absolute / square / float64(lawRows*t.Cols), nil
}
