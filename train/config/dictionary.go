package config

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"autoamp/datasets"
	"autoamp/kernels"
)

// DictionaryConfig is a dictionary model y = A*ᵀx* + η. Its y has neither mean 0 nor second moment 1.
type DictionaryConfig struct {
	// Atoms is m, the number of unit rows of A*, at least 1; default 10.
	Atoms int `yaml:"atoms,omitempty" json:"atoms,omitempty"`
	// Support is k, how many entries of the code x* are not zero, from 1 to m, not for mixture; default 1.
	Support int `yaml:"support,omitempty" json:"support,omitempty"`
	// Lo and Hi bound their magnitudes, 0 < lo ≤ hi, not for mixture; default 1 and 1 for sparse-codes, 1 and 2 for
	// nonnegative-codes.
	Lo float64 `yaml:"lo,omitempty" json:"lo,omitempty"`
	Hi float64 `yaml:"hi,omitempty" json:"hi,omitempty"`
	// Noise is σ ≥ 0 of η; default 0.
	Noise float64 `yaml:"noise,omitempty" json:"noise,omitempty"`
	// Dictionary is the seed of A*, the same for all replicas; default 1.
	Dictionary uint64 `yaml:"dictionary,omitempty" json:"dictionary,omitempty"`
}

func (d DictionaryConfig) withDefaults() DictionaryConfig {
	orElse(&d.Atoms, 10)
	orElse(&d.Dictionary, 1)
	return d
}

// IsDictionary reports a dictionary model.
func (d DataConfig) IsDictionary() bool { return slices.Contains(datasets.CodeNames(), d.Name) }

// CodeLaw is the law of the codes of a dictionary model.
func (d DataConfig) CodeLaw() (kernels.CodeLaw, error) {
	return datasets.NewCodeLaw(d.Name, d.Atoms, d.Support, d.Lo, d.Hi)
}

// checkDictionary checks what only dictionary models have, and what needs one.
func (c Config) checkDictionary() *Error {
	d, m := c.Data, c.Model
	if !d.IsDictionary() {
		return c.checkNoDictionary()
	}
	own := m.Code() == d.Atoms
	if err := firstError(
		atLeast("data.atoms", d.Atoms, 1),
		must(float64(d.Atoms)*float64(max(m.Dim, c.Batch)) < 1<<31, "data.atoms", d.Atoms, "atoms times dim, and atoms times batch, must be below 2³¹"),
		must(d.Noise >= 0 && !math.IsInf(d.Noise, 0), "data.noise", d.Noise, "must be at least 0"),
		must(d.Support >= 0 && d.Support <= d.Atoms, "data.support", d.Support, fmt.Sprintf("must be from 1 to the number of atoms, %d", d.Atoms)),
		must(d.Name != datasets.Mixture || d.Support <= 1, "data.support", d.Support, "the codes of mixture have one entry; leave it out"),
		must(d.Name != datasets.Mixture || d.Lo == 0 && d.Hi == 0, "data.lo", d.Lo, "the entries of mixture are 1; leave lo and hi out"),
		must(m.Init != InitPerturbed || own, "model.init", m.Init, fmt.Sprintf("needs n = m: n is %d, data.atoms %d", m.Code(), d.Atoms)),
		must(!m.Proxy || own, "model.proxy", m.Proxy, fmt.Sprintf("needs n = m: n is %d, data.atoms %d", m.Code(), d.Atoms)),
	); err != nil {
		return err
	}
	_, err := d.CodeLaw()
	return must(err == nil, "data.lo", d.Lo, fmt.Sprintf("lo and hi must be 0 < lo ≤ hi; hi is %g", d.Hi))
}

// checkNoDictionary refuses settings that need a dictionary where there is none.
func (c Config) checkNoDictionary() *Error {
	d, m, models := c.Data.DictionaryConfig, c.Model, strings.Join(datasets.CodeNames(), ", ")
	only := "applies to data.name: " + models + " only; leave it out"
	return firstError(
		must(d.Atoms == 0, "data.atoms", d.Atoms, only),
		must(d.Support == 0, "data.support", d.Support, only),
		must(d.Lo == 0, "data.lo", d.Lo, only),
		must(d.Hi == 0, "data.hi", d.Hi, only),
		must(d.Noise == 0, "data.noise", d.Noise, only),
		must(d.Dictionary == 0, "data.dictionary", d.Dictionary, only),
		must(m.Init != InitPerturbed, "model.init", m.Init, "needs the dictionary of data.name: "+models),
		must(!m.Proxy, "model.proxy", m.Proxy, "needs the codes of data.name: "+models),
		must(m.Init != InitPrincipal || !c.Data.IsSet(), "model.init", m.Init, "must be random for data sets"),
	)
}
