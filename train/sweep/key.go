package sweep

import (
	"autoamp/train/config"
)

// The settings that have short names in files and columns of their own in tables.
const (
	pKey     = "data.p"
	rateKey  = "model.rate"
	seedsKey = "seeds"
	lrKey    = "optimizer.learning_rate"
	meanKey  = "data.mixture_mean"
)

// Key returns the dotted name of a setting that is given by it, or by its flag without dashes: p for data.p, lr for
// optimizer.learning_rate. An error names the nearest.
func Key(name string) (string, error) {
	if name == "seed" {
		return seedsKey, nil
	}
	err := config.Known(name)
	if err == nil {
		return name, nil
	}
	for _, s := range config.Settings() {
		if s.Flag.Name == name && !s.Flag.Inverted {
			return s.Key, nil
		}
	}
	return "", err
}

// short is the name of a column: p, rate and seed, and else the dotted name.
func short(key string) string {
	switch key {
	case pKey:
		return "p"
	case rateKey:
		return "rate"
	case seedsKey:
		return "seed"
	}
	return key
}
