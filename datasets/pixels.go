package datasets

import (
	"fmt"
	"slices"
)

// Shape is the shape of an image.
type Shape struct {
	Channels int `json:"channels"`
	Height   int `json:"height"`
	Width    int `json:"width"`
}

// Size returns the number d of pixel values.
func (s Shape) Size() int { return s.Channels * s.Height * s.Width }

// String returns channels × height × width.
func (s Shape) String() string { return fmt.Sprintf("%d×%d×%d", s.Channels, s.Height, s.Width) }

// Pixels is a set of labelled images as they come from files.
type Pixels struct {
	Shape  Shape
	Data   []byte // (N, channels, height, width)
	Labels []byte // (N)
}

// Len returns the number of images.
func (p *Pixels) Len() int { return len(p.Labels) }

// Image returns the values of the i-th image, plane by plane and row by row.
func (p *Pixels) Image(i int) []byte {
	d := p.Shape.Size()
	return p.Data[i*d:][:d:d]
}

// Counts returns the number of images of each class, 0 to classes − 1.
func (p *Pixels) Counts(classes int) []int {
	counts := make([]int, classes)
	for _, label := range p.Labels {
		if int(label) < classes {
			counts[label]++
		}
	}
	return counts
}

// Select returns the images of the given classes in their order; no class means all.
func (p *Pixels) Select(classes []int) *Pixels {
	if len(classes) == 0 {
		return p
	}
	out := &Pixels{Shape: p.Shape}
	for i, label := range p.Labels {
		if slices.Contains(classes, int(label)) {
			out.Labels = append(out.Labels, label)
			out.Data = append(out.Data, p.Image(i)...)
		}
	}
	return out
}

// Channel returns the images of one colour plane, d = height·width.
func (p *Pixels) Channel(k int) *Pixels {
	plane := p.Shape.Height * p.Shape.Width
	out := &Pixels{Shape: Shape{Channels: 1, Height: p.Shape.Height, Width: p.Shape.Width}, Labels: p.Labels}
	out.Data = make([]byte, 0, p.Len()*plane)
	for i := range p.Len() {
		out.Data = append(out.Data, p.Image(i)[k*plane:][:plane]...)
	}
	return out
}

// Table returns the images as numbers in [0, 1].
func (p *Pixels) Table() *Table {
	t := &Table{Data: make([]float32, len(p.Data)), Cols: p.Shape.Size()}
	for i, v := range p.Data {
		t.Data[i] = float32(v) / 255
	}
	return t
}
