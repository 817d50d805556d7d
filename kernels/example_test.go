package kernels_test

import (
	"fmt"

	"autoamp/kernels"
)

// One trip through the elementwise half of a training step: data, code, loss and surrogate gradient.
func Example() {
	const n = 1024
	x, z, y := make([]float32, n), make([]float32, n), make([]float32, n)
	u, du := make([]float32, n), make([]float32, n)
	theta := []float32{0.5, 0.5, -1, 0.5, 0, 1}
	dtheta := make([]float64, kernels.G2.Params())

	law := kernels.Law{Kind: kernels.SparseGaussian, P: 0.4}
	kernels.Sample(x, 0, law, kernels.Stream{Seed: 1, Step: 7})
	copy(z, x) // an identity encoder: zeros become fair coins
	kernels.Sign(y, z, 0, kernels.Stream{Seed: 1, Stream: 1, Step: 7})
	kernels.Scale(u, y, 0.8)
	sum := kernels.DenoiseMSE(nil, du, dtheta, u, x, theta, 2.0/n, kernels.G2)
	kernels.SignGrad(du, du, z, 0.1)

	fmt.Printf("mean square error %.3f\n", sum/n)
	fmt.Println("first bad value:", kernels.FirstNonFinite(du))
	// Output:
	// mean square error 0.657
	// first bad value: -1
}
