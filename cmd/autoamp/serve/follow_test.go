package serve

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"autoamp/train/rundir"
)

// rows are the rows of replicas at steps, with an error that depends on both.
func rows(replicas int, steps ...int) []rundir.Row {
	var out []rundir.Row
	for _, step := range steps {
		for replica := range replicas {
			out = append(out, rundir.Row{Step: step, Replica: replica, Seed: uint64(replica + 1), P: 0.4, TrainMSE: 1 / float64(step+1), TestMSE: height(step, replica)})
		}
	}
	return out
}

// height is an error that moves up and down with the step.
func height(step, replica int) float64 { return 0.5 + 0.3*math.Sin(float64(7*step))/float64(replica+1) }

// csv is a metrics.csv.
func csv(rows []rundir.Row) string {
	lines := []string{strings.Join(rundir.MetricsHeader, ",")}
	for _, r := range rows {
		lines = append(lines, strings.Join(r.Fields(), ","))
	}
	return strings.Join(lines, "\n") + "\n"
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
}

// TestFollow lets a file grow byte by byte, be cut, be replaced, be damaged and vanish.
func TestFollow(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "metrics.csv")
	f := newMetricsFiles().at(path)
	check := func(when, state string, want int, reason string) {
		t.Helper()
		if v := f.read(); v.state != state || len(v.rows) != want || !strings.Contains(v.reason, reason) || (reason == "") != (v.reason == "") {
			t.Fatalf("%s: %d rows, %s, %q; want %d, %s, %q", when, len(v.rows), v.state, v.reason, want, state, reason)
		}
	}
	check("before", missing, 0, "")
	full := csv(rows(2, 1, 2, 3))
	for i := 0; i <= len(full); i += 7 {
		write(t, path, full[:i])
		check("growing", whole, max(0, strings.Count(full[:i], "\n")-1), "")
	}
	write(t, path, full)
	check("whole", whole, 6, "")
	if f.offset != int64(len(full)) {
		t.Errorf("offset %d of %d", f.offset, len(full))
	}
	write(t, path, csv(rows(2, 1)))
	check("cut", whole, 2, "")
	write(t, path, csv(rows(2, 1, 5, 6, 7)))
	check("grown again", whole, 8, "")
	other := rows(2, 11, 12, 13, 14, 15)
	write(t, path, csv(other))
	check("replaced by a longer one", whole, 10, "")
	if v := f.read(); v.rows[0].Step != 11 {
		t.Errorf("the old rows stay: %+v", v.rows[0])
	}
	write(t, path, csv(other)+"16,0,1,0.4\n"+full)
	check("damaged", damaged, 10, "line 12: a line with 4 fields")
	write(t, path, csv(other)+"16,0,1,0.4,0,zzz,0,0,0,\n")
	check("no number", damaged, 10, "line 12")
	write(t, path, csv(other))
	check("mended", whole, 10, "")
	write(t, path, "a,b\n1,2\n")
	check("another file", damaged, 0, "the first line is not step,replica")
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	check("removed", missing, 0, "")
	if err := os.Mkdir(path, 0o777); err != nil {
		t.Fatal(err)
	}
	check("a folder", damaged, 0, "must be a regular file")
}

// TestFollowReadsOnce changes what was read, but for the last line: who reads on does not notice, so it was not read again.
func TestFollowReadsOnce(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "metrics.csv")
	f := newMetricsFiles().at(path)
	text := csv(rows(1, 1, 2, 3))
	write(t, path, text)
	f.read()
	write(t, path, strings.Replace(text, "\n1,0", "\n8,0", 1)+strings.Join(rows(1, 4)[0].Fields(), ",")+"\n")
	if v := f.read(); len(v.rows) != 4 || v.rows[0].Step != 1 || v.rows[3].Step != 4 {
		t.Errorf("%+v", v)
	}
}

// TestKeptFiles bounds how many files are kept.
func TestKeptFiles(t *testing.T) {
	t.Parallel()
	k := newMetricsFiles()
	first := k.at("0")
	for i := range keepFiles {
		if k.at("0") != first {
			t.Error("a file that is in use was dropped")
		}
		k.at(fmt.Sprint(i))
	}
	for i := range 2 * keepFiles {
		k.at(fmt.Sprint(100 + i))
	}
	if len(k.kept) != keepFiles || k.at("0") == first {
		t.Errorf("%d files are kept", len(k.kept))
	}
}

// TestGrid finds steps and replicas, and rows out of place.
func TestGrid(t *testing.T) {
	t.Parallel()
	good := rows(3, 1, 2, 5)
	for name, c := range map[string]struct {
		rows            []rundir.Row
		steps, replicas int
		state           string
	}{
		"whole":          {good, 3, 3, whole},
		"one replica":    {rows(1, 1, 2, 5), 3, 1, whole},
		"half a step":    {good[:7], 2, 3, whole},
		"one step":       {good[:2], 1, 2, whole},
		"none":           {nil, 0, 0, whole},
		"step twice":     {append(slices.Clone(good), good[6:]...), 3, 3, damaged},
		"back in time":   {append(slices.Clone(good), rows(3, 4)...), 3, 3, damaged},
		"a replica more": {append(slices.Clone(good[:6]), rows(4, 5)[3]), 2, 3, damaged},
		"begins at 1":    {good[1:], 0, 0, damaged},
	} {
		g, v := newGrid(view[rundir.Row]{rows: c.rows, state: whole}, "metrics.csv", func(r rundir.Row) (int, int) { return r.Step, r.Replica })
		if len(g.steps) != c.steps || g.replicas != c.replicas || v.state != c.state || (v.reason != "") != (c.state == damaged) {
			t.Errorf("%s: %+v, %s, %q", name, g, v.state, v.reason)
		}
	}
}

// TestDecimation compares buckets with all rows: ends, extremes and the last value.
func TestDecimation(t *testing.T) {
	t.Parallel()
	var steps []int
	for i := range 5000 {
		steps = append(steps, 1+3*i)
	}
	all := rows(2, steps...)
	all[4001].TestMSE, all[4002].TestMSE = math.NaN(), 7 // an outlier of replica 0
	for _, w := range []window{
		{points: 100, to: math.MaxInt}, {points: 100, log: true, to: math.MaxInt}, {points: 7, from: 500, to: 9000}, {points: 4000, to: 30}, {points: 50, from: 20000, to: math.MaxInt},
	} {
		m := newMetrics(view[rundir.Row]{rows: all, state: whole}, w)
		if len(m.Steps) > w.points || !slices.IsSorted(m.Steps) || m.Rows != len(all) || len(m.Series) != 2 {
			t.Fatalf("%+v: %d points of %d rows", w, len(m.Steps), m.Rows)
		}
		inside := slices.DeleteFunc(slices.Clone(steps), func(s int) bool { return s < w.from || s > w.to })
		if len(inside) == 0 {
			if len(m.Steps) > 0 {
				t.Errorf("%+v: %v", w, m.Steps)
			}
			continue
		}
		if last := m.Steps[len(m.Steps)-1]; last != inside[len(inside)-1] {
			t.Errorf("%+v: the last step is %d", w, last)
		}
		for replica, s := range m.Series {
			low, high := newRange(), newRange()
			for i, step := range m.Steps {
				if got := s.TestMSE[i]; !same(got, value(all, steps, step, replica)) || s.TestLow[i] > got || s.TestHigh[i] < got {
					t.Fatalf("%+v: step %d: %v in [%v, %v]", w, step, got, s.TestLow[i], s.TestHigh[i])
				}
				low.add(s.TestLow[i])
				high.add(s.TestHigh[i])
			}
			want := newRange()
			for i, step := range steps {
				if step >= w.from && step <= w.to {
					want.add(all[2*i+replica].TestMSE)
				}
			}
			if low.low != want.low || high.high != want.high {
				t.Errorf("%+v: extremes %v %v, want %+v", w, low.low, high.high, want)
			}
		}
	}
}

func same(a, b float64) bool { return a == b || math.IsNaN(a) && math.IsNaN(b) }

// value is the test error of a replica at a step.
func value(all []rundir.Row, steps []int, step, replica int) float64 {
	i, _ := slices.BinarySearch(steps, step)
	return all[2*i+replica].TestMSE
}

// TestLogSpacing keeps the early steps apart, where linear spacing has one point for them.
func TestLogSpacing(t *testing.T) {
	t.Parallel()
	var steps []int
	for i := range 10000 {
		steps = append(steps, i+1)
	}
	early := func(log bool) int {
		n := 0
		for _, b := range (window{points: 100, log: log, to: math.MaxInt}).buckets(steps, 1) {
			if steps[b.end-1] <= 100 {
				n++
			}
		}
		return n
	}
	if lin, log := early(false), early(true); lin > 1 || log < 30 {
		t.Errorf("%d points up to step 100 with linear spacing, %d with log", lin, log)
	}
	if n := len((window{points: 4000, to: math.MaxInt}).buckets(steps, 600)); n > maxNumbers/600 {
		t.Errorf("%d points for 600 replicas", n)
	}
}

// TestSparks reads sparklines from files of any length.
func TestSparks(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 1, 2, 40, 5000} {
		dir := t.TempDir()
		var steps []int
		for i := range n {
			steps = append(steps, i+1)
		}
		write(t, filepath.Join(dir, "metrics.csv"), csv(rows(4, steps...))+"17,0,1")
		run := runOf(dir, 2, 2)
		sparks := readSparks(run)
		for i, s := range sparks {
			if n > 0 && (len(s) == 0 || len(s) > sparkPoints || len(s) < min(n, 10)-1) {
				t.Errorf("%d steps: %d points", n, len(s))
			}
			want := (height(n, 2*i) + height(n, 2*i+1)) / 2
			if n > 0 && math.Abs(float64(s[len(s)-1])-want) > 1e-12 {
				t.Errorf("%d steps, p %d: the last point is %v, want %v", n, i, s[len(s)-1], want)
			}
		}
	}
	unmeasured := rows(1, 1, 2)
	for i := range unmeasured {
		unmeasured[i].TestMSE = math.NaN()
	}
	dir := t.TempDir()
	write(t, filepath.Join(dir, "metrics.csv"), csv(unmeasured))
	if s := readSparks(runOf(dir, 1, 1)); len(s) != 1 || math.IsNaN(float64(s[0][0])) {
		t.Errorf("%v", s)
	}
}
