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
	unknown  coordinateLaw
	known    coordinateLaw // of rows that are drawn in proportion to their energies
	root     float64       // E√e
	gaussian float64       // GaussianConcentration of equal eigenvalues
	scale    float64
}

// coordinateLaw is the law of z = x/√e, and what is to be estimated: x, or z where the decoder knows e.
type coordinateLaw struct {
	components []component
	gains      []float64 // E[x | z]/z in each component, or 1
}

// NewRowLaw takes the law from whole rows of one length, masks applied. It keeps and changes none. The error is a *DomainError:
// no rows, rows of different lengths, a number that is not finite or whose square is not, or all numbers zero.
func NewRowLaw(rows iter.Seq[[]float64]) (*RowLaw, error) {
	var unknown, known rowBins
	var dim int
	var count, root, energy float64
	for row := range rows {
		if dim == 0 {
			dim = len(row)
			unknown, known = newRowBins(dim), newRowBins(dim)
		}
		if len(row) != dim || dim == 0 {
			return nil, &DomainError{"rows", len(row), "must have one length, at least 1"}
		}
		e := meanSquare(row)
		if math.IsNaN(e) || math.IsInf(e, 0) {
			return nil, &DomainError{"rows", e, "must have a finite mean square"}
		}
		count, energy, root = count+1, energy+e, root+math.Sqrt(e)
		unknown.add(row, math.Sqrt(e), 1, math.Sqrt(e))
		known.add(row, math.Sqrt(e), e, 1)
	}
	if !(energy > 0) {
		return nil, &DomainError{"rows", "empty or all zero", "must have a positive second moment"}
	}
	l := &RowLaw{scale: math.Sqrt(energy / count), gaussian: flatConcentration(dim)}
	l.root = root / count / l.scale
	l.unknown, l.known = unknown.law(count*float64(dim), l.scale), known.law(energy*float64(dim), 1)
	return l, nil
}

func meanSquare(row []float64) float64 {
	sum := 0.0
	for _, x := range row {
		sum += x * x
	}
	return sum / float64(len(row))
}

// binsPerUnit is the number of bins of x/√e per unit, a small part of haarNoise's standard deviation for all r up to 100.
const binsPerUnit = 32

// rowBins are sums over coordinates by z = x/√e. A coordinate that is 0 is an atom.
type rowBins struct {
	bins   []rowBin
	middle int // the bin of z = 0
	zeros  float64
}

// rowBin holds the sums over the coordinates in one bin.
type rowBin struct{ weight, z, zz, gainZZ float64 }

func newRowBins(dim int) rowBins {
	middle := int(binsPerUnit*math.Sqrt(float64(dim))) + 1 // |z| ≤ √d
	return rowBins{bins: make([]rowBin, 2*middle+1), middle: middle}
}

// add counts the coordinates of a row of mean square root². What is estimated is gain·z. A row of zeros has no direction and
// counts as zeros.
func (b *rowBins) add(row []float64, root, weight, gain float64) {
	for _, x := range row {
		if x == 0 {
			b.zeros += weight
			continue
		}
		z := x / root
		bin := &b.bins[int(float64(b.middle)+0.5+binsPerUnit*z)]
		bin.weight += weight
		bin.z += weight * z
		bin.zz += weight * z * z
		bin.gainZZ += weight * gain * z * z
	}
}

// law makes components of the bins. Within a bin E[x | z] is taken as proportional to z, by least squares.
func (b *rowBins) law(total, scale float64) coordinateLaw {
	var l coordinateLaw
	if b.zeros > 0 {
		l.components, l.gains = append(l.components, component{weight: b.zeros / total}), append(l.gains, 0)
	}
	for _, bin := range b.bins {
		if bin.weight == 0 {
			continue
		}
		mean, gain := bin.z/bin.weight, 0.0
		if bin.zz > 0 { // z² did not underflow
			gain = bin.gainZZ / bin.zz / scale
		}
		l.components = append(l.components, component{bin.weight / total, mean, math.Max(0, bin.zz/bin.weight-mean*mean)})
		l.gains = append(l.gains, gain)
	}
	return l
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
	return l.unknown.error(l.noise(rate))
}

// KnownEnergyMSE returns the same for a decoder that is told a row's energy e: it is followed by √e·E[z|u]. One function E[z|u]
// serves all rows, the best one for rows drawn in proportion to e, as their shares of the error are.
func (l *RowLaw) KnownEnergyMSE(rate float64) float64 {
	if !(rate > 0) {
		return math.NaN()
	}
	return l.known.error(l.noise(rate))
}

// noise is haarNoise at the rows' d: μ² is larger by 1/g, and μ² + σ² the same. Where that leaves little noise, at rates of
// the order d, it is no correction any more, and half of haarNoise stands.
func (l *RowLaw) noise(rate float64) float64 {
	limit := haarNoise(rate)
	return math.Max((1+limit)*l.gaussian-1, limit/2)
}

// error is 1 − ∫ E[x|u]² p(u) du with u/μ = z + noise.
func (l coordinateLaw) error(noise float64) float64 {
	q := (&Empirical{components: l.components}).at(noise).(*mixture)
	explained := 0.0
	q.grid().visit(func(y, weight float64) {
		logEvidence, mean := l.posteriorMean(q, y)
		explained += weight * math.Exp(logEvidence) * mean * mean
	})
	return 1 - explained
}

// posteriorMean returns the log density of y = u/μ and E[x | y].
func (l coordinateLaw) posteriorMean(q *mixture, y float64) (logEvidence, mean float64) {
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
