package inference_test

import (
	"context"
	stderrors "errors"
	"math"
	"math/rand/v2"
	"testing"

	"autoamp/amp"
	"autoamp/kernels"
	"autoamp/train/codec/inference"
	"autoamp/train/codec/rotation"
)

// The prediction is the error of other rows, of several rotations, where the state evolution's limit is 3 % below it: at small d, and near
// the rate from which on AMP finds the data. With the norms known, and with one norm for all.
func TestPredictAtSmallDimension(t *testing.T) {
	t.Parallel()
	const d, rows = 256, 3000
	for _, law := range []amp.Prior{amp.SparseGaussian{P: 0.2}, amp.SparseRademacher{P: 0.3}} {
		b := hadamard(t, 1.5, d)
		k := decoder(t, b, law, inference.Settings{Method: inference.VAMP})
		p, err := k.Predict(t.Context(), 1)
		if err != nil {
			t.Fatal(err)
		}
		spec := b.Spec()
		spec.Seed = 77
		other, err := rotation.New(spec)
		if err != nil {
			t.Fatal(err)
		}
		k = decoder(t, other, law, inference.Settings{Method: inference.VAMP})
		norms, single, stderr := found(t, other, k, law, rows)
		if limit := 4 * math.Hypot(stderr, p.Stderr); math.Abs(single-p.NoNorms) > limit || math.Abs(norms-p.Norms) > limit {
			t.Errorf("%T: found %.5f and %.5f with norms, predicted %.5f and %.5f, tolerance %.5f", law, single, norms, p.NoNorms, p.Norms, limit)
		}
		if !(p.NoNorms-6*p.Stderr > k.MSE()*1.02) {
			t.Errorf("%T: predicted %.5f ± %.5f, limit %.5f: the case does not tell them apart", law, p.NoNorms, p.Stderr, k.MSE())
		}
	}
}

// found is the error of independent rows in the units of Prediction, by the definition: the error of rows with their norms, and with the
// same norm E√e, E e − (E√e)²·(1 − e₁), solved for e₁.
func found(t *testing.T, b *rotation.Rotation, k *inference.Decoder, law amp.Prior, rows int) (norms, single, stderr float64) {
	t.Helper()
	_, d := b.Dims()
	r := rand.New(rand.NewPCG(3, 4))
	x, root := make([]float32, rows*d), make([]float64, rows)
	energy, mean := 0.0, 0.0
	for i := range rows {
		row := x[i*d:][:d]
		for j := range row {
			row[j] = float32(law.Sample(r))
		}
		e := kernels.Dot(row, row) / float64(d)
		root[i] = math.Sqrt(e)
		mean += root[i] / float64(rows)
		energy += e / float64(rows)
	}
	estimate := make([]float32, len(x))
	decode(t, k, estimate, b.Codes(x))
	var square, raw float64
	for i := range rows {
		row, own := x[i*d:][:d], estimate[i*d:][:d]
		var withNorm, withMean float64
		for j, v := range row {
			withNorm += math.Pow(float64(v)-root[i]*float64(own[j]), 2) / float64(d)
			withMean += math.Pow(float64(v)-mean*float64(own[j]), 2) / float64(d)
		}
		norms += withNorm / energy / float64(rows)
		square += math.Pow(withNorm/energy, 2) / float64(rows)
		raw += withMean / float64(rows)
	}
	return norms, 1 - (energy-raw)/(mean*mean), math.Sqrt((square - norms*norms) / float64(rows))
}

// What is not simulated is the theory's; what is does not depend on the threads, nor on a Haar matrix, for which a fast rotation stands.
func TestPredictIsAFunctionOfLawAndShape(t *testing.T) {
	t.Parallel()
	law := amp.SparseGaussian{P: 0.4}
	predict := func(b *rotation.Rotation, m inference.Method, threads int) inference.Prediction {
		p, err := decoder(t, b, law, inference.Settings{Method: m}).Predict(t.Context(), threads)
		if err != nil {
			t.Fatal(err)
		}
		return *p
	}
	b := hadamard(t, 0.5, 128)
	spec := b.Spec()
	spec.Kind = rotation.Haar
	haar, err := rotation.New(spec)
	if err != nil {
		t.Fatal(err)
	}
	one := predict(b, inference.VAMP, 1)
	if two, other := predict(b, inference.VAMP, 3), predict(haar, inference.VAMP, 1); one != two || one != other {
		t.Errorf("one thread %+v, three %+v, behind a Haar matrix %+v", one, two, other)
	}
	if one.Rows == 0 || !(one.Stderr > 0) {
		t.Errorf("%+v is no simulation", one)
	}
	for _, m := range []inference.Method{inference.Linear, inference.Denoiser} {
		mse := decoder(t, b, law, inference.Settings{Method: m}).MSE()
		if p := predict(b, m, 1); p != (inference.Prediction{Norms: mse, NoNorms: mse}) {
			t.Errorf("%v: %+v, want the theory's %g", m, p, mse)
		}
	}
	large := hadamard(t, 0.5, 1<<14)
	if p := predict(large, inference.VAMP, 1); p.Rows != 0 {
		t.Errorf("d = %d: %+v", 1<<14, p)
	}
}

func TestPredictStops(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	k := decoder(t, hadamard(t, 1, 256), amp.SparseGaussian{P: 0.4}, inference.Settings{Method: inference.VAMP})
	if _, err := k.Predict(ctx, 1); !stderrors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}
