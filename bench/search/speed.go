package search

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"autoamp/bench"
	"autoamp/kernels"
	"autoamp/train/codec/inference"
	"autoamp/train/codec/rotation"
)

// Speed is the time of one step on one core, in bytes of float32 a second.
type Speed struct {
	What   string  `json:"what"`
	Rate   float64 `json:"gigabytes_per_second"`
	PerRow float64 `json:"microseconds_per_row"`
}

const (
	// speedRows is the number of rows that are timed at once, and rounds the number of timings, of which the shortest counts: others on
	// the machine only make it longer.
	speedRows = 1000
	rounds    = 7
)

// numpyRotation is the peer's program. It is passed to Python on the command line, so that the table needs no source tree.
//
//go:embed peers/numpy_rotation.py
var numpyRotation string

// addSpeed times the rotation and signs, and the linear decoder, without files, at a rate of 1, and NumPy's.
func (r *Result) addSpeed(ctx context.Context, c *corpus, s Settings) error {
	b, err := rotation.New(rotation.Spec{Kind: s.Encoding.Kind, Seed: s.Encoding.Seed, Bits: r.Dim, Dim: r.Dim})
	if err != nil {
		return fmt.Errorf("bench: %w", err)
	}
	count := min(speedRows, r.Rows)
	x, z, size := c.rows.Data[:count*r.Dim], make([]float32, r.Dim), (r.Dim+7)/8
	codes, w := make([]byte, count*size), b.NewWorker()
	r.time("encode, "+r.Kind, count, func() {
		for i := range count {
			w.Forward(z, x[i*r.Dim:][:r.Dim])
			kernels.PackSigns(codes[i*size:], z)
		}
	})
	k, err := inference.New(b, nil, inference.Settings{Method: inference.Linear})
	if err != nil {
		return err
	}
	estimate := make([]float32, len(x))
	r.time("decode, "+r.Kind+", linear", count, func() {
		if _, err = k.Batch(ctx, estimate, codes, 1); err != nil {
			return
		}
	})
	if err != nil {
		return err
	}
	return r.addPeer(ctx, s, count)
}

// time runs f several times.
func (r *Result) time(what string, rows int, f func()) {
	best := time.Duration(1<<63 - 1)
	for range rounds {
		began := time.Now()
		f()
		best = min(best, time.Since(began))
	}
	r.addTime(what, rows, best.Seconds())
}

func (r *Result) addTime(what string, rows int, seconds float64) {
	r.Speed = append(r.Speed, Speed{what, float64(4*rows*r.Dim) / seconds / 1e9, 1e6 * seconds / float64(rows)})
}

// addPeer lets NumPy and SciPy rotate as many rows, by a matrix and by butterflies.
func (r *Result) addPeer(ctx context.Context, s Settings, rows int) error {
	python := bench.FindPython(ctx, s.Python, "scipy")
	if python == "" {
		r.Absent = "no Python that finds scipy (Debian: apt install python3-scipy); name one with --python"
		return nil
	}
	cmd := exec.CommandContext(ctx, python, "-c", numpyRotation, strconv.Itoa(r.Dim), strconv.Itoa(rows), strconv.Itoa(rounds))
	cmd.Env = append(os.Environ(), "OPENBLAS_NUM_THREADS=1", "OMP_NUM_THREADS=1", "MKL_NUM_THREADS=1")
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	var answer map[string]float64
	if err == nil {
		err = json.Unmarshal(out, &answer)
	}
	if err != nil {
		lines := strings.Split(strings.TrimSpace(stderr.String()), "\n")
		return fmt.Errorf("bench: scipy: %w: %s", err, lines[len(lines)-1])
	}
	for _, what := range []string{"encode, NumPy matrix", "encode, NumPy butterflies", "decode, NumPy matrix", "decode, NumPy butterflies"} {
		if seconds, ok := answer[what]; ok {
			r.addTime(what, rows, seconds)
		}
	}
	return nil
}
