package kogler

import (
	"fmt"
	"math"

	"autoamp/amp"
	"autoamp/bench/reproduce"
)

// candidate is an error of the theory as d → ∞, and with its excess at the dimension of a row, to first order in 1/d.
type candidate struct{ limit, finite float64 }

// open is what the excess leaves open. It is that of Haar rows. Rows with entries of one size have a third of it
// (amp/THEORY.md §6.4), and training finds such rows, so that it may undo up to two thirds.
func (c candidate) open() float64 { return 2 * math.Abs(c.finite-c.limit) / 3 }

// effect is the distance of two candidates at the dimension of a row.
func (c candidate) effect(other candidate) float64 { return math.Abs(c.finite - other.finite) }

// candidates are the errors at which a trained model may end, for the law, the rate and the dimension of a row.
type candidates struct {
	linear, haar, layers candidate // Haar encoder: linear decoder, denoiser, two iterations of RI-GAMP
	share, shareLayers   candidate // the best time-sharing of denoiser and RI-GAMP, amp.Share
	bayes, bayesShare    float64   // Bayes-optimal decoder behind a Haar encoder, and its best time-sharing; d → ∞
	served               float64   // share of the coordinates that get bits in the denoiser's time-sharing, r/r*
}

// candidatesOf are the arguments of candidates.
type candidatesOf struct {
	data    string
	p, rate float64
	dim     int
}

// candidatesAt evaluates them for a row.
func candidatesAt(r *reproduce.Results, row reproduce.Row) (candidates, error) {
	of := candidatesOf{row.Text("data"), row.Num("p"), row.Num("rate"), int(row.Num("dim"))}
	return reproduce.Once(r, of, of.evaluate)
}

// evaluate evaluates them. RI-GAMP's own excess is not known: it has the denoiser's here, which is its first iteration.
func (of candidatesOf) evaluate() (candidates, error) {
	law, err := amp.NewPrior(of.data, of.p, 1)
	if err != nil {
		return candidates{}, err
	}
	rate, d := of.rate, of.dim
	finite, err := amp.NewFiniteDim(law, rate, d)
	if err != nil {
		return candidates{}, err
	}
	shared, err := amp.FiniteDenoiserShare(law, rate, d)
	if err != nil {
		return candidates{}, err
	}
	theory, err := amp.PredictPrior(law, rate, &amp.Settings{Iterations: 2})
	if err != nil {
		return candidates{}, err
	}
	share := amp.DenoiserShare(law, rate)
	c := candidates{
		linear: candidate{theory.Gaussian, finite.Linear}, share: candidate{share.MSE, shared},
		bayes: theory.Bayes, bayesShare: amp.BayesShare(law, rate).MSE, served: share.Coordinates(rate),
	}
	_, haar := amp.FiniteDimension(law, rate, d)
	c.haar = candidate{theory.Denoiser, haar}
	c.layers = c.haar.moved(theory.RIGAMP[1])
	c.shareLayers = c.share.moved(amp.RIGAMPShare(law, rate, 2).MSE)
	return c, nil
}

// threeLayersAt is the least error of eq. (22) behind a Haar encoder. Its f2 sees a merge of two iterates, where RI-GAMP's sees both, so
// that it lies a little above RI-GAMP (amp/THEORY.md §10). Its excess is the denoiser's.
func (c candidates) threeLayersAt(row reproduce.Row) (candidate, error) {
	law, err := amp.NewPrior(row.Text("data"), row.Num("p"), 1)
	if err != nil {
		return candidate{}, err
	}
	best, err := amp.ThreeLayerDecoder(law, row.Num("rate"))
	if err != nil {
		return candidate{}, err
	}
	return c.haar.moved(best.Merged), nil
}

// moved is another limit with the same excess.
func (c candidate) moved(limit float64) candidate {
	return candidate{limit, limit + c.finite - c.limit}
}

// timeShares says whether the rate is so low that time-sharing is clearly better than a Haar encoder. Between half of r* and r*
// the two are too close to tell them apart.
func (c candidates) timeShares() bool { return c.served <= 0.5 }

// denoiserClaim claims the error of the denoiser with the best encoder, two-sided. The effect is the distance to the rival: at low
// rates the Haar encoder with the same denoiser, else the linear decoder.
func (c candidates) denoiserClaim(rate float64, rows []reproduce.Row) reproduce.Claim {
	text, rival := "trained error is the Haar denoiser's", c.linear
	switch {
	case c.served < 1 && !c.timeShares():
		text = fmt.Sprintf("trained error is that of time-sharing or the Haar denoiser's, which are %.2g apart: too near to tell", c.haar.finite-c.share.finite)
	case c.timeShares():
		text, rival = fmt.Sprintf("trained error is that of time-sharing, bits for %.0f %% of the coordinates", 100*c.served), c.haar
	}
	return reproduce.Equal(fmt.Sprintf("r = %g: denoiser, %s", rate, text), mse(rows), reproduce.Quadrature(c.share.finite),
		c.share.effect(rival), c.share.open())
}

// encoderClaims are on the structure of the encoder and of the decoder. The rows of B are claimed to be orthogonal, where random
// rows have inner products of 1/√d, and A to be a multiple of Bᵀ, where an unrelated matrix is at the distance 1. "Nearly" is a
// quarter of that here.
//
// Time-sharing leaves columns of B empty, a Haar encoder none. The error is flat in their share, so that a quarter of it is left
// open: at p = 0.2 and r = 0.25 all shares from 0.42 to 0.6 are within 0.002 of the best error. There A is no near multiple of Bᵀ,
// and nothing is claimed of it: the distance was 0.18 at p = 0.4, r = 0.25, d = 200, and 0.34 at r = 0.1, d = 400.
func (c candidates) encoderClaims(rate float64, rows []reproduce.Row) []reproduce.Claim {
	random := 1 / math.Sqrt(rows[0].Num("dim")*math.Max(1, rate))
	orthogonal := reproduce.Equal(fmt.Sprintf("r = %g: off-diagonal of BBᵀ, root mean square", rate), reproduce.Mean(rows, "gram_rms", ""),
		reproduce.ClosedForm(0), random, random/4)
	if c.timeShares() {
		return []reproduce.Claim{orthogonal, reproduce.Equal(fmt.Sprintf("r = %g: share of empty columns of B, 1 − r/r*", rate),
			reproduce.Mean(rows, "empty_columns", ""), reproduce.Quadrature(1-c.served), 1-c.served, (1-c.served)/4)}
	}
	return []reproduce.Claim{orthogonal, reproduce.Equal(fmt.Sprintf("r = %g: distance of A from αBᵀ", rate),
		reproduce.Mean(rows, "tied", ""), reproduce.ClosedForm(0), 1, 0.25)}
}
