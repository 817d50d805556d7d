package figure

import (
	"bytes"
	"encoding/base64"
	"image/png"
	"math"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

func TestSpreadOut(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ at, want []vg.Length }{
		{[]vg.Length{10, 50, 90}, []vg.Length{10, 50, 90}},
		{[]vg.Length{50, 50, 50}, []vg.Length{40, 50, 60}},
		{[]vg.Length{0, 2}, []vg.Length{0, 10}},
		{[]vg.Length{99, 100, 100}, []vg.Length{80, 90, 100}},
		{[]vg.Length{20, 28, 36, 90}, []vg.Length{18, 28, 38, 90}},
	} {
		got := append([]vg.Length(nil), test.at...)
		spreadOut(got, 0, 100, 10)
		for i := range got {
			if math.Abs(float64(got[i]-test.want[i])) > 1e-9 {
				t.Errorf("%v: %v, want %v", test.at, got, test.want)
				break
			}
		}
	}
}

func TestRoundTicks(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		low, high float64
		want      string
	}{
		{0, 1, "0 0.2 0.4 0.6 0.8 1"},
		{0.1, 1.5, "0.2 0.4 0.6 0.8 1 1.2 1.4"},
		{0, 0.38, "0 0.05 0.1 0.15 0.2 0.25 0.3 0.35"},
	} {
		var got []string
		for _, tick := range RoundTicks(test.low, test.high) {
			got = append(got, tick.Label)
		}
		if s := strings.Join(got, " "); s != test.want {
			t.Errorf("%g to %g: %s, want %s", test.low, test.high, s, test.want)
		}
	}
}

func TestClip(t *testing.T) {
	t.Parallel()
	got := clip(plotter.XYs{{X: 0, Y: 2}, {X: 1, Y: 0.5}, {X: 2, Y: -1}, {X: 4, Y: 3}}, 0, 1)
	want := plotter.XYs{{X: 2.0 / 3, Y: 1}, {X: 1, Y: 0.5}, {X: 4.0 / 3, Y: 0}, {X: 2.5, Y: 0}, {X: 3, Y: 1}}
	if diff := cmp.Diff(want, got, cmpopts.EquateApprox(0, 1e-12)); diff != "" {
		t.Error(diff)
	}
}

func TestDecades(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		low, high float64
		want      string
	}{
		{1, 10000, "1 10 100 1000 10000"},
		{0.5, 8, "0.5 1 2 5"},
		{1e-5, 1e-1, "1e-05 1e-04 0.001 0.01 0.1"},
	} {
		var got []string
		for _, tick := range Decades(test.low, test.high) {
			if tick.Label != "" {
				got = append(got, tick.Label)
			}
		}
		if s := strings.Join(got, " "); s != test.want {
			t.Errorf("%g to %g: %s, want %s", test.low, test.high, s, test.want)
		}
	}
}

// TestRender draws everything there is in every format. Ink must appear: a white page gives no error.
func TestRender(t *testing.T) {
	t.Parallel()
	chart := &Chart{Title: "BBᵀ → ∞", X: "r", Y: "MSE", LogX: true}
	chart.Add(Curve{Label: "theory", Points: plotter.XYs{{X: 1, Y: 1}, {X: 100, Y: 0.5}}, Pen: Dash(Blue)})
	chart.Mark(Marks{Label: "trained", Points: plotter.XYs{{X: 10, Y: 0.7}}, Errors: []float64{0.1}, Colour: Vermilion})
	diagram := &Diagram{
		Blocks: []Block{{Text: "y"}, {Kind: Matrix, Text: "A"}, {Kind: Sum, Text: "+", Note: "β"}, {Kind: Function, Text: "f"}, {Text: "x", Hat: true}},
		Arcs:   []Arc{{From: 0, To: 2, Level: 1, Text: "γ"}}, Captions: []Caption{{From: 1, To: 3, Text: "decoder"}},
	}
	for name, paint := range map[string]func(draw.Canvas){
		"chart": chart.Paint, "empty chart": (&Chart{}).Paint, "diagram": diagram.Paint,
		"heat map": HeatMap{Title: "B", M: mat.NewDense(2, 2, []float64{1, 0, 0, -1})}.Paint,
		"panels":   Column([]float64{1, 2}, chart.Paint, Row([]float64{1, 1}, chart.Paint, Square(chart.Paint))),
		"stack":    Stack([]float64{2, 1}, chart, &Chart{Y: "below"}),
	} {
		for _, format := range []Format{SVG, PNG, PDF} {
			file, err := Render(format, 6*vg.Inch, 5*vg.Inch, paint)
			if err != nil || len(file) < 500 {
				t.Errorf("%s, %s: %d bytes, %v", name, format, len(file), err)
			}
			if format == SVG && name == "chart" && strings.Count(string(file), "font-family") != strings.Count(string(file), "Arial,Helvetica,sans-serif") {
				t.Errorf("%s: a label names one font alone", name)
			}
			if format == PNG && !inked(t, file) {
				t.Errorf("%s: an empty page", name)
			}
		}
	}
	if _, err := Render("gif", vg.Inch, vg.Inch, chart.Paint); err == nil {
		t.Error("gif: no error")
	}
}

// TestNotMeasured leaves out the points that are no numbers, the labels of what has none, and maps without a matrix.
func TestNotMeasured(t *testing.T) {
	t.Parallel()
	nan := math.NaN()
	chart := &Chart{Title: "cells come in", LogX: true, LogY: true}
	chart.Add(Curve{Label: "level", Points: plotter.XYs{{X: 1, Y: nan}, {X: 2, Y: nan}}, Pen: Dash(Grey)},
		Curve{Label: "theory", Points: plotter.XYs{{X: 1, Y: 1}, {X: 2, Y: nan}, {X: 3, Y: 2}}, Pen: Dash(Blue)})
	chart.Mark(Marks{Label: "waiting", Points: plotter.XYs{{X: nan, Y: 1}}, Errors: []float64{1}, Colour: Blue},
		Marks{Label: "trained", Points: plotter.XYs{{X: nan, Y: 1}, {X: 2, Y: 2}, {X: 3, Y: 3}}, Errors: []float64{0.1, 0.2, nan}, Colour: Vermilion})
	if got := chart.Curves[1].Points; len(got) != 2 || got[1].X != 3 {
		t.Errorf("curve %v", got)
	}
	if got := chart.Points; len(got) != 1 || len(got[0].Points) != 2 || !slices.Equal(got[0].Errors, []float64{0.2, 0}) {
		t.Errorf("marks %+v", got)
	}
	svg, err := Render(SVG, 6*vg.Inch, 5*vg.Inch, Row([]float64{1, 1}, chart.Paint, HeatMap{Title: "B", M: &mat.Dense{}}.Paint))
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]bool{"NaN": false, "waiting": false, "level": false, "0 × 0": false, "theory": true, "trained": true} {
		if strings.Contains(string(svg), text) != want {
			t.Errorf("%q is in the figure: %t, want %t", text, !want, want)
		}
	}
}

// TestEmbeddedImages compares the media type that an SVG declares for a heat map with the signature of its bytes.
func TestEmbeddedImages(t *testing.T) {
	t.Parallel()
	svg, err := Render(SVG, 4*vg.Inch, 4*vg.Inch, HeatMap{Title: "B", M: mat.NewDense(2, 2, []float64{1, 0, 0, -1})}.Paint)
	if err != nil {
		t.Fatal(err)
	}
	images := regexp.MustCompile(`href="data:([^;]+);base64,([^"]+)"`).FindAllSubmatch(svg, -1)
	if len(images) == 0 {
		t.Fatal("no image")
	}
	for _, m := range images {
		data, err := base64.StdEncoding.DecodeString(string(m[2]))
		if err != nil {
			t.Fatal(err)
		}
		if declared, found := string(m[1]), http.DetectContentType(data); declared != found {
			t.Errorf("media type %s, the bytes are %s", declared, found)
		}
	}
}

// inked reports whether a picture has a dark pixel.
func inked(t *testing.T, file []byte) bool {
	t.Helper()
	img, err := png.Decode(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	for y := range img.Bounds().Dy() {
		for x := range img.Bounds().Dx() {
			if r, g, b, _ := img.At(x, y).RGBA(); r+g+b < 3*0x8000 {
				return true
			}
		}
	}
	return false
}
