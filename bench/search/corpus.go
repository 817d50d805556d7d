package search

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"autoamp/datasets"
	"autoamp/kernels"
)

// neighbours is the number of nearest rows that are looked for.
const neighbours = 10

// corpus is rows to search, in memory, and rows to search for, which are not among them.
type corpus struct {
	rows       *datasets.Table
	meanSquare float64
	queries    []float32
	nearest    [][]int // of each query, by exact inner products
}

// newCorpus takes queries at equal distances, and the rows between them from the first on.
func newCorpus(s datasets.Samples, rows, queries int) (*corpus, error) {
	if queries = min(queries, s.Len()-2*neighbours); queries < 1 {
		return nil, fmt.Errorf("bench: %d rows: must be at least %d, of which one is searched for", s.Len(), 2*neighbours+1)
	}
	c := &corpus{rows: &datasets.Table{Cols: s.Dim()}}
	every := s.Len() / queries
	row := make([]float32, s.Dim())
	for i := 0; i < s.Len() && (c.rows.Len() < rows || len(c.queries) < queries*s.Dim()); i++ {
		isQuery := i%every == every-1 && len(c.queries) < queries*s.Dim()
		if !isQuery && c.rows.Len() == rows {
			continue
		}
		if err := s.Row(row, i); err != nil {
			return nil, err
		}
		if err := datasets.CheckFinite(s, i, row); err != nil {
			return nil, fmt.Errorf("bench: %w", err)
		}
		if isQuery {
			c.queries = append(c.queries, row...)
		} else {
			c.rows.Data = append(c.rows.Data, row...)
		}
	}
	c.meanSquare = kernels.Dot(c.rows.Data, c.rows.Data) / float64(len(c.rows.Data))
	if !(c.meanSquare > 0) || math.IsInf(c.meanSquare, 0) {
		return nil, fmt.Errorf("bench: the mean square of the rows is %g: must be positive and finite", c.meanSquare)
	}
	c.nearest = c.search(c.rows.Data)
	return c, nil
}

// search returns the nearest of the given rows to each query by inner product, the lower index first among equals.
func (c *corpus) search(rows []float32) [][]int {
	d := c.rows.Cols
	count, queries := len(rows)/d, len(c.queries)/d
	scores, space := make([]float32, queries*count), kernels.NewWorkspace(kernels.BestLevel())
	kernels.Gemm(space, kernels.Product{
		M: queries, N: count, K: d, Alpha: 1, A: kernels.Matrix{Data: c.queries, Stride: d},
		B: kernels.Matrix{Data: rows, Stride: d, Trans: true}, C: kernels.Matrix{Data: scores, Stride: count},
	})
	found := make([][]int, queries)
	for q := range found {
		found[q] = largest(scores[q*count:][:count], neighbours)
	}
	return found
}

// largest returns the places of the k largest numbers.
func largest(x []float32, k int) []int {
	var best []int
	order := func(a, b int) int { return cmp.Or(cmp.Compare(x[b], x[a]), cmp.Compare(a, b)) }
	for i := range x {
		if len(best) == k && order(i, best[k-1]) > 0 {
			continue
		}
		at, _ := slices.BinarySearchFunc(best, i, order)
		best = slices.Insert(best, at, i)
		best = best[:min(k, len(best))]
	}
	return best
}

// recall is the share of the exact nearest rows that a search among the estimates finds.
func (c *corpus) recall(estimate []float32) float64 {
	hits := 0
	for q, found := range c.search(estimate) {
		for _, i := range found {
			if slices.Contains(c.nearest[q], i) {
				hits++
			}
		}
	}
	return float64(hits) / float64(neighbours*len(c.nearest))
}

// cosine is that of the angle between two rows, 0 where one is 0.
func cosine(a, b []float32) float64 {
	size := math.Sqrt(kernels.Dot(a, a) * kernels.Dot(b, b))
	if size == 0 {
		return 0
	}
	return kernels.Dot(a, b) / size
}
