package bench

import (
	"context"
	"math"

	"autoamp/amp"
	"autoamp/datasets"
	"autoamp/graph"
)

// SparseCoding is a setting of Rangamani et al.: a ReLU autoencoder of h units beside a dictionary of h atoms in ℝᵈ, codes
// y = A*ᵀx* with x* ≥ 0 of support k = ⌊hᵖ⌋ and amplitudes uniform on [Lo, Hi].
//
// The constants behind the paper's table are not in the paper. The defaults are those of the best of about 1700 settings
// that were compared with it (amp/THEORY.md §13.3).
type SparseCoding struct {
	// H is the number of units, P the exponent of the support.
	H int     `json:"h"`
	P float64 `json:"p"`
	// Dim is the dimension of the data (the paper's n). Zero means 50.
	Dim int `json:"dim"`
	// Lo and Hi bound the amplitudes. Zeros mean 1 and 3.
	Lo float64 `json:"lo"`
	Hi float64 `json:"hi"`
	// Prefactor is c of the bias ε = c·m₁·hᵖ(δ + h^{−ξ}) with δ = h^{−2p}. Zero means 0.6; the theorem has 2.
	Prefactor float64 `json:"prefactor"`
	// Xi is ξ. Zero means 0.1.
	Xi float64 `json:"xi"`
	// Samples is how many samples the expectations are taken over. Zero means 1500·⌈h/256⌉.
	Samples int `json:"samples"`
	// Seed chooses dictionary, displacement and samples.
	Seed uint64 `json:"seed"`
}

func (s SparseCoding) withDefaults() SparseCoding {
	orElse(&s.Dim, 50)
	orElse(&s.Hi, 3)
	orElse(&s.Lo, 1)
	orElse(&s.Prefactor, 0.6)
	orElse(&s.Xi, 0.1)
	orElse(&s.Samples, 1500*((s.H+255)/256))
	return s
}

func orElse[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}

// support is k = ⌊hᵖ⌋, with room for the rounding of hᵖ where that is a whole number.
func (s SparseCoding) support() int { return int(math.Floor(math.Pow(float64(s.H), s.P) + 1e-9)) }

// delta is δ = h^{−2p}.
func (s SparseCoding) delta() float64 { return math.Pow(float64(s.H), -2*s.P) }

// bias is ε.
func (s SparseCoding) bias() float64 {
	return amp.SparseCodingBias(s.H, s.P, (s.Lo+s.Hi)/2, s.delta(), s.Xi, s.Prefactor)
}

// source is the data.
func (s SparseCoding) source() (*datasets.Bilinear, error) {
	dictionary, err := datasets.Dictionary(s.H, s.Dim, s.Seed)
	if err != nil {
		return nil, err
	}
	law, err := datasets.NewCodeLaw(datasets.NonNegativeCodes, s.H, s.support(), s.Lo, s.Hi)
	return &datasets.Bilinear{Dictionary: dictionary, Atoms: s.H, Law: law, Seed: s.Seed}, err
}

// landscapeBatch is the number of samples that go through the executor at a time.
const landscapeBatch = 500

// landscape evaluates loss and gradient of a setting. The caller closes it.
type landscape struct {
	*tied
	SparseCoding
	source *datasets.Bilinear
}

func (s SparseCoding) landscape(exec graph.Executor, proxy bool) (*landscape, error) {
	source, err := s.source()
	if err != nil {
		return nil, err
	}
	t, err := loadTied(exec, graph.Config{
		Batch: min(landscapeBatch, s.Samples), Dim: s.Dim, Code: s.H, Bias: "fixed", BiasStart: -s.bias(), Proxy: proxy,
	}, tiedStep{Update: plainGradient, Source: source})
	if err != nil {
		return nil, err
	}
	return &landscape{t, s, source}, nil
}

// at returns the loss and the mean norm of the columns of the expected gradient at W.
func (l *landscape) at(ctx context.Context, w []float32) (loss, norm float64, err error) {
	l.next = 0 // the same samples at every point
	loss, gradient, err := l.meanGradient(ctx, w, max(1, l.Samples/landscapeBatch))
	if err != nil {
		return 0, 0, err
	}
	return loss, meanRowNorm(gradient, l.H), nil
}
