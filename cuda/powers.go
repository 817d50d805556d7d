//go:build gpu

package cuda

// powers are β₁ᵗ and β₂ᵗ of Adam, as Finish carries them: products of t factors, one by one. So they are a function of t alone,
// and a run that continues gives the same bits as a run that never stopped.
type powers struct {
	beta  [2]float64
	steps uint64
	at    [2]float64
}

// negligible is where 1 − βᵗ has long been 1 in float64.
const negligible = 0x1p-100

// after returns the powers after a number of steps, beginning where the last call ended if it can.
func (p *powers) after(steps uint64, beta1, beta2 float64) (power1, power2 float64) {
	if beta := [2]float64{beta1, beta2}; p.beta != beta || steps < p.steps || p.steps == 0 {
		*p = powers{beta: beta, at: [2]float64{1, 1}}
	}
	for ; p.steps < steps && max(p.at[0], p.at[1]) > negligible; p.steps++ {
		p.at[0] *= p.beta[0]
		p.at[1] *= p.beta[1]
	}
	p.steps = steps
	return p.at[0], p.at[1]
}
