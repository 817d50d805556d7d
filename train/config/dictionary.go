package config

import (
	"fmt"
	"slices"
	"strings"

	"autoamp/datasets"
	"autoamp/kernels"
)

// DictionaryConfig is a dictionary model y = A*ᵀx* + η. Its y has neither mean 0 nor second moment 1.
type DictionaryConfig struct {
	// Atoms is m, the number of unit rows of A*, at least 1; default 10.
	Atoms int `yaml:"atoms,omitempty" json:"atoms,omitempty"`
	// Support is k, the number of non-zero entries of the code x*, from 1 to m, not for mixture; default 1.
	Support int `yaml:"support,omitempty" json:"support,omitempty"`
	// Lo and Hi bound the magnitudes of the non-zero entries, 0 < lo ≤ hi, not for mixture; default 1 and 1 for
	// sparse-codes, 1 and 2 for nonnegative-codes.
	Lo float64 `yaml:"lo,omitempty" json:"lo,omitempty"`
	Hi float64 `yaml:"hi,omitempty" json:"hi,omitempty"`
	// Noise is σ ≥ 0 of η; default 0.
	Noise float64 `yaml:"noise,omitempty" json:"noise,omitempty"`
	// Dictionary is the seed of A*, the same for all replicas; default 1.
	Dictionary uint64 `yaml:"dictionary,omitempty" json:"dictionary,omitempty"`
}

// IsDictionary reports a dictionary model.
func (d DataConfig) IsDictionary() bool { return slices.Contains(datasets.CodeNames(), d.Name) }

// CodeLaw is the law of the codes of a dictionary model.
func (d DataConfig) CodeLaw() (kernels.CodeLaw, error) {
	return datasets.NewCodeLaw(d.Name, d.Atoms, d.Support, d.Lo, d.Hi)
}

// dictionaryNames are the data that are a dictionary model.
var dictionaryNames = strings.Join(datasets.CodeNames(), ", ")

// ofDictionary is the condition of settings that only dictionary models have.
var ofDictionary = where(func(c Config) bool { return c.Data.IsDictionary() }, "applies to data.name: "+dictionaryNames+" only; leave it out")

const defaultAtoms = 10

// dictionarySettings are the settings of a dictionary model besides its name.
var dictionarySettings = []Setting{
	{
		Key: "data.atoms", Flag: Flag{Name: "atoms", Group: "data", Placeholder: "M"},
		Help: "Rows m of the dictionary of a dictionary model.", Default: "10",
		only: []condition{ofDictionary}, start: fixed(defaultAtoms), bounds: []bound{atLeast(1)},
		with: []bound{rule(func(c Config) bool {
			return float64(c.Data.Atoms)*float64(max(c.Model.Dim, c.Batch)) < mostElements
		}, "atoms times dim, and atoms times batch, must be below 2³¹")},
	},
	{
		Key: "data.support", Flag: Flag{Name: "support", Group: "data", Placeholder: "K"},
		Help: "Entries k of its codes that are not zero.", Default: "1",
		only: []condition{ofDictionary},
		bounds: []bound{
			told(func(c Config) bool { return c.Data.Support >= 0 && c.Data.Support <= c.Data.Atoms },
				func(c Config) string { return fmt.Sprintf("must be from 1 to the number of atoms, %d", c.Data.Atoms) },
				"must be from 1 to the number of atoms"),
			rule(func(c Config) bool { return c.Data.Name != datasets.Mixture || c.Data.Support <= 1 },
				"the codes of mixture have one entry; leave it out"),
		},
	},
	{
		Key: "data.lo", Help: "Least magnitude of an entry.", Default: "1",
		only: []condition{ofDictionary},
		bounds: []bound{
			rule(func(c Config) bool { return c.Data.Name != datasets.Mixture || c.Data.Lo == 0 && c.Data.Hi == 0 },
				"the entries of mixture are 1; leave lo and hi out"),
			told(func(c Config) bool {
				_, err := c.Data.CodeLaw()
				return err == nil || c.Data.Atoms < 1 || c.Data.Support > c.Data.Atoms
			},
				func(c Config) string { return fmt.Sprintf("lo and hi must be 0 < lo ≤ hi; hi is %g", c.Data.Hi) }, "0 < lo ≤ hi"),
		},
	},
	{
		Key: "data.hi", Help: "Largest magnitude of an entry.", Default: "1 for sparse-codes, 2 for nonnegative-codes",
		only: []condition{ofDictionary},
	},
	{
		Key: "data.noise", Flag: Flag{Name: "noise", Group: "data", Placeholder: "S"},
		Help: "Standard deviation of its noise.", Default: "0",
		only: []condition{ofDictionary}, bounds: []bound{notNegative("must be at least 0")},
	},
	{
		Key: "data.dictionary", Help: "Seed of the dictionary, the same for all replicas.", Default: "1",
		only: []condition{ofDictionary}, start: fixed(uint64(1)),
	},
}
