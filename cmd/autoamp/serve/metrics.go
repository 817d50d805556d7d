package serve

import (
	"os"
	"path/filepath"
	"strconv"

	"autoamp/train/rundir"
	"autoamp/train/runs"
)

// readMetrics reads metrics.csv in at most a number of points.
func readMetrics(run runs.Run, points int) Metrics {
	data, err := os.ReadFile(filepath.Join(run.Dir, rundir.MetricsFile))
	var rows []rundir.Row
	if err == nil {
		rows, err = rundir.ParseMetrics(data)
	}
	m := Metrics{Steps: []int{}, Series: []Series{}, State: "whole", Rows: len(rows)}
	if err != nil {
		m.State, m.Reason = "damaged", err.Error()
	}
	every := 1
	if n := len(rows) / max(1, len(run.Points)*run.Seeds); n > points {
		every = n/points + 1
	}
	for i, row := range rows {
		if row.Replica == len(m.Series) {
			m.Series = append(m.Series, Series{Replica: Replica{row.Replica, strconv.FormatUint(row.Seed, 10), Number(row.P)}})
		}
		if i/len(m.Series)%every != 0 {
			continue
		}
		if row.Replica == 0 {
			m.Steps = append(m.Steps, row.Step)
		}
		m.Series[row.Replica].add(row)
	}
	return m
}

func (s *Series) add(r rundir.Row) {
	test, train := Number(r.TestMSE), Number(r.TrainMSE)
	s.TestMSE, s.TestLow, s.TestHigh = append(s.TestMSE, test), append(s.TestLow, test), append(s.TestHigh, test)
	s.TrainMSE, s.TrainLow, s.TrainHigh = append(s.TrainMSE, train), append(s.TrainLow, train), append(s.TrainHigh, train)
	s.TestStderr, s.LearnRate = append(s.TestStderr, Number(r.TestMSEStderr)), append(s.LearnRate, Number(r.LearningRate))
	s.Marks = append(s.Marks, string(r.Mark))
}
