package serve

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"autoamp/kernels/cpu"
	"autoamp/train"
	"autoamp/train/config"
	"autoamp/train/runs"
)

// get sends a request over the network and throws the answer away.
func get(b *testing.B, url string) {
	r, err := http.Get(url)
	if err != nil {
		b.Error(err)
		return
	}
	defer r.Body.Close()
	if _, err := io.Copy(io.Discard, r.Body); err != nil || r.StatusCode != http.StatusOK {
		b.Error(r.Status, err)
	}
}

// BenchmarkList: a thousand runs are found, and listed again.
func BenchmarkList(b *testing.B) {
	root := b.TempDir()
	trained(b, filepath.Join(root, "0"))
	for i := range 999 {
		if err := os.CopyFS(filepath.Join(root, fmt.Sprint(i+1)), os.DirFS(filepath.Join(root, "0"))); err != nil {
			b.Fatal(err)
		}
	}
	b.Run("first", func(b *testing.B) {
		for b.Loop() {
			s := serving(b, root)
			get(b, s.URL()+"api/list")
		}
	})
	s := serving(b, root)
	b.Run("again", func(b *testing.B) {
		for b.Loop() {
			get(b, s.URL()+"api/list")
		}
	})
}

// BenchmarkMetrics: 100,000 rows of metrics are read, and asked for again.
func BenchmarkMetrics(b *testing.B) {
	root := b.TempDir()
	trained(b, filepath.Join(root, "run"))
	steps := make([]int, 50_000)
	for i := range steps {
		steps[i] = i + 1
	}
	if err := os.WriteFile(filepath.Join(root, "run", "metrics.csv"), []byte(csv(rows(2, steps...))), 0o600); err != nil {
		b.Fatal(err)
	}
	path := func(s *Server) string {
		return s.URL() + "api/run/" + s.registry.list().Rows[0].ID + "/metrics?points=1000"
	}
	b.Run("first", func(b *testing.B) {
		for b.Loop() {
			s := serving(b, root)
			get(b, path(s))
		}
	})
	s := serving(b, root)
	b.Run("again", func(b *testing.B) {
		for b.Loop() {
			get(b, path(s))
		}
	})
}

// BenchmarkTraining: a training on one thread, alone and with a server of its folder in the same process: somebody listens to its events, or
// also fetches what a page shows at each of them. The two take turns; go test -bench Training -benchtime 8x has eight pairs of each.
func BenchmarkTraining(b *testing.B) {
	b.Run("events", func(b *testing.B) { pairs(b, func(*Server) {}) })
	b.Run("page", func(b *testing.B) {
		pairs(b, func(s *Server) {
			get(b, s.URL()+"api/list")
			for _, row := range s.registry.list().Rows {
				if row.State == runs.Running {
					get(b, s.URL()+"api/run/"+row.ID)
					get(b, s.URL()+"api/run/"+row.ID+"/metrics?points=1000")
				}
			}
		})
	})
}

// pairs trains alone and watched, b.N times each, and reports by how much the watched trainings take longer.
func pairs(b *testing.B, atEvent func(*Server)) {
	c, err := config.Parse(nil, "model.dim=100", "steps=30000")
	if err != nil {
		b.Fatal(err)
	}
	exec, err := cpu.New(cpu.Settings{Threads: 1})
	if err != nil {
		b.Fatal(err)
	}
	root := b.TempDir()
	seconds := func(name string) float64 {
		began := time.Now()
		if _, err := (&train.Trainer{Config: c, Executor: exec, Dir: filepath.Join(root, name), NoFigures: true}).Run(b.Context()); err != nil {
			b.Fatal(err)
		}
		return time.Since(began).Seconds()
	}
	var more []float64
	for i := range b.N {
		alone, beside := fmt.Sprint("alone", i), fmt.Sprint("watched", i)
		took := map[string]float64{}
		for _, name := range [][]string{{alone, beside}, {beside, alone}}[i%2] {
			if name == alone {
				took[name] = seconds(name)
				continue
			}
			stop := watched(b, root, atEvent)
			took[name] = seconds(name)
			stop()
		}
		more = append(more, 100*(took[beside]/took[alone]-1))
	}
	slices.Sort(more)
	b.ReportMetric(more[len(more)/2], "%median")
	b.ReportMetric(more[0], "%least")
	b.ReportMetric(more[len(more)-1], "%most")
}

// watched serves a folder to a reader of its events until stop is called.
func watched(b *testing.B, root string, atEvent func(*Server)) (stop func()) {
	ctx, cancel := context.WithCancel(b.Context())
	s, err := New(ctx, Settings{Dirs: []string{root}})
	if err != nil {
		b.Fatal(err)
	}
	var ended sync.WaitGroup
	ended.Go(func() { _ = s.Serve(ctx) }) // ends with the context
	ended.Go(func() {
		r, _ := http.NewRequestWithContext(ctx, http.MethodGet, s.URL()+"api/events", nil)
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			return
		}
		defer answer.Body.Close()
		for lines := bufio.NewScanner(answer.Body); lines.Scan(); {
			if strings.HasPrefix(lines.Text(), "data:") && ctx.Err() == nil {
				atEvent(s)
			}
		}
	})
	return func() { cancel(); ended.Wait() }
}
