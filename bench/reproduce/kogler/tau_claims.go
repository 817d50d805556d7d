package kogler

import (
	"fmt"

	"autoamp/amp"
	"autoamp/bench/reproduce"
)

// bias is why the temperature matters.
const bias = "at a constant τ the surrogate's bias shrinks the small entries of a row to nothing, at τ < 0.1 as soon as the learning rate is small " +
	"beside τ², and the bits of zeros are lost; where τ falls ahead of the rate they code the other coordinates, and training ends at the spiked encoder"

// tauClaims are the paper's sentence at every p, the two-sided claims on the annealed error that replace it, and where an encoder goes
// that starts at the chain.
func tauClaims(r *reproduce.Results) ([]reproduce.Claim, error) {
	var claims []reproduce.Claim
	for _, size := range tauSizes[r.Scale] {
		rows := reproduce.Where(r.Rows, "dim", size.dim)
		for _, p := range size.annealed {
			claims = append(claims, annealedClaim(size, p, reproduce.Where(rows, "p", p)))
		}
		if len(size.constant) > 0 {
			claims = append(claims, refined(size, rows)...)
		}
		if size.chain {
			claims = append(claims, chainClaims(size, rows)...)
		}
	}
	return claims, nil
}

// open is what the theory of the Haar encoder, the identity and the chain leaves open at dimension d, since they are limits: half of
// one row's share of the error.
func open(d int) float64 { return 0.5 / float64(d) }

// imperfect is what the theory of the spiked encoder leaves open. It is for a rest that is antisymmetric, and a trained one is so up to
// an s of 0.5 to 0.8 (column antisymmetry), which makes the error 1 + 2α²β²(1 − s) times as large, 1.5 to 2.5 % (amp/spiked.go).
// At d = 64 the formula itself is off by less than 0.001.
func imperfect(p float64) float64 { return 0.025 * spikedAt(p) }

// refined is the paper's sentence: the error at a smaller τ, all the way or at the end of a run along which τ falls, is that at τ = 0.1. It
// holds all the way, and at p = 0.3, where the Haar encoder is stable (E x⁴ > 3), it holds for both.
func refined(size tauSize, rows []reproduce.Row) []reproduce.Claim {
	at := func(schedule string, tau, p float64) reproduce.Estimate {
		return mse(reproduce.Where(rows, "schedule", schedule, "tau", tau, "p", p))
	}
	dim := size.dim
	gap := 1 - haarP - amp.RGauss(1) // of the candidates
	var claims []reproduce.Claim
	for _, tau := range temperatures {
		claims = append(claims, reproduce.Equal(fmt.Sprintf("d = %d, p = 0.3: error at τ = %g is the Haar candidate's", dim, tau), at(constantTau, tau, haarP),
			reproduce.ClosedForm(amp.RGauss(1)), gap, open(dim)))
	}
	for _, p := range []float64{0.56, 0.64} {
		effect := 1 - p - spikedAt(p)
		text := fmt.Sprintf("d = %d, p = %g: error with τ falling to %g is ", dim, p, coldest)
		corrected := []reproduce.Claim{
			reproduce.Equal(text+"the spiked encoder's", at(annealedTau, coldest, p), reproduce.ClosedForm(spikedAt(p)), effect, imperfect(p)),
			reproduce.Equal(fmt.Sprintf("d = %d, p = %g: error at τ = 0.1 is the identity's", dim, p), at(constantTau, paperTau, p),
				reproduce.ClosedForm(1-p), effect, open(dim)),
		}
		if p == chainP {
			corrected = append(corrected, reproduce.Equal(text+"the spiked encoder's, with four times the steps and τ falling sooner",
				at(aheadTau, coldest, p), reproduce.ClosedForm(spikedAt(p)), effect, imperfect(p)))
		}
		claims = append(claims, reproduce.Equal(text+"the error at τ = 0.1", at(annealedTau, coldest, p), reproduce.Simulation(at(constantTau, paperTau, p)), effect, 0).
			Deviates(bias, corrected...))
	}
	claims = append(claims, reproduce.Above(fmt.Sprintf("d = %d, p = 0.64: antisymmetry of the annealed encoder off its permutation, beside a random one's", dim),
		reproduce.Mean(reproduce.Where(rows, "schedule", annealedTau, "p", 0.64), "antisymmetry", ""), reproduce.ClosedForm(0), 1))
	for _, tau := range temperatures {
		if size.long[tau] == 0 {
			continue
		}
		claims = append(claims, reproduce.Equal(fmt.Sprintf("d = %d, p = %g: error at τ = %g all the way, %d steps, is that at τ = 0.1", dim, chainP, tau, size.long[tau]),
			at(longTau, tau, chainP), reproduce.Simulation(at(constantTau, paperTau, chainP)), 1-chainP-spikedAt(chainP), 0))
	}
	return claims
}

// annealedClaim is on the error with τ falling along the run: the Haar candidate's at p = 0.3; below both of the paper's candidates where
// the gain is small; and the spiked encoder's in between. A training may end at its value only if it found both the permutation and
// the rotation of the rest.
func annealedClaim(size tauSize, p float64, rows []reproduce.Row) reproduce.Claim {
	found := mse(reproduce.Where(rows, "schedule", annealedTau))
	gain := betterAt(p) - spikedAt(p)
	text := fmt.Sprintf("d = %d, p = %g: error with τ falling to %g is ", size.dim, p, coldest)
	switch {
	case gain == 0:
		return reproduce.Equal(text+"the Haar candidate's", found, reproduce.ClosedForm(amp.RGauss(1)), 1-p-amp.RGauss(1), open(size.dim))
	case size.short, imperfect(p) > reproduce.Resolution*gain:
		return reproduce.Below(text+"below both candidates'", found, reproduce.ClosedForm(betterAt(p)), betterAt(p)-chainAt(p))
	}
	return reproduce.Equal(text+"the spiked encoder's", found, reproduce.ClosedForm(spikedAt(p)), gain, imperfect(p))
}

// chainClaims say where an encoder ends that starts at the chain, which is better than the spiked one: on which side of the spiked encoder, the
// better side with small steps and the other one with larger steps. The two are 0.013 apart, and the theory of the spiked encoder leaves half
// of that open, so that only the second claim of the larger steps, beside the identity, is one of equality.
func chainClaims(size tauSize, rows []reproduce.Row) []reproduce.Claim {
	at := func(schedule string) []reproduce.Row { return reproduce.Where(rows, "schedule", schedule) }
	from := fmt.Sprintf("d = %d, p = %g, from the chain", size.dim, chainP)
	effect := 1 - chainP - chainAt(chainP)
	chain, spiked := reproduce.ClosedForm(chainAt(chainP)), reproduce.ClosedForm(spikedAt(chainP))
	toIdentity := 1 - chainP - spiked.Value
	return []reproduce.Claim{
		reproduce.Equal(from+": error before the first step", reproduce.Mean(at(chainHot), "start_mse", ""), chain, effect, open(size.dim)),
		reproduce.Equal(from+", at τ = 0.1: it ends at the identity", mse(at(chainHot)), reproduce.ClosedForm(1-chainP), effect, open(size.dim)),
		reproduce.Below(from+", with small steps at τ = 0.005: it stays, below the spiked encoder and not below the chain", mse(at(chainSmallSteps)), spiked,
			spiked.Value-chain.Value),
		reproduce.Above(from+", with larger steps at falling τ: it leaves for an error above the spiked encoder's limit", mse(at(chainAnnealed)), spiked, toIdentity),
		reproduce.Equal(from+", with larger steps at falling τ: it ends at the spiked encoder, as far as its theory goes, and not at the identity", mse(at(chainAnnealed)),
			spiked, toIdentity, imperfect(chainP)),
	}
}
