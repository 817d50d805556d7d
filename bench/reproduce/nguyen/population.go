package nguyen

import (
	"math"

	"gonum.org/v1/gonum/mat"

	"autoamp/kernels"
)

// population is the expected gradient of the threshold autoencoder over a dictionary model without noise, where the code is
// consistent: the active units are the support. It is exact then, at every W, not only near the dictionary.
//
// Source: Nguyen, Wong, Hegde 2019, the update of Theorem 4, with the expectation taken over the support and its entries.
type population struct {
	dictionary *mat.Dense // A, (m, d), unit rows
	support    int
	// square and product are E x² and E x·x' of two entries of a support.
	square, product float64
	// joint are the probabilities that none, one, two, three and four given atoms are in the support.
	joint [5]float64
}

func newPopulation(dictionary []float32, atoms int, law kernels.CodeLaw) *population {
	p := &population{dictionary: wide(dictionary, atoms), support: law.Support, square: meanSquare(law)}
	if !law.Signed {
		p.product = (law.Lo + law.Hi) * (law.Lo + law.Hi) / 4
	}
	p.joint[0] = 1
	for t := 1; t < len(p.joint); t++ {
		p.joint[t] = p.joint[t-1] * float64(max(0, law.Support-t+1)) / math.Max(1, float64(atoms-t+1))
	}
	normaliseRows(p.dictionary)
	return p
}

// meanSquare is E x² of an entry that is uniform on [Lo, Hi].
func meanSquare(law kernels.CodeLaw) float64 {
	return (law.Lo*law.Lo + law.Lo*law.Hi + law.Hi*law.Hi) / 3
}

// wide is a matrix of that many rows in float64.
func wide(a []float32, rows int) *mat.Dense {
	data := make([]float64, len(a))
	for i, v := range a {
		data[i] = float64(v)
	}
	return mat.NewDense(rows, len(a)/rows, data)
}

func normaliseRows(w *mat.Dense) {
	rows, _ := w.Dims()
	for i := range rows {
		row := w.RawRowView(i)
		norm := mat.Norm(mat.NewVecDense(len(row), row), 2)
		for j := range row {
			row[j] /= norm
		}
	}
}

// step is W ← normalise(W − ζg).
func (p *population) step(w *mat.Dense, zeta float64) {
	var g mat.Dense
	g.Scale(zeta, p.descent(w))
	w.Add(w, &g)
	normaliseRows(w)
}

// distance2 is ‖W − A‖², without matching.
func (p *population) distance2(w *mat.Dense) float64 {
	var d mat.Dense
	d.Sub(w, p.dictionary)
	return math.Pow(mat.Norm(&d, 2), 2)
}

// floor is ‖W − A‖² where the descent ends that starts at A. The end does not depend on ζ; this ζ is half of the largest for
// which the mean of all columns is stable, so that the distance to the end falls at least to a half in every step.
func (p *population) floor() float64 {
	w := mat.DenseCopyOf(p.dictionary)
	stiffness := p.joint[1]*p.square + float64(p.support-1)*p.joint[1]*p.product
	for range 14 {
		p.step(w, 1/stiffness)
	}
	return p.distance2(w)
}

// overlaps are the products that the expectation needs: c = ⟨W_i, A_j⟩ and gram = ⟨W_i, W_j⟩, all (m, m), and sums of rows.
type overlaps struct {
	*population
	c, gram, cc, gc mat.Dense
	// rows are Σ_j c_ij, gramOwn Σ_l gram_il·c_ll, and gramRows Σ_l gram_il·rows_l.
	rows, gramOwn, gramRows []float64
}

func (p *population) overlapsOf(w *mat.Dense) *overlaps {
	m, _ := w.Dims()
	o := &overlaps{population: p, rows: make([]float64, m), gramOwn: make([]float64, m), gramRows: make([]float64, m)}
	o.c.Mul(w, p.dictionary.T())
	o.gram.Mul(w, w.T())
	o.cc.Mul(&o.c, o.c.T())
	o.gc.Mul(&o.gram, &o.c)
	for i := range m {
		o.rows[i] = mat.Sum(o.c.RowView(i))
	}
	for i := range m {
		for l, g := range o.gram.RawRowView(i) {
			o.gramOwn[i] += g * o.c.At(l, l)
			o.gramRows[i] += g * o.rows[l]
		}
	}
	return o
}

// descent is −E g, (m, d): every row is a combination of atoms and of units.
func (p *population) descent(w *mat.Dense) *mat.Dense {
	m, d := w.Dims()
	o := p.overlapsOf(w)
	atoms, units := mat.NewDense(m, m, nil), mat.NewDense(m, m, nil)
	for i := range m {
		for j := range m {
			if i == j {
				atoms.Set(i, i, o.ownAtom(i))
				units.Set(i, i, -o.ownUnit(i))
				continue
			}
			atoms.Set(i, j, o.atom(i, j))
			units.Set(i, j, -o.unit(i, j))
		}
	}
	out, rest := mat.NewDense(m, d, nil), mat.NewDense(m, d, nil)
	out.Mul(atoms, p.dictionary)
	rest.Mul(units, w)
	out.Add(out, rest)
	return out
}

// linear is the coefficient of A_j in E[1_i z_i y], j ≠ i.
func (o *overlaps) linear(i, j int) float64 {
	own, other := o.c.At(i, i), o.c.At(i, j)
	return own*o.joint[2]*o.product + other*o.joint[2]*o.square + (o.rows[i]-own-other)*o.joint[3]*o.product
}

// atom is the coefficient of A_j in 2E[1_i z_i y] − E[1_i y⟨W_i, ŷ⟩], j ≠ i. In the second, ŷ has unit i, unit j and others.
func (o *overlaps) atom(i, j int) float64 {
	cii, cij, cji, cjj, g := o.c.At(i, i), o.c.At(i, j), o.c.At(j, i), o.c.At(j, j), o.gram.At(i, j)
	reconstruction := o.linear(i, j)
	reconstruction += g * (cjj*o.joint[2]*o.square + cji*o.joint[2]*o.product + (o.rows[j]-cjj-cji)*o.joint[3]*o.product)
	// Sums over the other units l of gram_il times c_lj, c_li, c_ll and Σ_p c_lp.
	sj, si := o.gc.At(i, j)-cij-g*cjj, o.gc.At(i, i)-cii-g*cji
	sl, all := o.gramOwn[i]-cii-g*cjj, o.gramRows[i]-o.rows[i]-g*o.rows[j]
	reconstruction += sj*o.joint[3]*o.square + (si+sl)*o.joint[3]*o.product + (all-sj-si-sl)*o.joint[4]*o.product
	return 2*o.linear(i, j) - reconstruction
}

// ownAtom is the coefficient of A_i in 2E[1_i z_i y] − E[1_i y⟨W_i, ŷ⟩].
func (o *overlaps) ownAtom(i int) float64 {
	cii := o.c.At(i, i)
	linear := cii*o.joint[1]*o.square + (o.rows[i]-cii)*o.joint[2]*o.product
	si, sl, all := o.gc.At(i, i)-cii, o.gramOwn[i]-cii, o.gramRows[i]-o.rows[i]
	return linear - si*o.joint[2]*o.square - sl*o.joint[2]*o.product - (all-si-sl)*o.joint[3]*o.product
}

// unit is the coefficient of W_l in E[1_i z_i ŷ], l ≠ i.
func (o *overlaps) unit(i, l int) float64 {
	cii, cil, cli, cll := o.c.At(i, i), o.c.At(i, l), o.c.At(l, i), o.c.At(l, l)
	ri, rl := o.rows[i]-cii-cil, o.rows[l]-cli-cll
	squares := o.cc.At(i, l) - cii*cli - cil*cll
	return (cii*cli+cil*cll)*o.joint[2]*o.square + (cii*cll+cil*cli)*o.joint[2]*o.product +
		((cii+cil)*rl+ri*(cli+cll))*o.joint[3]*o.product + squares*o.joint[3]*o.square + (ri*rl-squares)*o.joint[4]*o.product
}

// ownUnit is the coefficient of W_i in E[1_i z_i ŷ].
func (o *overlaps) ownUnit(i int) float64 {
	cii := o.c.At(i, i)
	rest, squares := o.rows[i]-cii, o.cc.At(i, i)-cii*cii
	return cii*cii*o.joint[1]*o.square + 2*cii*rest*o.joint[2]*o.product +
		squares*o.joint[2]*o.square + (rest*rest-squares)*o.joint[3]*o.product
}
