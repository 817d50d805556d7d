package datasets

import (
	"context"
	"errors"
	"math"
	"slices"
	"testing"
)

// ramp is an image whose value is 2x + 3y + 10, which cubic resampling reproduces.
func ramp(size int) *Pixels {
	p := &Pixels{Shape: Shape{Channels: 1, Height: size, Width: size}, Labels: []byte{0}}
	for y := range size {
		for x := range size {
			p.Data = append(p.Data, byte(2*x+3*y+10))
		}
	}
	return p
}

func TestResampleMovesEveryPixel(t *testing.T) {
	t.Parallel()
	p := ramp(21)
	sin, cos := math.Sincos(0.2)
	for name, m := range map[string]motion{
		"identity": {xx: 1, yy: 1},
		"shift":    {xx: 1, yy: 1, x: 2, y: -1},
		"mirror":   {xx: -1, yy: 1, x: 20},
		"rotation": {xx: cos, xy: sin, yx: -sin, yy: cos, x: 10 - 10*cos - 10*sin, y: 10 + 10*sin - 10*cos},
	} {
		dst := make([]float32, 21*21)
		resample(dst, p.Data, p.Shape, m)
		for _, at := range [][2]int{{10, 10}, {7, 12}, {14, 8}, {5, 5}} { // far from the border
			x, y := float64(at[0]), float64(at[1])
			want := (2*(m.xx*x+m.xy*y+m.x) + 3*(m.yx*x+m.yy*y+m.y) + 10) / 255
			if got := float64(dst[at[1]*21+at[0]]); math.Abs(got-want) > 1e-6 {
				t.Errorf("%s: pixel %v is %g, want %g", name, at, got, want)
			}
		}
	}
}

// Outside the image lies its border.
func TestResampleContinuesTheBorder(t *testing.T) {
	t.Parallel()
	p := ramp(5)
	dst := make([]float32, 25)
	resample(dst, p.Data, p.Shape, motion{xx: 1, yy: 1, x: 2})
	if want := float32(p.Data[4]) / 255; dst[3] != want || dst[4] != want {
		t.Errorf("the first row is %v", dst[:5])
	}
}

func TestMotionsStayInTheirBounds(t *testing.T) {
	t.Parallel()
	a := augmentation{shift: 2, degrees: 10, flip: true}
	s := Shape{Channels: 1, Height: 9, Width: 9}
	seen := map[[3]int]int{}
	largest := 0.0
	const draws = 20000
	for i := range draws {
		m := a.motion(s, i, 7)
		dx, dy := m.xx*4+m.xy*4+m.x-4, m.yx*4+m.yy*4+m.y-4 // of the centre
		if math.Abs(dx-math.Round(dx)) > 1e-9 || math.Abs(dy-math.Round(dy)) > 1e-9 {
			t.Fatalf("the centre moved by %g, %g", dx, dy)
		}
		mirror := 0
		if m.xx < 0 {
			mirror = 1
		}
		seen[[3]int{int(math.Round(dx)), int(math.Round(dy)), mirror}]++
		largest = max(largest, math.Abs(math.Asin(m.yx))*180/math.Pi)
	}
	if largest > 10 || largest < 9.9 {
		t.Errorf("the largest angle is %g", largest)
	}
	if len(seen) != 50 {
		t.Errorf("%d kinds of shift and mirror, want 5·5·2", len(seen))
	}
	for kind, n := range seen { // each is binomial with probability 1/50: mean 400, standard deviation 20
		if math.Abs(float64(n)-draws/50) > 5*20 {
			t.Errorf("%v was drawn %d times of %d", kind, n, draws)
		}
	}
}

func TestAugmentedTable(t *testing.T) {
	t.Parallel()
	p := &Pixels{Shape: Shape{Channels: 3, Height: 8, Width: 8}}
	for i := range 3 {
		p.Labels = append(p.Labels, byte(i))
		for k := range p.Shape.Size() {
			p.Data = append(p.Data, byte(50*i+k))
		}
	}
	a := augmentation{shift: 1, degrees: 5, flip: true, noise: 0.01}
	make := func(rows int, seed uint64) *Table {
		out, err := a.table(t.Context(), p, rows, seed)
		if err != nil || out.Len() != rows {
			t.Fatal(out.Len(), err)
		}
		return out
	}
	first := make(700, 1)
	if !slices.Equal(first.Data[:3*192], p.Table().Data) {
		t.Error("the first copies are not the images")
	}
	if again := make(700, 1); !slices.Equal(first.Data, again.Data) {
		t.Error("the same seed gives another table")
	}
	if short := make(300, 1); !slices.Equal(first.Data[:300*192], short.Data) {
		t.Error("a row depends on the number of rows")
	}
	if other := make(700, 2); slices.Equal(first.Data, other.Data) {
		t.Error("another seed gives the same table")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := a.table(ctx, p, 700, 1); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

func TestNoise(t *testing.T) {
	t.Parallel()
	p := &Pixels{Shape: Shape{Channels: 1, Height: 4, Width: 4}, Data: make([]byte, 16), Labels: []byte{0}}
	out, err := augmentation{noise: 0.02}.table(t.Context(), p, 5001, 1)
	if err != nil {
		t.Fatal(err)
	}
	// 80 000 normal numbers: the mean of their squares has relative standard error √(2/80000) = 0.005.
	if got := out.SecondMoment() / (0.02 * 0.02); math.Abs(got-1) > 0.02 {
		t.Errorf("the noise has %g of its variance", got)
	}
}
