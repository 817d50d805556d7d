package bench

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"errors"
	"fmt"
	"image/color"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
	"gonum.org/v1/plot/vg/vgsvg"

	"autoamp/amp"
)

// TheoryCurve is one line of the figure.
type TheoryCurve struct {
	Quantity
	Points plotter.XYs
}

// mean is where the curve lies on average, which orders the labels of curves that end in one point.
func (c *TheoryCurve) mean() float64 {
	sum := 0.0
	for _, p := range c.Points {
		sum += p.Y
	}
	return sum / float64(len(c.Points))
}

// TheoryFigure is the figure of a swept theory.
type TheoryFigure struct {
	Title, X string
	Curves   []TheoryCurve
}

// ReadTheoryFigure reads the CSV that a sweep over param wrote. Every curve is the column of one of the quantities.
func ReadTheoryFigure(r io.Reader, title, param string, quantities []Quantity) (*TheoryFigure, error) {
	records, err := csv.NewReader(r).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("bench: curves: %w", err)
	}
	if len(records) < 2 {
		return nil, errors.New("bench: curves: no points")
	}
	x := slices.Index(records[0], param)
	if x < 0 {
		return nil, fmt.Errorf("bench: curves: no column %q", param)
	}
	f := &TheoryFigure{Title: title, X: axisTitles[param]}
	for _, q := range quantities {
		y := slices.Index(records[0], q.Name)
		if y < 0 || q.Label == "" {
			continue
		}
		if points := column(records[1:], x, y); len(points) > 0 {
			f.Curves = append(f.Curves, TheoryCurve{q, points})
		}
	}
	f.Curves = worthDrawing(f.Curves)
	return f, nil
}

var axisTitles = map[string]string{
	"p":    "p, probability of a non-zero coordinate",
	"rate": "rate r = n/d, bits per coordinate",
}

// column is the points of two columns, without those that have no value.
func column(records [][]string, x, y int) plotter.XYs {
	var points plotter.XYs
	for _, record := range records {
		px, errX := strconv.ParseFloat(record[x], 64)
		py, errY := strconv.ParseFloat(record[y], 64)
		if errX == nil && errY == nil && !math.IsNaN(py) {
			points = append(points, plotter.XY{X: px, Y: py})
		}
	}
	return points
}

// worthDrawing leaves out the RI-GAMP iterations that nobody can tell apart from the next curve, and the identity
// and the chain encoder where they are nowhere the best.
func worthDrawing(curves []TheoryCurve) []TheoryCurve {
	var kept []TheoryCurve
	for _, c := range curves {
		if n := len(kept); n > 0 && apart(kept[n-1].Points, c.Points) < minApart && c.Name != "bayes" {
			continue
		}
		if (c.Name == "identity" || c.Name == "chain") && !everBelow(c.Points, curves) {
			continue
		}
		kept = append(kept, c)
	}
	return kept
}

// minApart is the distance of two curves, in units of the error, below which they are one line on paper.
const minApart = 2e-3

// apart is the largest distance of two curves with the same abscissae.
func apart(a, b plotter.XYs) float64 {
	if len(a) != len(b) {
		return math.Inf(1)
	}
	largest := 0.0
	for i := range a {
		largest = math.Max(largest, math.Abs(a[i].Y-b[i].Y))
	}
	return largest
}

// everBelow reports whether an encoder that is not Haar beats, at some point, the Haar encoder with the same decoder.
func everBelow(other plotter.XYs, curves []TheoryCurve) bool {
	haar := map[float64]float64{}
	for _, c := range slices.Backward(curves) {
		if c.Name == "gaussian" || c.Name == "denoiser" { // gaussian, the weaker one, comes last and stays
			for _, q := range c.Points {
				haar[q.X] = q.Y
			}
		}
	}
	for _, p := range other {
		if y, ok := haar[p.X]; ok && p.Y < y-minApart {
			return true
		}
	}
	return false
}

// pen is how a quantity is drawn. The colours are Okabe and Ito's: told apart with any colour vision, and in print; the
// dashes tell them apart without colour.
type pen struct {
	colour color.Color
	dashes []vg.Length
	width  float64
}

var pens = map[string]pen{
	"gaussian":        {color.NRGBA{0x60, 0x60, 0x60, 0xFF}, []vg.Length{6, 3}, 1.4},
	"identity":        {color.NRGBA{0xE6, 0x9F, 0x00, 0xFF}, []vg.Length{6, 2, 1.5, 2}, 1.6},
	"chain":           {color.NRGBA{0xE6, 0x9F, 0x00, 0xFF}, nil, 1.2},
	"denoiser":        {color.NRGBA{0xD5, 0x5E, 0x00, 0xFF}, nil, 1.6},
	"bayes":           {color.NRGBA{0x00, 0x72, 0xB2, 0xFF}, nil, 1.6},
	"gaussian_finite": {color.NRGBA{0x60, 0x60, 0x60, 0xFF}, []vg.Length{1.5, 2.5}, 1.2},
	"denoiser_finite": {color.NRGBA{0xD5, 0x5E, 0x00, 0xFF}, []vg.Length{1.5, 2.5}, 1.2},
}

// iterationPens draw RI-GAMP, from iteration 2.
var iterationPens = []pen{
	{color.NRGBA{0x00, 0x9E, 0x73, 0xFF}, []vg.Length{4, 2}, 1.6},
	{color.NRGBA{0xCC, 0x79, 0xA7, 0xFF}, []vg.Length{2, 2}, 1.6},
	{color.NRGBA{0x56, 0xB4, 0xE9, 0xFF}, []vg.Length{5, 2, 1, 2}, 1.6},
	{color.NRGBA{0x00, 0x00, 0x00, 0xFF}, []vg.Length{1, 2}, 1.6},
}

func penOf(name string) pen {
	if p, ok := pens[name]; ok {
		return p
	}
	t := 2
	if _, err := fmt.Sscanf(name, "rigamp_%d", &t); err != nil || t < 2 {
		t = 2
	}
	return iterationPens[(t-2)%len(iterationPens)]
}

// Save writes dir/curves.svg and dir/curves.png. Each file is there whole or not at all.
func (f *TheoryFigure) Save(dir string) (err error) {
	defer func() {
		if p := recover(); p != nil { // the plotting library panics on what it cannot draw
			err = fmt.Errorf("bench: figure: %v", p)
		}
	}()
	const w, h = 8 * vg.Inch, 4.6 * vg.Inch
	svg, png := vgsvg.New(w, h), vgimg.PngCanvas{Canvas: vgimg.NewWith(vgimg.UseWH(w, h), vgimg.UseDPI(144))}
	for _, canvas := range []vg.CanvasSizer{svg, png} {
		page := draw.New(canvas)
		page.SetColor(color.White) // else the labels stand on whatever is behind the figure
		page.Fill(page.Rectangle.Path())
		f.draw(draw.Crop(page, 6, -6, 6, -6))
	}
	return errors.Join(writeWhole(filepath.Join(dir, "curves.svg"), svg), writeWhole(filepath.Join(dir, "curves.png"), png))
}

// writeWhole writes a file under a temporary name and renames it.
func writeWhole(path string, content io.WriterTo) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".tmp-*")
	if err != nil {
		return fmt.Errorf("bench: %w", err)
	}
	defer os.Remove(f.Name())
	_, err = content.WriteTo(f)
	if err = errors.Join(err, f.Chmod(0o644), f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return fmt.Errorf("bench: %w", err)
	}
	return nil
}

// draw paints the figure with a label beside every curve's end.
func (f *TheoryFigure) draw(dc draw.Canvas) {
	p := f.axes()
	for _, c := range f.Curves {
		how := penOf(c.Name)
		p.Add(&plotter.Line{
			XYs:       clip(c.Points, p.Y.Max),
			LineStyle: draw.LineStyle{Color: how.colour, Width: vg.Points(how.width), Dashes: how.dashes},
		})
	}
	inner := draw.Crop(dc, 0, -f.labelWidth(p), 0, 0)
	p.Draw(inner)
	f.labels(dc, inner, p)
}

// labelWidth is the room that the widest label takes to the right of the plot.
func (f *TheoryFigure) labelWidth(p *plot.Plot) vg.Length {
	width := vg.Length(0)
	for _, c := range f.Curves {
		width = max(width, p.X.Tick.Label.Width(c.Label))
	}
	return width + leader + 2*labelGap
}

// axes is the empty plot. The identity encoder's error may exceed all others by far and does not stretch the axis.
func (f *TheoryFigure) axes() *plot.Plot {
	p := plot.New()
	p.Title.Text, p.X.Label.Text, p.Y.Label.Text = f.Title, f.X, "MSE per coordinate"
	p.Title.Padding, p.Title.TextStyle.Font.Size = vg.Points(6), vg.Points(12)
	for _, style := range []*font.Font{
		&p.Title.TextStyle.Font, &p.X.Label.TextStyle.Font, &p.Y.Label.TextStyle.Font, &p.X.Tick.Label.Font, &p.Y.Tick.Label.Font,
	} {
		style.Variant = "Sans"
	}
	p.X.Min, p.X.Max, p.Y.Max = math.Inf(1), math.Inf(-1), 0
	for _, c := range f.Curves {
		for _, xy := range c.Points {
			p.X.Min, p.X.Max = math.Min(p.X.Min, xy.X), math.Max(p.X.Max, xy.X)
			if c.Name != "identity" && c.Name != "chain" || len(f.Curves) == 1 {
				p.Y.Max = math.Max(p.Y.Max, 1.04*xy.Y)
			}
		}
	}
	if p.X.Min == p.X.Max {
		p.X.Min, p.X.Max = p.X.Min-0.5, p.X.Max+0.5
	}
	p.Y.Min, p.Y.Max = 0, math.Max(p.Y.Max, 1e-6)
	p.X.Tick.Marker, p.Y.Tick.Marker = plot.TickerFunc(roundTicks), plot.TickerFunc(roundTicks)
	return p
}

// roundTicks are four to eleven labels at multiples of 1, 2 or 5 and a power of ten.
func roundTicks(low, high float64) []plot.Tick {
	step := math.Pow(10, math.Floor(math.Log10(high-low)))
	for _, factor := range []float64{0.5, 0.4, 0.5} { // 0.5, 0.2, 0.1
		if (high-low)/step >= 4 {
			break
		}
		step *= factor
	}
	var ticks []plot.Tick
	for k := int(math.Ceil(low/step - 1e-9)); float64(k)*step <= high*(1+1e-12); k++ {
		v := float64(k) * step
		ticks = append(ticks, plot.Tick{Value: v, Label: strconv.FormatFloat(v, 'g', 6, 64)})
	}
	return ticks
}

// clip cuts the part of a curve above top off, at the exact crossing.
func clip(points plotter.XYs, top float64) plotter.XYs {
	var kept plotter.XYs
	for i, p := range points {
		if i > 0 && (points[i-1].Y > top) != (p.Y > top) {
			before := points[i-1]
			share := (top - before.Y) / (p.Y - before.Y)
			kept = append(kept, plotter.XY{X: before.X + share*(p.X-before.X), Y: top})
		}
		if p.Y <= top {
			kept = append(kept, p)
		}
	}
	return kept
}

// Lengths of the labels' layout.
const (
	leader   = vg.Length(16) // from a curve's end to its label
	labelGap = vg.Length(4)
	lineSkip = vg.Length(14)
)

// labels writes a label for every curve, joined to its end by a thin line, apart from each other.
func (f *TheoryFigure) labels(dc, inner draw.Canvas, p *plot.Plot) {
	data := p.DataCanvas(inner)
	_, toY := p.Transforms(&data)
	toX, _ := p.Transforms(&data)
	curves := slices.Clone(f.Curves)
	slices.SortStableFunc(curves, func(a, b TheoryCurve) int {
		if ya, yb := a.end(p.Y.Max).Y, b.end(p.Y.Max).Y; math.Abs(ya-yb) > 1e-3 {
			return cmp.Compare(ya, yb)
		}
		return cmp.Compare(a.mean(), b.mean())
	})
	at := make([]vg.Length, len(curves))
	for i := range curves {
		at[i] = toY(curves[i].end(p.Y.Max).Y)
	}
	spreadOut(at, data.Min.Y, data.Max.Y, lineSkip)
	for i, c := range curves {
		end, how := c.end(p.Y.Max), penOf(c.Name)
		from := vg.Point{X: toX(end.X) + labelGap/2, Y: toY(end.Y)}
		to := vg.Point{X: data.Max.X + leader, Y: at[i]}
		dc.StrokeLine2(draw.LineStyle{Color: how.colour, Width: vg.Points(0.6)}, from.X, from.Y, to.X, to.Y)
		style := p.X.Tick.Label
		style.Color, style.XAlign, style.YAlign = how.colour, draw.XLeft, draw.YCenter
		dc.FillText(style, vg.Point{X: to.X + labelGap, Y: at[i]}, c.Label)
	}
}

// end is the last point of a curve below top.
func (c *TheoryCurve) end(top float64) plotter.XY {
	points := clip(c.Points, top)
	if len(points) == 0 {
		return c.Points[len(c.Points)-1]
	}
	return points[len(points)-1]
}

// spreadOut moves ascending positions apart by at least gap, as little as it takes, and keeps them within low and high
// as long as there is room: groups that touch are centred on where they want to be.
func spreadOut(at []vg.Length, low, high, gap vg.Length) {
	type group struct {
		sum   vg.Length // of the wanted positions of the group's first label
		count int
	}
	var groups []group
	position := func(g group) vg.Length {
		first := g.sum / vg.Length(g.count)
		return max(low, min(first, high-vg.Length(g.count-1)*gap))
	}
	for _, want := range at {
		groups = append(groups, group{want, 1})
		for n := len(groups); n > 1; n = len(groups) {
			a, b := groups[n-2], groups[n-1]
			if position(a)+vg.Length(a.count)*gap <= position(b) {
				break
			}
			groups[n-2] = group{a.sum + b.sum - vg.Length(a.count*b.count)*gap, a.count + b.count}
			groups = groups[:n-1]
		}
	}
	i := 0
	for _, g := range groups {
		for k := range g.count {
			at[i] = position(g) + vg.Length(k)*gap
			i++
		}
	}
}

// WriteCurves writes a sweep into dir, as curves.csv and, read back from it, curves.svg and curves.png, and returns
// their paths.
func WriteCurves(dir, title, param string, points []*amp.Prediction, quantities []Quantity) ([]string, error) {
	var table bytes.Buffer
	w := csv.NewWriter(&table)
	_ = w.Write(TheoryHeader(quantities)) // a buffer takes everything
	for _, p := range points {
		_ = w.Write(TheoryRow(p, quantities))
	}
	w.Flush()
	f, err := ReadTheoryFigure(bytes.NewReader(table.Bytes()), title, param, quantities)
	if err != nil {
		return nil, err
	}
	path := filepath.Join(dir, "curves.csv")
	if err := errors.Join(writeWhole(path, &table), f.Save(dir)); err != nil {
		return nil, err
	}
	return []string{path, filepath.Join(dir, "curves.svg"), filepath.Join(dir, "curves.png")}, nil
}
