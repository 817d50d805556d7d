package main

import (
	"fmt"
	"io"
	"strings"

	"autoamp/amp"
)

// papers are behind the short names.
const papers = `
ICML 2024: Kögler, Shevchenko, Hassani, Mondelli, Compression of Structured Data with Autoencoders.
ICML 2022: Venkataramanan, Kögler, Mondelli, Estimation in Rotationally Invariant Generalized Linear Models
via Approximate Message Passing.
`

// explanation is where a number comes from.
type explanation struct {
	formula []string // with the point's numbers put in
	source  string   // paper and equation
	code    string   // the name in go doc ./amp
}

// String writes the formula and the source, a line each.
func (e explanation) String() string {
	return "    " + strings.Join(e.formula, "\n    ") + "\n    source: " + e.source + "; go doc ./amp " + e.code + "\n"
}

// writeExplanation prints every number with its formula, its equation and the function that computed it.
func writeExplanation(w io.Writer, c *theoryCmd, p *amp.Prediction) error {
	var s strings.Builder
	fmt.Fprintf(&s, "%s\nError per coordinate, E‖x − x̂‖²/d as d → ∞, of the code y = sign(Bx) with n = rd bits.\n", c.heading(p))
	fmt.Fprintf(&s, "\nlaw of a coordinate: %s\n    E|x| = %.6f, E x⁴ = %.6g, mmse(s²) = E Var(x | x + s·g) with g ~ N(0, 1)\n",
		lawInWords(p), p.Prior.AbsMean(), p.Prior.FourthMoment())
	last := ""
	for _, q := range c.quantities() {
		e := explain(q, p)
		if text := e.String(); text != last { // the iterations share an explanation
			s.WriteString(last + "\n")
			last = text
		}
		fmt.Fprintf(&s, "%s = %s\n", q.Title, number(q.Value(p)))
	}
	s.WriteString(last)
	s.WriteString(papers)
	_, err := io.WriteString(w, s.String())
	return err
}

// lawInWords is the density of a coordinate.
func lawInWords(p *amp.Prediction) string {
	if law, ok := p.Prior.(fmt.Stringer); ok {
		return law.String()
	}
	return fmt.Sprintf("the samples, divided by their root mean square; values that fill one of %d quantile bins are atoms, the other bins normal",
		amp.EmpiricalBins)
}

// explain is the table of sources.
func explain(q quantity, p *amp.Prediction) explanation {
	switch q.Name {
	case "gaussian":
		return explainGaussian(p)
	case "identity":
		return explainIdentity(p)
	case "chain":
		return explainChain(p)
	case "pairs":
		return explainPairs(p)
	case "denoiser":
		return explainDenoiser(p)
	case "amp":
		return explainAMP(p)
	case "bayes":
		return explainBayes(p)
	case "rate_it":
		return explainRateIT(p)
	case "shannon":
		return explainShannon(p)
	case "critical_p":
		return explanation{
			[]string{"the p at which the identity encoder overtakes the Haar encoder with a linear decoder: (E|x|)² = 2/π", undefined(p.CriticalP, p.Rate)},
			"ICML 2024, eq. (15)", "CriticalP",
		}
	case "critical_p_denoiser":
		return explanation{
			[]string{"the p at which identity = denoiser, by bracketed root finding", undefined(p.CriticalDenoiser, p.Rate)},
			"ICML 2024, §5", "CriticalPDenoiser",
		}
	case "gaussian_finite", "denoiser_finite":
		return explainFinite(q, p)
	case "denoiser_shared_finite":
		return explanation{[]string{"the same correction for the coordinates that get bits; none where their number is below E x⁴"}, "amp/timesharing_finite.go", "FiniteDenoiserShare"}
	}
	if q.Rate != nil {
		return explainShared(q, p)
	}
	return explainIteration(q)
}

// undefined says when there is no transition.
func undefined(critical *float64, rate float64) string {
	switch {
	case critical == nil && rate > 1:
		return "none: rate > 1 has no identity encoder"
	case critical == nil:
		return "none: the Haar encoder is the better one at every p, or the law has no p"
	}
	return "below it the Haar encoder is better, above it the identity"
}

func explainGaussian(p *amp.Prediction) explanation {
	formula := "R_Gauss = 1 − 2r/π for r ≤ 1"
	if p.Rate > 1 {
		formula = "R_Gauss = 1 − r/(r + π/2 − 1) for r > 1"
	}
	return explanation{
		[]string{formula, "the best linear decoder behind a Haar encoder, for any law with E x² = 1; for Gaussian data nothing is better"},
		"ICML 2024, eq. (5) and Proposition 4.2", "RGauss",
	}
}

func explainIdentity(p *amp.Prediction) explanation {
	formula := "rate > 1 has no identity encoder"
	if p.Identity != nil {
		formula = fmt.Sprintf("1 − r(E|x|)² = 1 − %s·%.6f²", ftoa(p.Rate), p.Prior.AbsMean())
	}
	return explanation{
		[]string{
			formula,
			"the encoder keeps the signs of n coordinates, sign(0) a fair coin; a scalar denoiser gains nothing (symmetric laws)",
		},
		"ICML 2024, Propositions 4.2 and 5.2, eq. (20)", "IdentityMSE",
	}
}

func explainChain(p *amp.Prediction) explanation {
	formula := "1 − r(E|x|)²/(1 − P(x = 0)²)"
	switch {
	case p.Rate > 1:
		formula = "none: rate > 1 has no such encoder"
	case p.Chain == nil:
		formula = "none: the law of the samples has no known P(x = 0)"
	}
	return explanation{
		[]string{
			formula,
			"rows e_i + ε·e_{i+1} + ε²·e_{i+2} + …, ε → 0: a zero hands the bit on; below the identity wherever some coordinates are",
			"zero and others not, so the better one of Haar and identity is not the best encoder",
		},
		"not in a paper: derived in amp/candidates.go, checked by enumeration and simulation there", "ChainMSE",
	}
}

func explainPairs(p *amp.Prediction) explanation {
	formula := "none: rates from 2 on leave no such encoder"
	if best, ok := amp.BestServingPairs(p.Prior, p.Rate); ok {
		formula = fmt.Sprintf("rows (t·e_i ± Δ_i)/√(1 + t²) for %.3g %% of the coordinates, t = %.3g, Δ zero on them; Haar rows for the others", 100*best.Share, best.Spike)
		if best.Share == 0 {
			formula = "Haar rows: pairs gain nothing here"
		}
	} else if p.Rate < 2 {
		formula = "none: no closed form for this law"
	}
	return explanation{
		[]string{formula, "bits that agree are the sign of x_i; bits that differ say that x_i is small, and measure the other coordinates"},
		"not in a paper: derived in amp/paired.go, checked by simulation there", "BestServingPairs",
	}
}

func explainDenoiser(p *amp.Prediction) explanation {
	mu, sigma2 := amp.HaarChannel(p.Rate)
	return explanation{
		[]string{
			fmt.Sprintf("mmse(σ²/μ²) with μ = r√(2/π) = %.6f and σ² = r(1 − 2·min(1,r)/π) = %.6f", mu, sigma2),
			"a coordinate of Bᵀsign(Bx) behaves as μx + σg; the decoder applies " + posteriorMean(p.Prior),
		},
		"ICML 2024, Proposition 5.1, eqs. (18) and (19); the numbers μ, σ² and mmse's quadrature were derived again", "DenoiserMSE",
	}
}

// posteriorMean is f* in words.
func posteriorMean(law amp.Prior) string {
	switch law.(type) {
	case amp.Gaussian:
		return "f*(u) = μu/(μ² + σ²)"
	case amp.SparseGaussian:
		return "f*(u) = E[x | u], linear in u times a logistic function of u²"
	case amp.SparseRademacher:
		return "f*(u) = (1/√p)·sinh v/(cosh v + K), v = μu/(√p·σ²), K = ((1−p)/p)·exp(μ²/2pσ²)"
	}
	return "f*(u) = E[x | u]"
}

func explainIteration(q quantity) explanation {
	return explanation{
		[]string{
			"mmse(1/SNR_t), SNR_t = μᵀΩ⁻¹μ of RI-GAMP with optimal functions; behind a Haar encoder this is pass t of the",
			"recursion of amp, which computed it (the two agree numerically; not proved)",
		},
		"ICML 2024, eq. (22) for the decoder; ICML 2022 for the state evolution", "RIGAMPStateEvolution",
	}
}

func explainAMP(p *amp.Prediction) explanation {
	return explanation{[]string{
		"fixed point, from no information, of γ₂ = 1/mmse(1/γ₁) − γ₁, τ₁ = γ₂ + max(0, r−1)·τ₂,",
		"τ₂ = τ₁J/(1−J) at J(τ₁−1), γ₁ = rτ₂γ₂/(γ₂ + (1−r)τ₂) (r ≤ 1) or rτ₂ (r > 1); the value is mmse(1/γ₁)",
		"J(ρ) = E φ(T)²/(Φ(T)Φ(−T)), T ~ N(0, ρ); the recursion ended with status " + p.AMPStatus.String(),
	}, "ICML 2024, eqs. (113)–(127)", "StateEvolution"}
}

func explainBayes(p *amp.Prediction) explanation {
	lines := []string{"the recursion of amp has one fixed point here, and amp is the optimum"}
	if p.Bayes < p.AMP {
		lines = []string{
			"a hard phase: the recursion has a second fixed point, which it reaches from full information, and its potential,",
			"the entropy H(y)/d of the code, is the smaller one; no algorithm that is known gets there",
		}
	} else if p.RateIT != nil {
		lines = []string{"the recursion also has the fixed point 0; below r_IT the entropy of the code is too small for it"}
	}
	return explanation{lines, "amp/THEORY.md §11.4; not in the papers", "BayesMSE"}
}

func explainRateIT(p *amp.Prediction) explanation {
	lines := []string{"none: the law is not discrete"}
	if bits, ok := amp.DiscreteEntropy(p.Prior); ok {
		lines = []string{
			fmt.Sprintf("the rate at which the code's entropy H(y)/d, on the branch of amp, reaches the %.6f bits of a coordinate;", bits),
			"more it cannot be, y being a function of x: from here on the code determines the data",
		}
	}
	return explanation{lines, "amp/THEORY.md §11.4; not in the papers", "RateIT"}
}

func explainShared(q quantity, p *amp.Prediction) explanation {
	return explanation{[]string{
		"1 − r·max (1 − D(r'))/r' over r' ≥ r: all bits on the share r/r' of the coordinates; " + q.formula(p),
		"D is concave at small rates for sparse laws, and its lower convex envelope through (0, 1) is the better error",
	}, "amp/THEORY.md §6.2; not in the papers", "TimeShare"}
}

func explainShannon(p *amp.Prediction) explanation {
	lines := []string{"none: the law is too sparse for it, or does not say where its mass lies"}
	if p.Shannon != nil {
		lines = []string{fmt.Sprintf("the distortion–rate function D(R) of the law at R = %s bits, squared error; within 1e-4, by Blahut's certificate", ftoa(p.Rate))}
	}
	return explanation{lines, "amp/THEORY.md §18; Shannon 1959, Blahut 1972", "DistortionRateAt"}
}

func explainFinite(q quantity, p *amp.Prediction) explanation {
	if q.Value(p) == nil {
		return explanation{[]string{p.FiniteDimNote}, "amp/finitedim.go", "NewFiniteDim"}
	}
	d := p.FiniteDim.Dim
	if q.Name == "gaussian_finite" {
		return explanation{
			[]string{fmt.Sprintf("R_Gauss + (1 − R_Gauss)·((E x⁴ − 1)/4 − 1/(2·max(1,r)))/d at d = %d; neglects (E x⁴/d)²", d)},
			"not in a paper: derived in amp/finitedim.go, checked by simulation there", "FiniteDimension",
		}
	}
	return explanation{
		[]string{fmt.Sprintf("denoiser + its first-order correction in 1/d at d = %d; neglects (E x⁴/d)²", d)},
		"not in a paper: derived in amp/finitedim.go, checked by simulation there", "FiniteDimension",
	}
}
