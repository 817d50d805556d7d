package bench

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"autoamp/amp"
)

// TheorySpeedSettings configures the speed table of the theory. Zero fields mean the stated default.
type TheorySpeedSettings struct {
	// P and Rate are the point. Zero means 0.4 and 1.
	P, Rate float64
	// Repetitions is the number of timings behind a median. Zero means 21.
	Repetitions int
	// CurvePoints is the length of the Bayes curve. Zero means 100.
	CurvePoints int
	// Samples is the number of samples that the peer draws for an expectation. Zero means 1 000 000.
	Samples int
	// Python lists the interpreters to look for numpy in. Nil means python3 and /usr/bin/python3.
	Python []string
	// Logger receives a line for every law. Nil means that no line is written.
	Logger *slog.Logger
}

func (s TheorySpeedSettings) withDefaults() TheorySpeedSettings {
	if s.P == 0 {
		s.P = 0.4
	}
	if s.Rate == 0 {
		s.Rate = 1
	}
	if s.Repetitions == 0 {
		s.Repetitions = 21
	}
	if s.CurvePoints == 0 {
		s.CurvePoints = 100
	}
	if s.Samples == 0 {
		s.Samples = 1_000_000
	}
	if s.Python == nil {
		s.Python = Pythons()
	}
	if s.Logger == nil {
		s.Logger = slog.New(slog.DiscardHandler)
	}
	return s
}

// TheorySpeed is one law's row. Times are in milliseconds, on one core.
type TheorySpeed struct {
	Data    string      `json:"data"`
	Predict Spread      `json:"predict_ms"` // amp.Predict: every number of autoamp theory that does not need amp.Limits
	Curve   Spread      `json:"curve_ms"`   // the Bayes curve over rates up to 2
	MMSE    PeerCompare `json:"mmse"`       // the denoiser's error
	Bayes   PeerCompare `json:"bayes"`      // the Bayes-optimal error
	Passes  int         `json:"passes"`     // of the recursion behind Bayes
}

// PeerCompare is one function, here and in NumPy by Monte Carlo.
type PeerCompare struct {
	Value  float64  `json:"value"`
	Ms     float64  `json:"ms"`
	PeerMs *float64 `json:"peer_ms"`    // nil where the peer is absent
	Error  *float64 `json:"peer_error"` // |peer − Value| of one run of the peer
}

// TheorySpeedResult is the table, with the machine, the versions and the settings behind it.
type TheorySpeedResult struct {
	Date        time.Time         `json:"date"`
	Machine     Machine           `json:"machine"`
	Versions    map[string]string `json:"versions"`
	P           float64           `json:"p"`
	Rate        float64           `json:"rate"`
	CurvePoints int               `json:"curve_points"`
	Samples     int               `json:"samples"`
	Results     []TheorySpeed     `json:"results"`
	Absent      string            `json:"absent,omitempty"` // why there is no peer
}

// TheorySpeedTable times every law and, in turn with it, the peer.
func TheorySpeedTable(ctx context.Context, s TheorySpeedSettings) (*TheorySpeedResult, error) {
	s = s.withDefaults()
	r := &TheorySpeedResult{
		Date: time.Now().UTC().Truncate(time.Second), Machine: ThisMachine(), Versions: versions(),
		P: s.P, Rate: s.Rate, CurvePoints: s.CurvePoints, Samples: s.Samples,
	}
	python, err := findNumpy(ctx, s.Python)
	if err != nil {
		r.Absent = err.Error()
	}
	for _, name := range amp.PriorNames() {
		row, err := s.law(ctx, name)
		if err != nil {
			return nil, err
		}
		if r.Absent == "" && name != closedForm {
			if err := s.askPeer(ctx, python, row, r.Versions); ctx.Err() != nil {
				return nil, fmt.Errorf("bench: theory: %w", ctx.Err())
			} else if err != nil {
				r.Absent = err.Error()
			}
		}
		s.Logger.Info("measured", "data", name, "predict_ms", row.Predict.Median, "curve_ms", row.Curve.Median)
		r.Results = append(r.Results, *row)
	}
	return r, nil
}

// closedForm is the law with closed forms for its expectations: it needs no samples.
const closedForm = "gaussian"

// mixtureMean is m of sparse-mixture in the table, the command line's default.
const mixtureMean = 1

// law times amp for one law.
func (s TheorySpeedSettings) law(ctx context.Context, name string) (*TheorySpeed, error) {
	prior, err := amp.NewPrior(name, s.P, mixtureMean)
	if err != nil {
		return nil, err
	}
	if _, err := amp.Predict(amp.Point{Data: name, P: s.P, MixtureMean: mixtureMean, Rate: s.Rate}, nil); err != nil {
		return nil, err
	}
	row := &TheorySpeed{Data: name}
	var trajectory *amp.Trajectory
	for _, m := range []struct {
		repetitions int
		keep        func(Spread)
		work        func()
	}{
		{s.Repetitions, func(t Spread) { row.Predict = t }, func() { _, _ = amp.Predict(amp.Point{Data: name, P: s.P, MixtureMean: mixtureMean, Rate: s.Rate}, nil) }},
		{s.Repetitions, func(t Spread) { row.MMSE.Ms = t.Median }, func() { row.MMSE.Value = amp.DenoiserMSE(prior, s.Rate) }},
		{s.Repetitions, func(t Spread) { row.Bayes.Ms = t.Median }, func() { trajectory, _ = amp.StateEvolution(prior, s.Rate, nil) }},
		{(s.Repetitions + 6) / 7, func(t Spread) { row.Curve = t }, func() { bayesCurve(prior, s.CurvePoints) }},
	} {
		times, err := repeat(ctx, m.repetitions, m.work)
		if err != nil {
			return nil, err
		}
		m.keep(spread(times))
	}
	row.Bayes.Value, row.Passes = trajectory.Final(), len(trajectory.MSE)
	return row, nil
}

// bayesCurve evaluates the Bayes-optimal error at points rates up to 2.
func bayesCurve(prior amp.Prior, points int) {
	for i := range points {
		_, _ = amp.StateEvolution(prior, 2*float64(i+1)/float64(points), nil) // the rates are in range
	}
}

// repeat returns the milliseconds of every repetition. Work shorter than a millisecond is repeated within one.
func repeat(ctx context.Context, repetitions int, work func()) ([]float64, error) {
	began := time.Now()
	work()
	inner := max(1, int(time.Millisecond/max(time.Since(began), time.Nanosecond)))
	times := make([]float64, repetitions)
	for i := range times {
		if err := ctx.Err(); err != nil {
			return nil, fmt.Errorf("bench: theory: %w", err)
		}
		began := time.Now()
		for range inner {
			work()
		}
		times[i] = 1e3 * time.Since(began).Seconds() / float64(inner)
	}
	return times, nil
}

// numpyTheory is the peer's program; it is passed to Python on the command line, so that the table needs no source
// tree.
//
//go:embed peers/numpy_theory.py
var numpyTheory string

// errNoNumpy: none of the interpreters can import numpy.
var errNoNumpy = errors.New("no Python that can import numpy (Debian: apt install python3-numpy); name one with --python")

// findNumpy returns the first interpreter that can import numpy.
func findNumpy(ctx context.Context, candidates []string) (string, error) {
	for _, name := range candidates {
		path, err := exec.LookPath(name)
		if err == nil && exec.CommandContext(ctx, path, "-c", "import numpy").Run() == nil {
			return path, nil
		}
	}
	return "", errNoNumpy
}

// numpyAnswer is the JSON that the peer prints.
type numpyAnswer struct {
	Numpy, Python string
	MMSE, Bayes   float64
	MMSEMs        float64 `json:"mmse_ms"`
	BayesMs       float64 `json:"bayes_ms"`
}

// askPeer lets the peer evaluate the row's functions, on one core, with amp's number of passes.
func (s TheorySpeedSettings) askPeer(ctx context.Context, python string, row *TheorySpeed, versions map[string]string) error {
	cmd := exec.CommandContext(ctx, python, "-c", numpyTheory, "--law", row.Data, "--p", shortest(s.P),
		"--mixture-mean", strconv.Itoa(mixtureMean), "--rate", shortest(s.Rate),
		"--samples", strconv.Itoa(s.Samples), "--passes", strconv.Itoa(row.Passes))
	cmd.Env = append(os.Environ(), "OPENBLAS_NUM_THREADS=1", "OMP_NUM_THREADS=1", "MKL_NUM_THREADS=1")
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	var a numpyAnswer
	if err == nil {
		err = json.Unmarshal(out, &a)
	}
	if err != nil {
		lines := strings.Split(strings.TrimSpace(stderr.String()), "\n")
		return fmt.Errorf("numpy: %w: %s", err, lines[len(lines)-1])
	}
	versions["numpy"], versions["python"] = a.Numpy, a.Python
	row.MMSE.peer(a.MMSE, a.MMSEMs)
	row.Bayes.peer(a.Bayes, a.BayesMs)
	return nil
}

// peer fills in the value and the time of NumPy.
func (c *PeerCompare) peer(value, ms float64) {
	difference := math.Abs(value - c.Value)
	c.PeerMs, c.Error = &ms, &difference
}

// Markdown writes the table for people.
func (r *TheorySpeedResult) Markdown(w io.Writer) error {
	var s strings.Builder
	fmt.Fprintf(&s, "# Time of the theory\n\n")
	fmt.Fprintf(&s, "p = %s, rate %s, one core; milliseconds, medians. predict is every number of `autoamp theory` but\n"+
		"time-sharing, r_IT and Shannon's bound, curve the Bayes-optimal error at %d rates up to 2. NumPy evaluates the denoiser's and the Bayes-optimal error by Monte Carlo\n"+
		"with %d samples per expectation and as many passes; ± is the distance of its value from autoamp's.\n"+
		"Gaussian data has closed forms.\n\n",
		shortest(r.P), shortest(r.Rate), r.CurvePoints, r.Samples)
	fmt.Fprintf(&s, "%s, %d cores, %s/%s, %s.\n", r.Machine.CPU, r.Machine.Cores, r.Machine.OS, r.Machine.Arch, r.Date.Format("2 January 2006"))
	fmt.Fprintf(&s, "%s", r.versionLine())
	s.WriteString("\n| law | predict | curve | denoiser | NumPy | Bayes | NumPy |\n|---|---|---|---|---|---|---|\n")
	for _, row := range r.Results {
		fmt.Fprintf(&s, "| %s | %s | %s | %s | %s | %s | %s |\n", row.Data, digits(row.Predict.Median), digits(row.Curve.Median),
			digits(row.MMSE.Ms), row.MMSE.cell(), digits(row.Bayes.Ms), row.Bayes.cell())
	}
	if r.Absent != "" {
		fmt.Fprintf(&s, "\nNumPy is absent: %s\n", r.Absent)
	}
	_, err := io.WriteString(w, s.String())
	return err
}

// versionLine names the versions of the contestants.
func (r *TheorySpeedResult) versionLine() string {
	line := r.Versions["go"]
	for _, name := range []string{"numpy", "python"} {
		if v := r.Versions[name]; v != "" {
			line += ", " + name + " " + v
		}
	}
	return line + ".\n"
}

// cell is the peer's time, its ratio to ours and its error.
func (c *PeerCompare) cell() string {
	if c.PeerMs == nil {
		return "–"
	}
	return fmt.Sprintf("%s, %s×, ± %.1e", digits(*c.PeerMs), digits(*c.PeerMs/c.Ms), *c.Error)
}

// shortest writes x with the fewest digits that parse to x again.
func shortest(x float64) string { return strconv.FormatFloat(x, 'g', -1, 64) }
