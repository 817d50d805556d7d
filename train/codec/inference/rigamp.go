package inference

import (
	"math"

	"autoamp/amp"
	"autoamp/kernels"
)

// rigamp is RI-GAMP (amp/rigamp.go) with the Onsager coefficients of its state evolution.
type rigamp struct{ iterations []iteration }

// iteration is one of x̂ᵗ, and but for the last one of ẑᵗ⁺¹.
type iteration struct {
	beta, signal  []float32 // β_{t,i}, and the weights of x¹…xᵗ
	mean          *table
	alpha, output []float32 // α_{t,i}, and the weights of z¹…zᵗ
	mills         *table
}

// prepareRIGAMP runs the state evolution and tabulates it.
func (d *Decoder) prepareRIGAMP(law amp.Prior, s Settings) error {
	count := s.Iterations
	if count == 0 {
		count = amp.MaxRIGAMPIterations
	}
	e, err := amp.RIGAMPStateEvolution(law, d.rotation.Rate(), nil, count)
	if err != nil {
		return err
	}
	d.status = amp.IterationLimit
	useful := min(e.Useful(), needed(e.MSE))
	if useful < amp.MaxRIGAMPIterations && useful < len(e.MSE) || e.MSE[len(e.MSE)-1] < smallestError {
		d.status = amp.Converged
	}
	r := &rigamp{}
	for t := 1; t <= useful; t++ {
		r.iterations = append(r.iterations, newIteration(law, e, t, t < useful))
	}
	d.steps, d.mse = r, e.MSE[useful-1]
	return nil
}

func newIteration(law amp.Prior, e *amp.RIGAMPEvolution, t int, output bool) iteration {
	weights, noise := e.Signal(t)
	it := iteration{beta: narrow(e.Beta[t-1]), signal: narrow(weights), mean: posteriorTable(law, noise, 1, 0)}
	if output {
		weights, variance := e.Output(t)
		root := 1 / math.Sqrt(variance)
		it.alpha, it.output, it.mills = narrow(e.Alpha[t-1]), narrow(weights), millsTable(root, root)
	}
	return it
}

func narrow(x []float64) []float32 {
	y := make([]float32, len(x))
	for i, v := range x {
		y[i] = float32(v)
	}
	return y
}

// The vectors of iteration t, counted from 0, are numbers 4t to 4t+3 of the worker: xᵗ, x̂ᵗ, zᵗ, ẑᵗ.
const (
	historyX = iota
	historyXHat
	historyZ
	historyZHat
	historySize
)

func (r *rigamp) run(w *Worker) {
	history := func(t, which int) []float32 {
		if which == historyX || which == historyXHat {
			return w.vector(historySize*t+which, len(w.x))
		}
		return w.vector(historySize*t+which, len(w.y))
	}
	copy(history(0, historyZHat), w.y)
	for t, it := range r.iterations {
		x, xhat := history(t, historyX), history(t, historyXHat)
		w.product.Back(x, history(t, historyZHat))
		for i, c := range it.beta {
			kernels.Axpy(x, history(i, historyXHat), -c)
		}
		combine(xhat, it.signal, func(i int) []float32 { return history(i, historyX) })
		it.mean.apply(xhat, xhat)
		if it.mills == nil {
			copy(w.x, xhat)
			return
		}
		z, next := history(t, historyZ), history(t+1, historyZHat)
		w.product.Forward(z, xhat)
		for i, c := range it.alpha {
			kernels.Axpy(z, history(i, historyZHat), -c)
		}
		combine(next, it.output, func(i int) []float32 { return history(i, historyZ) })
		kernels.Mul(next, next, w.y)
		it.mills.apply(next, next)
		kernels.Mul(next, next, w.y)
	}
}

// combine writes Σ weights[i]·vector(i) to dst.
func combine(dst []float32, weights []float32, vector func(i int) []float32) {
	clear(dst)
	for i, c := range weights {
		kernels.Axpy(dst, vector(i), c)
	}
}
