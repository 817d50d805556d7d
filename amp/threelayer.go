package amp

import (
	"fmt"
	"math"

	"autoamp/amp/internal/quadrature"
	"autoamp/amp/root"
)

// ThreeLayer holds the least errors of the decoder of ICML 2024, eq. (22), behind a Haar encoder as d → ∞, with f1 the
// posterior mean and g1 optimal. X2Only ≥ Merged ≥ RIGAMP2 ≥ Bayes.
type ThreeLayer struct {
	Denoiser float64 // decoder of eq. (4): f1 alone
	X2Only   float64 // f2 sees x² only
	Merged   float64 // f2 sees x² + Merge·x̂¹, the best such merge
	Merge    float64 // c; in eq. (22), γ2/β2 = c − β21
	RIGAMP2  float64 // f2 sees x¹ and x²: two RI-GAMP iterations
	Bayes    float64 // what AMP reaches: the bound for a Haar encoder where there is no hard phase
}

// ThreeLayerDecoder predicts the three-layer decoder at rate > 0. Merged is accurate to 1e-7 and Merge to 1e-3; it
// takes up to two seconds. The law has to be one of this package or embed a *Law. The error is a *DomainError.
//
// Source: amp/THEORY.md §10.
func ThreeLayerDecoder(p Prior, rate float64) (*ThreeLayer, error) {
	if p != nil && !isIntegrable(p) {
		return nil, &DomainError{"prior", fmt.Sprintf("%T", p), "must embed a *Law for this decoder"}
	}
	two, err := RIGAMPTwo(p, rate)
	if err != nil {
		return nil, err
	}
	trajectory, err := StateEvolution(p, rate, nil)
	if err != nil {
		return nil, err
	}
	r := &ThreeLayer{Denoiser: two.MSE1, X2Only: two.MSE2Only, RIGAMP2: two.MSE2, Bayes: trajectory.Final()}
	if two.Omega22-two.Omega12*two.Omega12/two.Omega11 <= vanishing*two.Omega22 {
		r.Merged = two.MSE2Only // x² is a multiple of x¹ and the merge a function of it
		return r, nil
	}
	m := newMerge(p, two)
	r.Merge, r.Merged = m.best()
	return r, nil
}

// merge computes the error of E[X | w], w = x² + c·f1(x¹), as 1 − ∫N(w)²/D(w)dw with
//
//	D(w) = ∫ p(x¹, x² = w − c·f1(x¹)) dx¹,   N(w) = ∫ p(x¹, x²)·E[X | x¹, x²] dx¹.
//
// (x¹, x²) enter through t = a·x, the sufficient statistic (X plus noise), and the residual μ2x¹ − μ1x², which is
// free of X and independent of t. The residual confines the inner integral to a narrow ridge.
type merge struct {
	joint      posterior // of X given t
	a1, a2     float64   // t = a1·x¹ + a2·x²
	e1, e2     float64   // residual = e1·x¹ + e2·x²
	sd         float64   // of the residual
	density    float64   // Jacobian of (t, residual) over the residual's √(2π)·sd
	x1, w1, f1 []float64 // nodes of x¹, their weights, f1 there
	end, step  float64   // range and panel of w
}

// mergeReach is where the outer grids end, as a share of the span of the prior's own grid: 8 of 13 standard deviations.
const mergeReach = 8.0 / 13

// newMerge prepares the grid of x¹, fine enough for the ridge.
func newMerge(p Prior, two *TwoIterations) *merge {
	det := two.Omega11*two.Omega22 - two.Omega12*two.Omega12
	b1 := (two.Omega22*two.Mu1 - two.Omega12*two.Mu2) / det // Ω⁻¹μ
	b2 := (two.Omega11*two.Mu2 - two.Omega12*two.Mu1) / det
	snr := b1*two.Mu1 + b2*two.Mu2
	m := &merge{joint: posteriorAt(p, 1/snr), a1: b1 / snr, a2: b2 / snr, e1: two.Mu2, e2: -two.Mu1}
	m.sd = math.Sqrt(m.e1*m.e1*two.Omega11 + 2*m.e1*m.e2*two.Omega12 + m.e2*m.e2*two.Omega22)
	m.density = math.Abs(m.a1*m.e2-m.a2*m.e1) / (math.Sqrt(2*math.Pi) * m.sd)
	first := posteriorAt(p, two.Omega11/(two.Mu1*two.Mu1))
	end := mergeReach * two.Mu1 * largest(first)
	quadrature.Visit(-end, end, math.Min(math.Sqrt(two.Omega11), 4*m.sd/two.Mu2), func(x, w float64) {
		_, mean, _ := first.eval(x / two.Mu1)
		m.x1, m.w1, m.f1 = append(m.x1, x), append(m.w1, w), append(m.f1, mean)
	})
	m.end = mergeReach * two.Mu2 * largest(posteriorAt(p, two.Omega22/(two.Mu2*two.Mu2)))
	m.step = math.Sqrt(two.Omega22) / 2
	return m
}

// largest is the largest |y| of the posterior's grid.
func largest(q posterior) float64 {
	g := q.grid()
	zones := g.more
	if zones == nil {
		zones = g.fixed[:g.n]
	}
	start, end := span(zones)
	return math.Max(-start, end)
}

// mse is the error for one merge coefficient.
func (m *merge) mse(c float64) float64 {
	explained := 0.0
	quadrature.Visit(-m.end, m.end, m.step, func(w, weight float64) {
		if d, n := m.at(c, w); d > 0 {
			explained += weight * n / d * n
		}
	})
	return 1 - explained
}

// best scans for the best coefficient and refines it.
func (m *merge) best() (c, mse float64) {
	const lo, hi, step = -3.0, 0.5, 0.5
	c, mse = lo, m.mse(lo)
	for x := lo + step; x <= hi; x += step {
		if v := m.mse(x); v < mse {
			c, mse = x, v
		}
	}
	return root.Minimum(m.mse, c-step, c+step, 1e-4)
}

// at returns D(w) and N(w).
func (m *merge) at(c, w float64) (d, n float64) {
	for i, x1 := range m.x1 {
		x2 := w - c*m.f1[i]
		residual := (m.e1*x1 + m.e2*x2) / m.sd
		if residual*residual > 80 {
			continue
		}
		logEvidence, mean, _ := m.joint.eval(m.a1*x1 + m.a2*x2)
		p := m.w1[i] * m.density * math.Exp(logEvidence-residual*residual/2)
		d += p
		n += p * mean
	}
	return d, n
}
