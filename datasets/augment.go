package datasets

import (
	"context"
	"math"

	"autoamp/kernels"
)

// augmentation is how copies of an image differ from it: a shift, a rotation and a mirror image, all drawn uniformly
// and carried out in one cubic resampling that continues the border, and Gaussian noise.
//
// Kögler et al. say that images were augmented, not how; the amounts are ours. Bilinear resampling blurs: whitening
// then blows up the finest detail of images that were not resampled, such as test images.
type augmentation struct {
	shift   int     // largest shift in pixels, in either direction
	degrees float64 // largest angle of rotation
	flip    bool    // mirror half of the copies, left to right
	noise   float64 // standard deviation; pixels are in [0, 1]
}

// table returns rows samples: image i mod N is the i-th, as it is the first time and changed every other time. A row
// is a function of image, seed and i.
func (a augmentation) table(ctx context.Context, p *Pixels, rows int, seed uint64) (*Table, error) {
	d := p.Shape.Size()
	t := &Table{Data: make([]float32, rows*d), Cols: d}
	err := inBlocks(ctx, rows, 256, func() func(lo, hi int) error {
		noise := make([]float32, d)
		return func(lo, hi int) error {
			for i := lo; i < hi; i++ {
				a.row(t.Data[i*d:][:d], noise, p, i, seed)
			}
			return nil
		}
	})
	return t, err
}

// row makes row i of the table.
func (a augmentation) row(dst, noise []float32, p *Pixels, i int, seed uint64) {
	image := p.Image(i % p.Len())
	if i < p.Len() {
		for j, v := range image {
			dst[j] = float32(v) / 255
		}
		return
	}
	resample(dst, image, p.Shape, a.motion(p.Shape, i, seed))
	if a.noise > 0 {
		kernels.Normal(noise, 0, float32(a.noise), kernels.Stream{Seed: seed, Stream: ImageNoise, Step: uint64(i)})
		kernels.Add(dst, dst, noise)
	}
}

// motion maps a pixel of the copy to the place of the image that it shows: source = A·target + b.
type motion struct{ xx, xy, yx, yy, x, y float64 }

// motion draws the motion of row i: about the centre, then shifted.
func (a augmentation) motion(s Shape, i int, seed uint64) motion {
	words := kernels.Philox([4]uint32{uint32(i), ImageMotion, uint32(i >> 32), 0}, [2]uint32{uint32(seed), uint32(seed >> 32)})
	unit := func(k int) float64 { return (float64(words[k]) + 0.5) / (1 << 32) } // in (0, 1)
	sin, cos := math.Sincos(a.degrees * math.Pi / 180 * (2*unit(0) - 1))
	mirror := 1.0
	if a.flip && words[1]&1 == 1 {
		mirror = -1
	}
	span := float64(2*a.shift + 1)
	dx, dy := math.Floor(span*unit(2))-float64(a.shift), math.Floor(span*unit(3))-float64(a.shift)
	cx, cy := float64(s.Width-1)/2, float64(s.Height-1)/2
	m := motion{xx: mirror * cos, xy: mirror * sin, yx: -sin, yy: cos}
	m.x = cx + dx - m.xx*cx - m.xy*cy
	m.y = cy + dy - m.yx*cx - m.yy*cy
	return m
}

// resample draws an image moved by m, by cubic convolution. Outside the image the pixels of its border go on.
func resample(dst []float32, image []byte, s Shape, m motion) {
	plane := s.Height * s.Width
	for y := range s.Height {
		for x := range s.Width {
			columns, wx := neighbours(m.xx*float64(x)+m.xy*float64(y)+m.x, s.Width)
			rows, wy := neighbours(m.yx*float64(x)+m.yy*float64(y)+m.y, s.Height)
			for c := 0; c < len(image); c += plane {
				var sum float32
				for k, row := range rows {
					line := image[c+row*s.Width:][:s.Width]
					sum += wy[k] * (wx[0]*float32(line[columns[0]]) + wx[1]*float32(line[columns[1]]) +
						wx[2]*float32(line[columns[2]]) + wx[3]*float32(line[columns[3]]))
				}
				dst[c+y*s.Width+x] = sum / 255
			}
		}
	}
}

// neighbours returns the four pixels around a coordinate and their weights.
//
// Source: Keys 1981, "Cubic convolution interpolation for digital image processing", a = −1/2.
func neighbours(at float64, size int) (pixels [4]int, weights [4]float32) {
	at = min(max(at, 0), float64(size-1))
	base := int(at)
	t := float32(at - float64(base))
	for k := range pixels {
		pixels[k] = min(max(base-1+k, 0), size-1)
	}
	u := 1 - t
	return pixels, [4]float32{-t * u * u / 2, (2 + t*t*(3*t-5)) / 2, (2 + u*u*(3*u-5)) / 2, -u * t * t / 2}
}
