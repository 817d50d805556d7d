package universality

import (
	"fmt"
	"maps"
	"math"

	"autoamp/bench/reproduce"
	"autoamp/train/codec/inference"
)

func claims(r *reproduce.Results) ([]reproduce.Claim, error) {
	all, err := independentClaims(r)
	if err != nil {
		return nil, err
	}
	for _, k := range structured() {
		some, err := k.structuredClaims(r)
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	return all, nil
}

// same is the reference of a difference from the Haar encoder, which is in the same run.
var same = reproduce.Simulation(reproduce.Exact(0))

// at are the errors of a kind behind encoders with that number of rounds, one row for each seed.
func (k kind) at(rows []reproduce.Row, rounds int, rate float64, m inference.Method) []reproduce.Row {
	return reproduce.Where(rows, "rows", k.name, "law", k.law.String(), "rounds", rounds, "rate", rate, "decoder", m.String())
}

// paired are rows of the Hadamard rotation and of the Haar matrix; each seed has the same rows of numbers behind both.
func (k kind) paired(rows []reproduce.Row, rounds int, rate float64, m inference.Method) []reproduce.Row {
	return append(k.at(rows, rounds, rate, m), k.at(rows, 0, rate, m)...)
}

// excess is the error of rounds over a Haar matrix's, minus 1, of one seed's rows; the mean over rates.
func excess(rows []reproduce.Row) float64 {
	sum, count := 0.0, 0
	for _, rate := range reproduce.Distinct(rows, "rate") {
		at := reproduce.Where(rows, "rate", rate)
		sum += reproduce.Pick(at, "encoder", hadamard).Num("mse")/reproduce.Pick(at, "encoder", haar).Num("mse") - 1
		count++
	}
	return sum / float64(count)
}

// difference is that of one rate in units of the error.
func difference(rows []reproduce.Row) float64 {
	return reproduce.Pick(rows, "encoder", hadamard).Num("mse") - reproduce.Pick(rows, "encoder", haar).Num("mse")
}

// independentClaims: for each law and decoder, the mean over rates of Hadamard over Haar, and of Hadamard over the theory; and point by
// point. The linear decoder knows no law, and all laws are one claim; Gaussian data have no other decoder's error.
//
// The effect is what one round does to structured rows with that decoder.
func independentClaims(r *reproduce.Results) ([]reproduce.Claim, error) {
	var all []reproduce.Claim
	for _, k := range independent() {
		for _, m := range k.decoders {
			if (k.law.Name == "gaussian") != (m == inference.Linear) {
				continue
			}
			some, err := k.independentClaims(r, m)
			if err != nil {
				return nil, err
			}
			all = append(all, some...)
		}
	}
	return append(all, pointwise(r)), nil
}

func (k kind) independentClaims(r *reproduce.Results, m inference.Method) ([]reproduce.Claim, error) {
	var both, theory []reproduce.Row
	dim := sizes[r.Scale].dim
	for _, rate := range rates {
		both = append(both, k.paired(r.Rows, rounds, rate, m)...)
		reference, err := k.predicted(dim, rate, m)
		if err != nil {
			return nil, err
		}
		for _, row := range k.at(r.Rows, rounds, rate, m) {
			row = maps.Clone(row)
			row["ratio"] = row.Num("mse")/reference - 1
			theory = append(theory, row)
		}
	}
	found := reproduce.PerSeed(theory, func(rows []reproduce.Row) float64 { return reproduce.Mean(rows, "ratio", "").Value })
	what, effect := fmt.Sprintf("%s, %v, mean over rates of Hadamard", k.law.String(), m), damage(r, m)
	return []reproduce.Claim{
		reproduce.Equal(what+" ÷ Haar − 1", reproduce.PerSeed(both, excess), same, effect, 0),
		reproduce.Equal(what+" ÷ theory − 1", found, reproduce.Quadrature(0), effect, openOrder/float64(dim)),
	}, nil
}

// damage is the largest relative change of a decoder's error from Haar to one round, over the kinds of structured rows.
func damage(r *reproduce.Results, m inference.Method) float64 {
	if m == inference.RIGAMP {
		m = inference.VAMP // whose steps it takes
	}
	most := 0.0
	for _, k := range structured() {
		if at := k.paired(r.Rows, 1, 1, m); len(at) > 0 {
			most = math.Max(most, math.Abs(reproduce.PerSeed(at, excess).Value))
		}
	}
	return most
}

// apart is the number of standard errors beyond which a difference of 8 seeds or more is no chance: less than once in 800 points.
const apart = 5

// pointwise counts the points of law, rate and decoder at which Hadamard and Haar differ.
func pointwise(r *reproduce.Results) reproduce.Claim {
	count, all := 0, 0
	for _, k := range independent() {
		for _, rate := range rates {
			for _, m := range k.decoders {
				e := reproduce.PerSeed(k.paired(r.Rows, rounds, rate, m), difference)
				all++
				if !(math.Abs(e.Value) <= apart*e.Stderr) {
					count++
				}
			}
		}
	}
	return reproduce.Equal(fmt.Sprintf("of %d points of law, rate and decoder, those where Hadamard and Haar are %d standard errors apart", all, apart),
		reproduce.Exact(float64(count)), reproduce.ClosedForm(0), float64(all), 0)
}

// structuredClaims of a kind, with the decoder whose error shows it: a Haar matrix has the theory's error, one round has not, three
// rounds have Haar's. The effect is what one round does.
func (k kind) structuredClaims(r *reproduce.Results) ([]reproduce.Claim, error) {
	dim := sizes[r.Scale].dim
	theory, err := k.predicted(dim, 1, k.judged)
	if err != nil {
		return nil, err
	}
	one := reproduce.PerSeed(k.paired(r.Rows, 1, 1, k.judged), difference)
	effect := math.Abs(one.Value)
	what := fmt.Sprintf("%s, r = 1, %v: ", k.name, k.judged)
	fails := reproduce.Above
	if one.Value < 0 {
		fails = reproduce.Below
	}
	all := []reproduce.Claim{
		reproduce.Equal(what+"Haar, beside the theory", reproduce.Mean(k.at(r.Rows, 0, 1, k.judged), "mse", ""), reproduce.Quadrature(theory), effect,
			openOrder*theory/float64(dim)),
		fails(what+"one round − Haar", one, same, effect),
		reproduce.Equal(what+"three rounds − Haar", reproduce.PerSeed(k.paired(r.Rows, rounds, 1, k.judged), difference), same, effect, 0),
	}
	return append(all, k.oneRound(r, effect, dim)), nil
}

// oneRound says why one round fails.
func (k kind) oneRound(r *reproduce.Results, effect float64, dim int) reproduce.Claim {
	if !k.confined {
		return reproduce.Equal(k.name+", r = 1, linear: one round, beside (1 − √(2/π))²", reproduce.Mean(k.at(r.Rows, 1, 1, inference.Linear), "mse", ""),
			reproduce.ClosedForm(oneNumberError()), effect, singlePrecision)
	}
	const m = inference.Denoiser
	reference := k.confinedError()
	effect = math.Abs(reproduce.PerSeed(k.paired(r.Rows, 1, 1, m), difference).Value)
	return reproduce.Equal(fmt.Sprintf("%s, r = 1, %v: one round, beside the theory of noise on the row's %g of the coordinates", k.name, m, k.law.P),
		reproduce.Mean(k.at(r.Rows, 1, 1, m), "mse", ""), reproduce.Quadrature(reference), effect, openOrder*reference/(k.law.P*float64(dim)))
}

// singlePrecision bounds the rounding of products of a transform in float32.
const singlePrecision = 1e-5
