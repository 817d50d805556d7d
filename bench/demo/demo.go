package demo

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"math"
	"path/filepath"

	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"

	"autoamp/datasets/durable"
	"autoamp/graph"
	"autoamp/train"
	"autoamp/train/figure"
	"autoamp/train/rundir"
)

// Training is one of the demo's trainings.
type Training struct {
	Name    string // of its folder
	Config  train.Config
	Summary *train.Summary
}

// Settings configures the demo.
type Settings struct {
	Executor graph.Executor
	Dir      string
	Logger   *slog.Logger
	// Progress returns the callback for one run; nil means none.
	Progress func(Training) func(train.Progress)
}

// trainings are both models on sparse Gaussian data, where they end on their Haar candidates, and sparse Rademacher data above the
// critical p, where training ends below the paper's candidates. All have train's defaults.
func trainings() []Training {
	seeds := []uint64{1, 2, 3, 4} // a core trains whole models, without waiting for others
	gaussian := train.DataConfig{Name: "sparse-gaussian", P: []float64{0.4}}
	return []Training{
		{Name: "shallow", Config: train.Config{
			Model: train.ModelConfig{Name: "shallow"}, Data: gaussian, Seeds: seeds,
		}},
		{Name: "denoiser", Config: train.Config{
			Model: train.ModelConfig{Name: "denoiser"}, Data: gaussian, Seeds: seeds,
		}},
		{Name: "rademacher", Config: train.Config{
			Model: train.ModelConfig{Name: "shallow"}, Data: train.DataConfig{Name: "sparse-rademacher", P: []float64{0.9}}, Seeds: seeds,
		}},
	}
}

// Run trains three models, each into its own folder of Dir, draws them into one figure and returns the
// figure's path. It continues runs that are in Dir already, and only reads finished ones.
func Run(ctx context.Context, s Settings) (runs []Training, figure string, err error) {
	runs = trainings()
	for i := range runs {
		r := &runs[i]
		r.Config = r.Config.WithDefaults()
		t := train.Trainer{
			Config: r.Config, Executor: s.Executor, Dir: filepath.Join(s.Dir, r.Name), Resume: true, Logger: s.Logger,
		}
		if s.Progress != nil {
			t.Progress = s.Progress(*r)
		}
		if r.Summary, err = t.Run(ctx); err != nil {
			return nil, "", err
		}
	}
	figure, err = drawFigure(s.Dir, runs)
	return runs, figure, err
}

// drawFigure draws test error against step for every run, with the theory's value dashed.
func drawFigure(dir string, runs []Training) (string, error) {
	steps := 0
	for _, r := range runs {
		steps = max(steps, r.Config.Steps)
	}
	chart := figure.Chart{
		Title: "Trained autoencoders (solid) and theory (dashed)", X: "optimizer updates", Y: "test error per coordinate",
		LogX: true, XMin: 1, XMax: float64(steps), YMax: 1,
	}
	for i, r := range runs {
		rows, err := rundir.ReadMetrics(filepath.Join(dir, r.Name))
		if err != nil {
			return "", err
		}
		trained := meanOverSeeds(rows)
		if len(trained) == 0 {
			return "", fmt.Errorf("demo: %s has no metrics", r.Name)
		}
		chart.Add(figure.Curve{Points: trained, Pen: figure.Solid(figure.Colour(i))})
		level := theoryLevel(r)
		chart.Add(figure.Curve{
			Label:  fmt.Sprintf("%s, %s, p = %g", r.Config.Model.Name, r.Config.Data.Name, r.Config.Data.P[0]),
			Points: plotter.XYs{{X: 1, Y: level}, {X: float64(r.Config.Steps), Y: level}},
			Pen:    figure.Pen{Colour: figure.Colour(i), Dashes: figure.Dashed, Width: 1},
		})
	}
	for _, format := range []figure.Format{figure.PNG, figure.SVG} {
		file, err := figure.Render(format, 9.5*vg.Inch, 5*vg.Inch, chart.Paint)
		if err == nil {
			err = durable.WriteBytes(durable.OS, filepath.Join(dir, "demo."+string(format)), file)
		}
		if err != nil {
			return "", fmt.Errorf("demo: figure: %w", err)
		}
	}
	return filepath.Join(dir, "demo.svg"), nil
}

// theoryLevel is the error that a run should end with, at its d where that is known.
func theoryLevel(r Training) float64 {
	point := r.Summary.Points[0]
	return cmp.Or(point.Expected, point.Limit)
}

// meanOverSeeds averages the replicas' test errors by step; rows come in order of step.
func meanOverSeeds(rows []train.Row) plotter.XYs {
	var points plotter.XYs
	count := 0.0
	for _, r := range rows {
		step := math.Max(1, float64(r.Step))
		if n := len(points); n == 0 || points[n-1].X != step {
			points, count = append(points, plotter.XY{X: step}), 0
		}
		last := &points[len(points)-1]
		last.Y = (last.Y*count + r.TestMSE) / (count + 1)
		count++
	}
	return points
}
