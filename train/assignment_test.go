package train

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"
)

// cheapest tries every assignment.
func cheapest(cost []float64, rows, cols, row int, taken uint) float64 {
	if row == rows {
		return 0
	}
	best := math.Inf(1)
	for j := range cols {
		if taken>>j&1 == 0 {
			best = math.Min(best, cost[row*cols+j]+cheapest(cost, rows, cols, row+1, taken|1<<j))
		}
	}
	return best
}

// total is the cost of an assignment; columns must differ.
func total(t *testing.T, cost []float64, cols int, column []int) float64 {
	t.Helper()
	sum, taken := 0.0, map[int]bool{}
	for i, j := range column {
		if taken[j] {
			t.Fatalf("column %d twice in %v", j, column)
		}
		taken[j] = true
		sum += cost[i*cols+j]
	}
	return sum
}

func TestAssignAgainstBruteForce(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	for rows := 1; rows <= 8; rows++ {
		for cols := rows; cols <= 8; cols++ {
			for trial := range 12 {
				cost := make([]float64, rows*cols)
				for i := range cost {
					switch trial % 3 {
					case 0:
						cost[i] = r.NormFloat64()
					case 1:
						cost[i] = float64(r.IntN(3)) // many ties
					default:
						cost[i] = 1e9 * r.Float64()
					}
				}
				want := cheapest(cost, rows, cols, 0, 0)
				got := total(t, cost, cols, Assign(cost, rows, cols))
				if math.Abs(got-want) > 1e-12*math.Max(1, math.Abs(want)) {
					t.Fatalf("%d×%d, trial %d: cost %.17g, want %.17g\n%v", rows, cols, trial, got, want, cost)
				}
			}
		}
	}
}

// At d = 400 the worst of these takes about 0.02 s; the bound of the issue is a second.
func TestAssignIsFast(t *testing.T) {
	const d = 400
	r := rand.New(rand.NewPCG(3, 4))
	random, product := make([]float64, d*d), make([]float64, d*d)
	for i := range d {
		for j := range d {
			random[i*d+j] = -math.Abs(r.NormFloat64())
			product[i*d+j] = float64((i + 1) * (j + 1)) // the classic worst case
		}
	}
	for i, cost := range [][]float64{random, product, make([]float64, d*d)} {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			begin := time.Now()
			column := Assign(cost, d, d)
			took := time.Since(begin)
			t.Log(took, total(t, cost, d, column))
			if took > time.Second {
				t.Errorf("took %v", took)
			}
		})
	}
}
