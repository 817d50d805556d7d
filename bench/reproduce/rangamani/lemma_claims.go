package rangamani

import (
	"fmt"

	"autoamp/bench/reproduce"
)

func lemmaClaims(r *reproduce.Results) (claims []reproduce.Claim, err error) {
	for _, k := range reproduce.Distinct(r.Rows, "support") {
		rows := reproduce.Where(r.Rows, "support", k)
		dims := reproduce.Distinct(rows, "dim")
		for _, dim := range dims {
			of := reproduce.Where(rows, "dim", dim)
			name := fmt.Sprintf("k = %g, d = %g: ", k, dim)
			if len(reproduce.Where(of, "sufficient", 1)) == len(of) {
				claims = append(claims, proxyClaim(name, of))
				claims = append(claims, coefficientClaims(name, of)...)
			}
		}
		claims = append(claims, orderClaims(rows, k, dims[len(dims)-2:])...)
	}
	return append(claims, missedClaim(reproduce.Where(r.Rows, "support", 3, "dim", 500))), nil
}

// proxyClaim is Lemma 5.1 where no unit can err: the two gradients are the same numbers. The effect is the gradient itself.
func proxyClaim(name string, rows []reproduce.Row) reproduce.Claim {
	return reproduce.Equal(name+"norm of the proxy gradient minus the true one, where the condition of Theorem 3.1 holds",
		reproduce.Mean(rows, "difference", ""), reproduce.ClosedForm(0), reproduce.Mean(rows, "norm", "").Value, 0)
}

// missedClaim is the other side of Lemma 5.1: where units of the support are off, the proxy gradient is another one. The effect is
// the most that the difference of two gradients of these norms can be.
func missedClaim(rows []reproduce.Row) reproduce.Claim {
	return reproduce.Above("k = 3, d = 500, most of the support off: norm of the proxy gradient minus the true one",
		reproduce.Mean(rows, "difference", ""), reproduce.ClosedForm(0), reproduce.Mean(rows, "norm", "").Value+reproduce.Mean(rows, "proxy_norm", "").Value)
}

// coefficientClaims is Lemma 5.2 where no unit can err: α_i and β_i are of order m₂·k/h. Every dictionary has a bias of its own, so
// that the distances from its formula are averaged. The effect is the difference of the two coefficients.
func coefficientClaims(name string, rows []reproduce.Row) (claims []reproduce.Claim) {
	effect := reproduce.Mean(rows, "expected_beta", "").Value - reproduce.Mean(rows, "expected_alpha", "").Value
	for _, c := range []struct{ title, column string }{{"α", "alpha"}, {"β", "beta"}} {
		claims = append(claims, reproduce.Equal(fmt.Sprintf("%s%s in units of k/h, minus its formula (α %.3f, β %.3f)", name, c.title,
			reproduce.Mean(rows, "expected_alpha", "").Value, reproduce.Mean(rows, "expected_beta", "").Value),
			reproduce.PerSeed(rows, func(rows []reproduce.Row) float64 { return rows[0].Num(c.column) - rows[0].Num("expected_"+c.column) }),
			reproduce.ClosedForm(0), effect, 0))
	}
	return claims
}

// orderClaims say that β_i − α_i and e_i are of smaller order: they fall with the coherence, from a dimension to four times the
// dimension. The effect is the number at the smaller dimension. Codes of one entry have no e_i.
func orderClaims(rows []reproduce.Row, k float64, dims []float64) []reproduce.Claim {
	low, high := reproduce.Where(rows, "dim", dims[0]), reproduce.Where(rows, "dim", dims[1])
	gap := func(rows []reproduce.Row) float64 { return rows[0].Num("beta") - rows[0].Num("alpha") }
	before := reproduce.PerSeed(low, gap)
	text := fmt.Sprintf("k = %g: %%s at d = %g, beside d = %g", k, dims[1], dims[0])
	claims := []reproduce.Claim{
		reproduce.Below(fmt.Sprintf(text, "β − α"), reproduce.PerSeed(high, gap), reproduce.Simulation(before), before.Value),
	}
	if k > 1 {
		rest := reproduce.Mean(low, "rest", "")
		claims = append(claims, reproduce.Below(fmt.Sprintf(text, "‖e‖"), reproduce.Mean(high, "rest", ""), reproduce.Simulation(rest), rest.Value))
	}
	return claims
}
