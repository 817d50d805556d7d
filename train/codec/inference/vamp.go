package inference

import (
	"math"

	"autoamp/amp"
	"autoamp/kernels"
)

// vamp is vector AMP (amp/vamp.go) on a flat spectrum with the precisions of its state evolution, which are known before a code is
// seen. With r1 = X + N(0, 1/γ1), x̂ = E[X | r1] and its extrinsic message r2 = (x̂ − a·r1)/(1 − a), a = γ1·mmse, a pass is
//
//	r ≤ 1:  p1 = B·r2                                        τ1 = γ2
//	        r1 = r2 + (γ1 + γ2)/γ1·Bᵀ[τ2/(γ2 + τ2)·(p2 − p1)]
//	r > 1:  p1 = (B(γ2·r2 + r·τ2·r1) − τ2·p2)/τ1             τ1 = γ2 + (r−1)·τ2
//	        r1 = Bᵀp2/r
//
// with p2 = p1 + y·ψ(y·p1·√τ1)/(J·√τ1), the extrinsic message of E[z | p1, y]. It starts at r1 = Bᵀy/μ, p2 = √(π/2)·y. The two forms are
// amp's x- and z-stage after inserting BBᵀ = I and BᵀB = r·I. All that depends on one number alone is one table.
type vamp struct {
	wide    bool    // r ≤ 1
	start   float32 // 1/μ
	back    float32 // 1/r, for r > 1
	damping float32
	passes  []pass
	mean    *table // E[X | r1] after the last pass
}

// pass leads from one r1 to the next.
type pass struct {
	// message is r2 for r ≤ 1 and (γ2·r2 + r·τ2·r1)/τ1 for r > 1, a function of r1.
	message *table
	// output is the factor of y in p2 − p1, times τ2/(γ2 + τ2)·(γ1 + γ2)/γ1 for r ≤ 1, a function of y·p1.
	output *table
	// kept is τ2/τ1, for r > 1: the share of p2 that is taken off.
	kept float32
}

// precisions are those of one pass.
type precisions struct{ gamma1, mse, gamma2, tau1, tau2, gain float64 }

// smallestError is the error below which the data are found: precisions stay finite.
const smallestError = 1e-6

// prepareVAMP runs the state evolution and tabulates it.
func (d *Decoder) prepareVAMP(law amp.Prior, s Settings) error {
	rate := d.rotation.Rate()
	evolution, err := amp.StateEvolution(law, rate, nil)
	if err != nil {
		return err
	}
	passes := s.Iterations
	if passes == 0 {
		passes = needed(evolution.MSE)
	}
	if passes < needed(evolution.MSE) {
		d.status = amp.IterationLimit
	}
	mu, sigma2 := amp.HaarChannel(rate)
	v := &vamp{wide: rate <= 1, start: float32(1 / mu), back: float32(1 / rate), damping: float32(s.Damping)}
	at := precisions{gamma1: mu * mu / sigma2, tau2: 1 / (math.Pi/2 - 1)}
	at.mse = law.MMSE(1 / at.gamma1)
	for len(v.passes) < passes-1 && at.mse > smallestError {
		v.passes = append(v.passes, at.advance(law, rate))
	}
	v.mean, d.mse, d.steps = posteriorTable(law, 1/at.gamma1, 1, 0), at.mse, v
	return nil
}

// needed is the number of iterations after which the error is within 0.1 % of the last.
func needed(mse []float64) int {
	last := mse[len(mse)-1]
	for t, e := range mse {
		if e <= 1.001*last || e < smallestError {
			return min(t+1, maxIterations)
		}
	}
	return min(len(mse), maxIterations)
}

// advance goes to the next pass: amp/THEORY.md §11.3.
func (at *precisions) advance(law amp.Prior, rate float64) pass {
	a := at.gamma1 * at.mse
	at.gamma2 = (1 - a) / at.mse
	mean, own := 1/(1-a), -a/(1-a) // r2
	before := at.gamma1
	p := pass{}
	if rate <= 1 {
		at.tau1 = math.Max(at.gamma2, 1)
	} else {
		at.tau1 = math.Max(at.gamma2+(rate-1)*at.tau2, 1)
		p.kept = float32(at.tau2 / at.tau1)
		mean, own = at.gamma2*mean/at.tau1, (at.gamma2*own+rate*at.tau2)/at.tau1
	}
	p.message = posteriorTable(law, 1/before, mean, own)
	at.gain = amp.ProbitGain(at.tau1 - 1)
	at.tau2 = at.tau1 * at.gain / (1 - at.gain)
	scale := 1 / (at.gain * math.Sqrt(at.tau1))
	if rate <= 1 {
		at.gamma1 = rate * at.tau2 * at.gamma2 / (at.gamma2 + (1-rate)*at.tau2)
		scale *= at.tau2 / (at.gamma2 + at.tau2) * (at.gamma1 + at.gamma2) / at.gamma1
	} else {
		at.gamma1 = rate * at.tau2
	}
	p.output = millsTable(scale, math.Sqrt(at.tau1))
	at.mse = law.MMSE(1 / at.gamma1)
	return p
}

func (v *vamp) run(w *Worker) {
	r1, message := w.x, w.vector(0, len(w.x))
	p2 := w.vector(1, len(w.y))
	w.product.Back(r1, w.y)
	kernels.Scale(r1, r1, v.start)
	kernels.Scale(p2, w.y, float32(math.Sqrt(math.Pi/2)))
	for i := range v.passes {
		if v.wide {
			v.passes[i].wide(w, message)
			kernels.Add(message, message, w.vector(2, len(w.x)))
		} else {
			v.passes[i].tall(w, message, p2)
			kernels.Scale(message, message, v.back)
		}
		v.damp(r1, message)
	}
	v.mean.apply(r1, r1)
}

// damp moves r1 to the new message, but for the share that is kept.
func (v *vamp) damp(r1, message []float32) {
	kernels.Scale(r1, r1, v.damping)
	kernels.Axpy(r1, message, 1-v.damping)
}

// wide is a pass for r ≤ 1: it writes r2 to message, and what is added to it to vector 2.
func (p *pass) wide(w *Worker, message []float32) {
	p.message.apply(message, w.x)
	w.product.Forward(w.z, message)
	p.surprise(w)
	w.product.Back(w.vector(2, len(w.x)), w.z)
}

// tall is a pass for r > 1: it moves p2 on and writes Bᵀp2 to message.
func (p *pass) tall(w *Worker, message, p2 []float32) {
	p.message.apply(message, w.x)
	w.product.Forward(w.z, message)
	kernels.Axpy(w.z, p2, -p.kept)
	copy(p2, w.z)
	p.surprise(w)
	kernels.Add(p2, p2, w.z)
	w.product.Back(message, p2)
}

// surprise replaces p1 in w.z by y·output(y·p1).
func (p *pass) surprise(w *Worker) {
	kernels.Mul(w.z, w.z, w.y)
	p.output.apply(w.z, w.z)
	kernels.Mul(w.z, w.z, w.y)
}
