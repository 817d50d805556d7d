package serve

import (
	"math"
	"net/http"
	"path/filepath"
	"strconv"

	"autoamp/train/rundir"
)

// metrics answers with the metrics of a run.
func (s *Server) metrics(w http.ResponseWriter, r *http.Request) {
	if e, window, ok := s.windowed(w, r); ok {
		s.answer(w, newMetrics(s.metricsFiles.at(filepath.Join(e.run.Dir, rundir.MetricsFile)).read(), window))
	}
}

// windowed is the run of a request and the steps that it asks for. Where ok is false, the request is answered.
func (s *Server) windowed(w http.ResponseWriter, r *http.Request) (e *entry, asked window, ok bool) {
	if e, ok = s.run(w, r); !ok {
		return nil, asked, false
	}
	asked, err := parseWindow(r.URL.Query())
	if err != nil {
		s.fail(w, http.StatusBadRequest, err)
	}
	return e, asked, err == nil
}

// newMetrics puts rows into buckets.
func newMetrics(v view[rundir.Row], w window) Metrics {
	g, v := newGrid(v, rundir.MetricsFile, func(r rundir.Row) (int, int) { return r.Step, r.Replica })
	list := w.buckets(g.steps, g.replicas)
	m := Metrics{Steps: g.ends(list), Series: []Series{}, Rows: len(v.rows), State: v.state, Reason: v.reason}
	for replica := range g.replicas {
		m.Series = append(m.Series, newSeries(v.rows, replica, g.replicas, list))
	}
	return m
}

// newSeries is the buckets of a replica.
func newSeries(rows []rundir.Row, replica, replicas int, list []bucket) Series {
	s := Series{Marks: make([]string, 0, len(list))}
	for _, numbers := range s.numbers() {
		*numbers = make(Numbers, 0, len(list))
	}
	for _, b := range list {
		last := rows[(b.end-1)*replicas+replica]
		test, train, mark := newRange(), newRange(), ""
		for i := b.first; i < b.end; i++ {
			row := rows[i*replicas+replica]
			test.add(row.TestMSE)
			train.add(row.TrainMSE)
			if row.Mark != rundir.NoMark {
				mark = string(row.Mark)
			}
		}
		for i, x := range []float64{last.TestMSE, test.low, test.high, last.TestMSEStderr, last.TrainMSE, train.low, train.high, last.LearningRate} {
			numbers := s.numbers()[i]
			*numbers = append(*numbers, x)
		}
		s.Marks = append(s.Marks, mark)
		s.Replica = Replica{replica, strconv.FormatUint(last.Seed, 10), Number(last.P)}
	}
	return s
}

// numbers are the lists of a series, in the order in which newSeries fills them.
func (s *Series) numbers() [8]*Numbers {
	return [8]*Numbers{&s.TestMSE, &s.TestLow, &s.TestHigh, &s.TestStderr, &s.TrainMSE, &s.TrainLow, &s.TrainHigh, &s.LearnRate}
}

// extremes is the least and the largest of numbers; NaN where there is none.
type extremes struct{ low, high float64 }

func newRange() extremes { return extremes{math.NaN(), math.NaN()} }

// add takes a number, unless it is NaN.
func (r *extremes) add(x float64) {
	if !(r.low <= x) && !math.IsNaN(x) {
		r.low = x
	}
	if !(r.high >= x) && !math.IsNaN(x) {
		r.high = x
	}
}
