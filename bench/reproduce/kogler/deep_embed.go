package kogler

import (
	"fmt"
	"math"

	"autoamp/graph"
	"autoamp/train"
)

// kinked is the odd function slope·u + more·(ReLU(u − at) − ReLU(−u − at)): what four ReLUs of a hidden layer make of an estimate u.
type kinked struct{ slope, more, at float64 }

// fitKinked is the kinked function nearest to f in mean square, for u of a normal law of standard deviation sigma.
func fitKinked(f func(float64) float64, sigma float64) (best kinked) {
	least := math.Inf(1)
	for i := range 60 {
		k, rest := kinkedAt(float64(i+1)/20*sigma, f, sigma)
		if rest < least {
			least, best = rest, k
		}
	}
	return best
}

// kinkedAt is the fit by least squares with a given kink, and the rest but for f's own square.
func kinkedAt(at float64, f func(float64) float64, sigma float64) (k kinked, rest float64) {
	var uu, uv, vv, fu, fv float64
	for u := 0.01 * sigma; u < 5*sigma; u += 0.02 * sigma {
		w, v, y := math.Exp(-u*u/(2*sigma*sigma)), math.Max(0, u-at), f(u)
		uu, uv, vv, fu, fv = uu+w*u*u, uv+w*u*v, vv+w*v*v, fu+w*y*u, fv+w*y*v
	}
	det := uu*vv - uv*uv
	slope, more := (fu*vv-fv*uv)/det, (fv*uu-fu*uv)/det
	return kinked{slope, more, at}, -slope*fu - more*fv
}

// estimate is how a hidden layer holds the estimates of all coordinates: that of coordinate j is Σ weights_q·h_{len·j+q}.
type estimate []float32

// write writes the row of a layer that reads the estimate of coordinate j, times sign.
func (e estimate) write(row []float32, j int, sign float32) {
	clear(row)
	for q, w := range e {
		row[len(e)*j+q] = sign * w
	}
}

// embed makes a net of a trained denoiser, x̂ = f(A·y): the first hidden layer has four units for each coordinate, which hold f as a kinked
// function; each later one has two, which hand the estimates on as ±; the last layer reads them. Units that are left over keep the random
// weights that they start with, and no layer behind reads them yet. The width must be at least 4d.
func embed(denoiser, net *train.Stepper, model train.ModelConfig, replica int) error {
	a, err := denoiser.Tensor(graph.DecoderWeight, replica)
	if err != nil {
		return err
	}
	theta, err := denoiser.Tensor(graph.DenoiserTheta, replica)
	if err != nil {
		return err
	}
	var square float64
	for _, v := range a {
		square += float64(v) * float64(v)
	}
	k := fitKinked(scalar(theta), math.Sqrt(square/float64(model.Dim)))
	if err := firstLayer(net, replica, a, k, model); err != nil {
		return err
	}
	held := estimate{float32(k.slope), -float32(k.slope), float32(k.more), -float32(k.more)}
	for l := 1; l < model.Depth; l++ {
		if err := handOn(net, replica, l, held, model); err != nil {
			return err
		}
		held = estimate{1, -1}
	}
	return lastLayer(net, replica, held, model)
}

// scalar is the f of a denoiser of the default family with the parameters theta.
func scalar(theta []float32) func(float64) float64 {
	wide := make([]float64, len(theta))
	for i, v := range theta {
		wide[i] = float64(v)
	}
	at, partials := graph.Family(graph.G2).At(wide), make([]float64, len(theta))
	return func(u float64) float64 {
		y, _ := at(u, partials)
		return y
	}
}

// firstLayer writes the units ReLU(u_j), ReLU(−u_j), ReLU(u_j − at) and ReLU(−u_j − at) for each coordinate, with u = A·y.
func firstLayer(net *train.Stepper, replica int, a []float32, k kinked, model train.ModelConfig) error {
	name, n := layer(0, "weight"), len(a)/model.Dim
	m, err := net.Tensor(name, replica)
	if err != nil {
		return err
	}
	bias := make([]float32, model.Width)
	for unit := range 4 * model.Dim {
		j, q := unit/4, unit%4
		if q >= 2 {
			bias[unit] = -float32(k.at)
		}
		for i := range n {
			m[unit*n+i] = float32(1-2*(q%2)) * a[j*n+i]
		}
	}
	if err := net.Write(name, replica, m); err != nil {
		return err
	}
	return net.Write(layer(0, "bias"), replica, bias)
}

// handOn writes the units ReLU(v_j) and ReLU(−v_j) of hidden layer l for the estimates v that the layer before holds.
func handOn(net *train.Stepper, replica, l int, held estimate, model train.ModelConfig) error {
	m, err := net.Tensor(layer(l, "weight"), replica)
	if err != nil {
		return err
	}
	for unit := range 2 * model.Dim {
		held.write(m[unit*model.Width:(unit+1)*model.Width], unit/2, float32(1-2*(unit%2)))
	}
	return net.Write(layer(l, "weight"), replica, m)
}

// lastLayer writes the layer that reads the estimates.
func lastLayer(net *train.Stepper, replica int, held estimate, model train.ModelConfig) error {
	m := make([]float32, model.Dim*model.Width)
	for j := range model.Dim {
		held.write(m[j*model.Width:(j+1)*model.Width], j, 1)
	}
	return net.Write(layer(model.Depth, "weight"), replica, m)
}

// layer is the name of a tensor of the l-th layer of a deep decoder.
func layer(l int, tensor string) string { return fmt.Sprintf("decoder.%d.%s", l, tensor) }
