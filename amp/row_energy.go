package amp

import (
	"iter"
	"math"
)

// RowLaw is the law of a coordinate x of data whose rows differ in energy e = ‖x‖²/d, such as images, scaled to E e = 1. A code
// of signs depends on x/√e alone. Behind a Haar encoder a coordinate of u = Bᵀsign(Bx) is therefore, as d → ∞,
//
//	u = μ·x/√e + σg,   with HaarChannel's μ and σ²,
//
// if the rest of the row acts on this coordinate like noise. Rows of independent coordinates have e = 1 as d → ∞: then this
// is the channel of an Empirical law. Source: amp/THEORY.md §6.1, whose derivation holds with E[sign(Bx)|x] ∝ Bx/‖x‖.
type RowLaw struct {
	components []component // of the law of z = x/√e
	gains      []float64   // E[x | z]/z in each component
	root       float64     // E√e
	gaussian   float64     // GaussianConcentration of equal eigenvalues
	scale      float64
}

// rowBins is the number of bins of x/√e per unit, a small part of haarNoise's standard deviation for all r up to 100.
const rowBins = 32

// rowBin holds the sums over the coordinates in one bin of z = x/√e.
type rowBin struct{ count, z, zz, rootZZ float64 }

// NewRowLaw takes the law from whole rows of one length, masks applied. It keeps and changes none. The error is a *DomainError:
// no rows, rows of different lengths, a number that is not finite or whose square is not, or all numbers zero.
func NewRowLaw(rows iter.Seq[[]float64]) (*RowLaw, error) {
	var bins []rowBin
	var dim int
	var count, root, energy, zeros float64
	for row := range rows {
		if dim == 0 {
			dim = len(row)
			bins = make([]rowBin, 2*middleBin(dim)+1) // |z| ≤ √d
		}
		if len(row) != dim || dim == 0 {
			return nil, &DomainError{"rows", len(row), "must have one length, at least 1"}
		}
		e := meanSquare(row)
		if math.IsNaN(e) || math.IsInf(e, 0) {
			return nil, &DomainError{"rows", e, "must have a finite mean square"}
		}
		count, energy, root = count+1, energy+e, root+math.Sqrt(e)
		zeros += addRow(bins, row, math.Sqrt(e))
	}
	if !(energy > 0) {
		return nil, &DomainError{"rows", "empty or all zero", "must have a positive second moment"}
	}
	l := &RowLaw{scale: math.Sqrt(energy / count), components: []component{{weight: zeros / count / float64(dim)}}, gains: []float64{0}}
	l.root, l.gaussian = root/count/l.scale, flatConcentration(dim)
	l.gather(bins, count*float64(dim))
	return l, nil
}

// middleBin is the bin of z = 0.
func middleBin(dim int) int { return int(rowBins*math.Sqrt(float64(dim))) + 1 }

func meanSquare(row []float64) float64 {
	sum := 0.0
	for _, x := range row {
		sum += x * x
	}
	return sum / float64(len(row))
}

// addRow counts the coordinates of a row and returns the number of zeros, which are an atom. A row of zeros has no direction
// and counts as zeros.
func addRow(bins []rowBin, row []float64, root float64) (zeros float64) {
	middle := float64(middleBin(len(row))) + 0.5
	for _, x := range row {
		if x == 0 {
			zeros++
			continue
		}
		z := x / root
		b := &bins[int(middle+rowBins*z)]
		b.count++
		b.z += z
		b.zz += z * z
		b.rootZZ += root * z * z
	}
	return zeros
}

// gather makes components of the bins. Within a bin E[x | z] is taken as proportional to z, by least squares.
func (l *RowLaw) gather(bins []rowBin, total float64) {
	for _, b := range bins {
		if b.count == 0 {
			continue
		}
		mean := b.z / b.count
		l.components = append(l.components, component{b.count / total, mean, math.Max(0, b.zz/b.count-mean*mean)})
		l.gains = append(l.gains, b.rootZZ/b.zz/l.scale)
	}
	if l.components[0].weight == 0 { // no zeros
		l.components, l.gains = l.components[1:], l.gains[1:]
	}
}

// Scale returns the factor by which the rows were divided, their root mean square.
func (l *RowLaw) Scale() float64 { return l.scale }

// Concentration returns (E√e)²/E e, at most 1: the share of a linear decoder's gain that unequal rows leave.
func (l *RowLaw) Concentration() float64 { return l.root * l.root }

// LinearMSE returns the error per coordinate of a Haar encoder with the best linear decoder at the rows' d, in units of E x²,
// 1 − (1 − RGauss)·(E√e)²/g: the best α of αu has E xu = μE√e, and E u² = μ² + σ² whatever e is. Here g = 1 − 1/(2d) + … is
// GaussianConcentration of d equal eigenvalues, by which μ² is larger than as d → ∞. rate > 0; NaN otherwise.
func (l *RowLaw) LinearMSE(rate float64) float64 {
	return 1 - (1-RGauss(rate))*l.Concentration()/l.gaussian
}

// DenoiserMSE returns the error per coordinate of a Haar encoder followed by E[x|u] at the rows' d, in units of E x²:
// 1 − ∫ E[x|u]² p(u) du. rate > 0; NaN otherwise.
func (l *RowLaw) DenoiserMSE(rate float64) float64 {
	if !(rate > 0) {
		return math.NaN()
	}
	q := (&Empirical{components: l.components}).at(l.noise(rate)).(*mixture)
	explained := 0.0
	q.grid().visit(func(y, weight float64) {
		logEvidence, mean := l.posteriorMean(q, y)
		explained += weight * math.Exp(logEvidence) * mean * mean
	})
	return 1 - explained
}

// noise is haarNoise at the rows' d: μ² is larger by 1/g, and μ² + σ² the same. Where that leaves little noise, at rates of
// the order d, it is no correction any more, and half of haarNoise stands.
func (l *RowLaw) noise(rate float64) float64 {
	limit := haarNoise(rate)
	return math.Max((1+limit)*l.gaussian-1, limit/2)
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

// flatConcentration is GaussianConcentration of d equal eigenvalues, (2/d)·(Γ((d+1)/2)/Γ(d/2))².
func flatConcentration(dim int) float64 {
	d := float64(dim)
	upper, _ := math.Lgamma((d + 1) / 2)
	lower, _ := math.Lgamma(d / 2)
	return 2 / d * math.Exp(2*(upper-lower))
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
