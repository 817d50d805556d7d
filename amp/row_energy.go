package amp

import (
	"cmp"
	"math"
	"slices"
)

// RowLaw is the law of a coordinate x of data whose rows differ in energy e = ‖x‖²/d, such as images, scaled to E e = 1. A sign
// code depends on x/√e alone: behind a Haar encoder, d → ∞, a coordinate of u = Bᵀsign(Bx) is
//
//	u = μ·x/√e + σg,   with HaarChannel's μ and σ²,
//
// if what the encoder sees of a row looks random beside one of its coordinates. For e = 1, and that is what independent
// coordinates have as d → ∞, it is the law of Empirical. Source: theory.md §6.1, the derivation with E[sign(Bx)|x] ∝ Bx/‖x‖.
type RowLaw struct {
	components []component // of the law of x/√e, as those of Empirical
	gains      []float64   // the mean of √e in each component
	root       float64     // E√e
	scale      float64
}

// rowCoordinate is one coordinate of one row.
type rowCoordinate struct{ direction, root float64 } // x/√e and √e

// NewRowLaw takes the law from samples, whole rows of length dim one after the other, masks applied. samples is not kept or
// changed. The error is a *DomainError: no whole rows, a sample that is not finite, or all samples zero.
func NewRowLaw(samples []float64, dim int) (*RowLaw, error) {
	if dim < 1 || len(samples)%dim != 0 {
		return nil, &DomainError{"dim", dim, "must be at least 1 and divide the number of samples"}
	}
	scale, err := rootMeanSquare(samples)
	if err != nil {
		return nil, err
	}
	l := &RowLaw{scale: scale}
	coordinates := make([]rowCoordinate, 0, len(samples))
	for row := range slices.Chunk(samples, dim) {
		coordinates = appendRow(coordinates, row, scale)
		l.root += coordinates[len(coordinates)-1].root * float64(dim) / float64(len(samples))
	}
	slices.SortFunc(coordinates, func(a, b rowCoordinate) int { return cmp.Compare(a.direction, b.direction) })
	l.gather(coordinates)
	return l, nil
}

// appendRow adds the coordinates of a row divided by scale; a row of zeros has no direction and counts as 0.
func appendRow(out []rowCoordinate, row []float64, scale float64) []rowCoordinate {
	energy := 0.0
	for _, x := range row {
		energy += (x / scale) * (x / scale) / float64(len(row))
	}
	root := math.Sqrt(energy)
	for _, x := range row {
		c := rowCoordinate{root: root}
		if root > 0 {
			c.direction = x / scale / root
		}
		out = append(out, c)
	}
	return out
}

// gather bins the sorted coordinates. Within a bin E[x | x/√e] is taken as proportional to x/√e, by least squares.
func (l *RowLaw) gather(sorted []rowCoordinate) {
	directions := make([]float64, len(sorted))
	for i, c := range sorted {
		directions[i] = c.direction
	}
	l.components = gather(directions, EmpiricalBins)
	start := 0
	for _, c := range l.components {
		end := start + int(math.Round(c.weight*float64(len(sorted))))
		var product, square float64
		for _, c := range sorted[start:end] {
			product += c.root * c.direction * c.direction
			square += c.direction * c.direction
		}
		l.gains = append(l.gains, product/max(square, math.SmallestNonzeroFloat64))
		start = end
	}
}

// Scale returns the factor by which the samples were divided, their root mean square.
func (l *RowLaw) Scale() float64 { return l.scale }

// Concentration returns (E√e)²/E e, at most 1: the share of a linear decoder's gain that unequal rows leave.
func (l *RowLaw) Concentration() float64 { return l.root * l.root }

// LinearMSE returns the error per coordinate of a Haar encoder with the best linear decoder, in units of E x²,
// 1 − (1 − RGauss)·(E√e)²: the best α of αu has E xu = μE√e, and E u² = μ² + σ² whatever e is. rate > 0; NaN otherwise.
func (l *RowLaw) LinearMSE(rate float64) float64 {
	return 1 - (1-RGauss(rate))*l.Concentration()
}

// DenoiserMSE returns the error per coordinate of a Haar encoder followed by E[x|u], in units of E x²:
// 1 − ∫ E[x|u]² p(u) du. rate > 0; NaN otherwise.
func (l *RowLaw) DenoiserMSE(rate float64) float64 {
	if !(rate > 0) {
		return math.NaN()
	}
	q := (&Empirical{components: l.components}).at(haarNoise(rate)).(*mixture)
	explained := 0.0
	q.grid().visit(func(y, weight float64) {
		logEvidence, mean := l.posteriorMean(q, y)
		explained += weight * math.Exp(logEvidence) * mean * mean
	})
	return 1 - explained
}

// posteriorMean returns the log density of y = u/μ and E[x | y].
func (l *RowLaw) posteriorMean(q *mixture, y float64) (logEvidence, mean float64) {
	top, _ := q.best(y)
	var sum, first float64
	for i, c := range q.components {
		odds := q.log(i, y) - top
		if odds < negligible {
			continue
		}
		w := math.Exp(odds)
		direction, _ := q.inner(c, y)
		sum += w
		first += w * l.gains[i] * direction
	}
	return top + math.Log(sum), first / sum
}

// GaussianConcentration returns (E√e)²/E e for Gaussian rows whose covariance has the given eigenvalues, about
// 1 − Σλ²/(2(Σλ)²). Theory for Gaussian data at finite d has this loss in it already, so that other rows of the same covariance
// lose RowLaw.Concentration divided by it: that is exact for scale mixtures of a Gaussian law (r ≤ 1, flat spectrum), and for
// independent coordinates the 1/d correction of FiniteDimension. NaN where an eigenvalue is negative or all are 0.
//
// E√Q = (2√π)⁻¹∫ (1 − E e^{−tQ}) t^{−3/2} dt by the trapezoidal rule in ln t, relative error below 1e-12.
func GaussianConcentration(eigenvalues []float64) float64 {
	total := 0.0
	for _, v := range eigenvalues {
		total += v
	}
	if checkSpectrum("eigenvalues", eigenvalues) != nil || total == 0 {
		return math.NaN()
	}
	const step, reach = 0.25, 64
	root := 0.0
	for s := -float64(reach); s <= reach; s += step {
		logLaplace := 0.0
		for _, v := range eigenvalues {
			logLaplace -= 0.5 * math.Log1p(2*math.Exp(s)*v/total)
		}
		root -= step * math.Expm1(logLaplace) * math.Exp(-s/2) / (2 * math.SqrtPi)
	}
	return root * root
}
