package bench

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"math"
	"math/rand/v2"
	"path/filepath"
	"strconv"
	"strings"

	"autoamp/graph"
	"autoamp/train"
)

// DesignSettings configures the check of train's defaults on points that nobody chose. Zero fields mean the stated default.
type DesignSettings struct {
	// Points is the number of points. Zero means 40.
	Points int
	// Seed is the seed of the points. The first points of two designs of a seed are the same. Zero means 1.
	Seed uint64
	// Steps is the length of every training. Zero means train.Config's default.
	Steps int
	// Dir holds a run directory for every point, from which an interrupted design continues. Empty means that nothing is written.
	Dir string
	// Executor trains. Required.
	Executor graph.Executor
	// Logger receives a line for every point. Nil means that no line is written.
	Logger *slog.Logger
	// Progress, if not nil, is called several times a second with the points that are done.
	Progress func(done, points int)
}

func (s DesignSettings) withDefaults() DesignSettings {
	if s.Points == 0 {
		s.Points = 40
	}
	if s.Seed == 0 {
		s.Seed = 1
	}
	if s.Logger == nil {
		s.Logger = slog.New(slog.DiscardHandler)
	}
	return s
}

// The ranges of a design: p is the probability that a coordinate is not 0, the rate is r = n/d, and d the dimension.
var (
	designLaws   = []string{"sparse-gaussian", "sparse-rademacher", "sparse-laplace", "sparse-mixture", "sparse-uniform"}
	designModels = []string{"shallow", "denoiser"}
	designP      = [2]float64{0.05, 1}
	designRate   = [2]float64{0.3, 1.5}
	designDim    = [2]int{80, 250}
)

// DesignPoint is a point and what became of its training.
type DesignPoint struct {
	Model string  `json:"model"`
	Data  string  `json:"data"`
	P     float64 `json:"p"`
	Rate  float64 `json:"rate"`
	Dim   int     `json:"dim"`
	Seed  uint64  `json:"seed"`

	TestMSE       float64 `json:"test_mse"`
	TestMSEStderr float64 `json:"test_mse_stderr"`
	Candidate     string  `json:"candidate"` // the best one, train.Point
	Expected      float64 `json:"expected"`  // its error at this d, 0 where the expansion in 1/d does not hold
	Limit         float64 `json:"limit"`     // its error as d → ∞
	// Gap is TestMSE relative to Expected or, without it, to Limit, less 1.
	Gap       float64 `json:"gap"`
	Within    bool    `json:"within"`    // |Gap| ≤ 3 %
	Converged bool    `json:"converged"` // what the run says of itself
	Seconds   float64 `json:"seconds"`   // of the clock
}

// designTolerance is the largest distance from the best candidate of a point that counts as within.
const designTolerance = 0.03

// DesignResult is a design with its counts.
type DesignResult struct {
	Seed      uint64        `json:"seed"`
	Points    []DesignPoint `json:"points"`
	Within    int           `json:"within"`    // points within 3 % of the best candidate
	Below     int           `json:"below"`     // points further below it: training found a better encoder
	Above     int           `json:"above"`     // points further above it
	Unflagged int           `json:"unflagged"` // those above whose run calls itself converged
}

// Design draws points and trains each with train's defaults. If ctx ends, the points so far are returned with its error.
func Design(ctx context.Context, s DesignSettings) (*DesignResult, error) {
	s = s.withDefaults()
	r := &DesignResult{Seed: s.Seed}
	for i, point := range s.draw() {
		if err := s.train(ctx, i, &point); err != nil {
			return r, err
		}
		r.add(point)
		s.Logger.Info("trained", "point", i+1, "points", s.Points, "model", point.Model, "data", point.Data, "p", point.P, "gap", point.Gap)
	}
	return r, nil
}

// draw is the points, with seeds of their own.
func (s DesignSettings) draw() []DesignPoint {
	r := rand.New(rand.NewPCG(s.Seed, 0))
	between := func(bounds [2]float64, digits float64) float64 {
		return math.Round((bounds[0]+(bounds[1]-bounds[0])*r.Float64())*digits) / digits
	}
	points := make([]DesignPoint, s.Points)
	for i := range points {
		points[i] = DesignPoint{
			Data: designLaws[r.IntN(len(designLaws))], P: between(designP, 1000), Rate: between(designRate, 100),
			Dim:   designDim[0] + r.IntN(designDim[1]-designDim[0]+1),
			Model: designModels[r.IntN(len(designModels))], Seed: r.Uint64N(1 << 32),
		}
	}
	return points
}

// config is a training with the defaults.
func (s DesignSettings) config(p DesignPoint) train.Config {
	return train.Config{
		Model: train.ModelConfig{Name: p.Model, Dim: p.Dim, Rate: p.Rate},
		Data:  train.DataConfig{Name: p.Data, P: []float64{p.P}}, Seeds: []uint64{p.Seed}, Steps: s.Steps,
	}
}

// train trains the i-th point, or reads what an earlier command made of it.
func (s DesignSettings) train(ctx context.Context, i int, p *DesignPoint) error {
	trainer := train.Trainer{Config: s.config(*p), Executor: s.Executor, Resume: true, NoFigures: true}
	if s.Dir != "" {
		trainer.Dir = filepath.Join(s.Dir, fmt.Sprintf("%03d", i+1))
	}
	if s.Progress != nil {
		trainer.Progress = func(train.Progress) { s.Progress(i, s.Points) }
	}
	summary, err := trainer.Run(ctx)
	if err != nil {
		return fmt.Errorf("bench: design, point %d: %w", i+1, err)
	}
	p.measure(summary)
	return nil
}

// measure takes the result from a summary.
func (p *DesignPoint) measure(s *train.Summary) {
	at := s.Points[0]
	p.TestMSE, p.TestMSEStderr, p.Candidate, p.Expected, p.Limit = at.TestMSE, at.TestMSEStderr, at.Candidate, at.Expected, at.Limit
	reference := at.Expected
	if reference == 0 {
		reference = at.Limit
	}
	p.Gap = at.TestMSE/reference - 1
	p.Within = math.Abs(p.Gap) <= designTolerance
	p.Converged = at.Converged != nil && *at.Converged
	p.Seconds = s.WallS
}

func (r *DesignResult) add(p DesignPoint) {
	r.Points = append(r.Points, p)
	switch {
	case p.Within:
		r.Within++
	case p.Gap < 0:
		r.Below++
	default:
		r.Above++
		if p.Converged {
			r.Unflagged++
		}
	}
}

// Markdown writes the points for people.
func (r *DesignResult) Markdown(w io.Writer) error {
	var s strings.Builder
	fmt.Fprintf(&s, "# Training with the defaults, %d points of seed %d\n\n", len(r.Points), r.Seed)
	s.WriteString("| model | data, p | r | d | trained ± s.e. | candidate | its error at d | gap | converged |\n|---|---|---|---|---|---|---|---|---|\n")
	for _, p := range r.Points {
		expected := "–"
		if p.Expected > 0 {
			expected = fmt.Sprintf("%.4f", p.Expected)
		}
		fmt.Fprintf(&s, "| %s | %s %s | %s | %d | %.4f ± %.4f | %s | %s | %+.1f %% | %s |\n", p.Model, p.Data, decimal(p.P), decimal(p.Rate), p.Dim,
			p.TestMSE, p.TestMSEStderr, p.Candidate, expected, 100*p.Gap, map[bool]string{true: "yes", false: "no"}[p.Converged])
	}
	fmt.Fprintf(&s, "\n%d of %d within 3 %% of the best candidate, %d further below it, %d further above it, of which %d call themselves converged.\n"+
		"Where the candidate has no error at this d, the gap is to its limit.\n", r.Within, len(r.Points), r.Below, r.Above, r.Unflagged)
	_, err := io.WriteString(w, s.String())
	return err
}

func decimal(x float64) string { return strconv.FormatFloat(x, 'g', -1, 64) }
