package train

import "math"

// Assign solves the linear assignment problem. The cost matrix is (rows, cols), with rows ≤ cols and finite
// entries. Assign gives every row a different column such that the sum of costs is least, and returns the columns
// by row.
//
// The method is the shortest augmenting path of Jonker and Volgenant without their initialisation. A Dijkstra search
// over columns under reduced costs cost − u − v ≥ 0 adds row after row, at O(rows²·cols) in all. If several assignments
// are best, the choice depends on the matrix alone.
//
// Source: Jonker and Volgenant 1987, "A shortest augmenting path algorithm for dense and sparse linear assignment problems";
// rectangular as in Crouse 2016, "On implementing 2D rectangular assignment algorithms".
func Assign(cost []float64, rows, cols int) []int {
	return assign(func(i int) []float64 { return cost[i*cols:][:cols] }, rows, cols)
}

// assign is Assign of a matrix whose rows cost returns, each valid until the next call.
func assign(cost func(row int) []float64, rows, cols int) []int {
	s := newAssignment(cost, rows, cols)
	for row := range rows {
		s.augment(row)
	}
	return s.column
}

// assignment is the state of the search.
type assignment struct {
	cost   func(row int) []float64
	cols   int
	column []int     // by row, −1 while free
	row    []int     // by column, −1 while free
	u, v   []float64 // dual variables of rows and columns

	distance []float64 // by column: the shortest path found so far
	parent   []int     // by column: the row before it on that path
	open     []int     // columns whose distance is not final
	closed   []int     // columns whose distance is
}

func newAssignment(cost func(row int) []float64, rows, cols int) *assignment {
	s := &assignment{
		cost: cost, cols: cols, column: make([]int, rows), row: make([]int, cols),
		u: make([]float64, rows), v: make([]float64, cols),
		distance: make([]float64, cols), parent: make([]int, cols),
		open: make([]int, 0, cols), closed: make([]int, 0, cols),
	}
	for i := range s.column {
		s.column[i] = -1
	}
	for j := range s.row {
		s.row[j] = -1
	}
	return s
}

// augment gives a free row a column, moving others along the shortest alternating path.
func (s *assignment) augment(free int) {
	s.open, s.closed = s.open[:0], s.closed[:0]
	for j := range s.cols {
		s.distance[j] = math.Inf(1)
		s.open = append(s.open, j)
	}
	sink, length := s.search(free)
	s.u[free] += length
	for _, j := range s.closed {
		if i := s.row[j]; i >= 0 {
			s.u[i] += length - s.distance[j]
		}
		s.v[j] -= length - s.distance[j]
	}
	for j := sink; ; {
		i := s.parent[j]
		s.row[j] = i
		j, s.column[i] = s.column[i], j
		if i == free {
			return
		}
	}
}

// search is Dijkstra's algorithm from a free row to the nearest free column.
func (s *assignment) search(free int) (sink int, length float64) {
	for i := free; ; i = s.row[sink] {
		costs, reduced := s.cost(i), length-s.u[i]
		best, at := math.Inf(1), 0
		for k, j := range s.open {
			if d := reduced + costs[j] - s.v[j]; d < s.distance[j] {
				s.distance[j], s.parent[j] = d, i
			}
			// Of equally near columns a free one ends the search.
			if d := s.distance[j]; d < best || d == best && s.row[j] < 0 && s.row[s.open[at]] >= 0 {
				best, at = d, k
			}
		}
		sink, length = s.open[at], best
		s.closed = append(s.closed, sink)
		last := len(s.open) - 1
		s.open[at] = s.open[last]
		s.open = s.open[:last]
		if s.row[sink] < 0 {
			return sink, length
		}
	}
}
