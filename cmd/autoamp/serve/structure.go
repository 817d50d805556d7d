package serve

import (
	"math"
	"net/http"
	"path/filepath"
	"strconv"

	"autoamp/train/rundir"
)

// newStructureFiles keeps files of structure measures.
func newStructureFiles() *files[rundir.StructureRow] {
	return &files[rundir.StructureRow]{header: rundir.StructureHeader, parse: rundir.ParseStructure}
}

// structure answers with the structure measures of a run.
func (s *Server) structure(w http.ResponseWriter, r *http.Request) {
	if e, window, ok := s.windowed(w, r); ok {
		s.answer(w, newStructure(s.structureFiles.at(filepath.Join(e.run.Dir, rundir.StructureFile)).read(), window))
	}
}

// newStructure puts rows into buckets. The value of a bucket is that of its last row.
func newStructure(v view[rundir.StructureRow], w window) Structure {
	g, v := newGrid(v, rundir.StructureFile, func(r rundir.StructureRow) (int, int) { return r.Step, r.Replica })
	list := w.buckets(g.steps, g.replicas)
	out := Structure{
		Steps: g.ends(list), Columns: rundir.StructureHeader[structureKeys:], Series: []StructureSeries{},
		Rows: len(v.rows), State: v.state, Reason: v.reason,
	}
	for replica := range g.replicas {
		row := v.rows[replica]
		series := StructureSeries{Replica: Replica{replica, strconv.FormatUint(row.Seed, 10), Number(row.P)}, Values: make([]Numbers, len(out.Columns))}
		for i := range series.Values {
			series.Values[i] = make(Numbers, 0, len(list))
		}
		for _, b := range list {
			for i, x := range measures(v.rows[(b.end-1)*g.replicas+replica]) {
				series.Values[i] = append(series.Values[i], x)
			}
		}
		out.Series = append(out.Series, series)
	}
	return out
}

// structureKeys is the number of columns before the measures.
const structureKeys = 4

// measures are the columns of a row behind its keys.
func measures(r rundir.StructureRow) [6]float64 {
	tied := math.NaN()
	if r.Tied != nil {
		tied = *r.Tied
	}
	return [6]float64{r.GramRMS, r.GramMax, tied, r.Permutation, r.EmptyColumns, r.PermutationRows}
}
