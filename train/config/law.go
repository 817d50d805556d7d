package config

// CheckLaw reports, as a *Error, P or MixtureMean where the law called Name has none. Validate has the same rule; the
// other fields are not looked at.
func (d DataConfig) CheckLaw() error {
	if err := d.checkLaw(); err != nil {
		return err
	}
	return nil
}

func (d DataConfig) checkLaw() *Error {
	for _, p := range d.P {
		if d.Name == "gaussian" && p != 1 {
			return &Error{"data.p", p, "gaussian data has no zeros, so p is 1; for zeros set data.name: sparse-gaussian"}
		}
	}
	return must(d.Name == "sparse-mixture" || d.MixtureMean == 0, "data.mixture_mean", d.MixtureMean,
		"applies to data.name: sparse-mixture only; leave it out")
}
