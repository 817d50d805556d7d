package rangamani

import (
	"cmp"
	"math"

	"autoamp/amp"
	"autoamp/datasets"
)

// setting is an experiment of Rangamani et al.: a ReLU autoencoder of h units beside a dictionary of h atoms in ℝᵈ, codes
// y = A*ᵀx* with x* ≥ 0 of support k = ⌊hᵖ⌋ and amplitudes uniform on [Lo, Hi].
//
// The constants behind the paper's table are not in the paper. The defaults are the best of about 1700 settings
// that were compared with it (amp/THEORY.md §13.3).
type setting struct {
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

func (s setting) withDefaults() setting {
	s.Dim = cmp.Or(s.Dim, 50)
	s.Hi = cmp.Or(s.Hi, 3)
	s.Lo = cmp.Or(s.Lo, 1)
	s.Prefactor = cmp.Or(s.Prefactor, 0.6)
	s.Xi = cmp.Or(s.Xi, 0.1)
	s.Samples = cmp.Or(s.Samples, 1500*((s.H+255)/256))
	return s
}

// support is k = ⌊hᵖ⌋, with room for the rounding of hᵖ where that is a whole number.
func (s setting) support() int { return int(math.Floor(math.Pow(float64(s.H), s.P) + 1e-9)) }

// delta is δ = h^{−2p}.
func (s setting) delta() float64 { return math.Pow(float64(s.H), -2*s.P) }

// bias is ε.
func (s setting) bias() float64 {
	return amp.SparseCodingBias(s.H, s.P, (s.Lo+s.Hi)/2, s.delta(), s.Xi, s.Prefactor)
}

// source is the data.
func (s setting) source() (*datasets.Bilinear, error) {
	dictionary, err := datasets.Dictionary(s.H, s.Dim, s.Seed)
	if err != nil {
		return nil, err
	}
	law, err := datasets.NewCodeLaw(datasets.NonNegativeCodes, s.H, s.support(), s.Lo, s.Hi)
	return &datasets.Bilinear{Dictionary: dictionary, Atoms: s.H, Law: law, Seed: s.Seed}, err
}
