package main

import (
	"context"
	"fmt"

	"autoamp/amp"
)

// theoryStudy is a law and the options for evaluating its theory.
type theoryStudy struct {
	Data        string  // a name that amp.NewPrior knows, or the name of Law
	P           float64 // ignored where P is swept or Law is given
	MixtureMean float64
	Rate        float64 // ignored where the rate is swept
	// Law is the law of measured samples. Nil means the law called Data.
	Law *amp.Empirical
	// Share is the share of Law's samples that are not zero; it takes P's place in the results.
	Share float64
	// Amp goes to amp.Predict. Nil means its defaults.
	Amp *amp.Settings
	// Limits adds time-sharing, r_IT and Shannon's bound.
	Limits bool
	// Progress is called for every point that is done. Nil means that none is called.
	Progress func(done, total int)
}

// Point evaluates the theory at one point.
func (s theoryStudy) Point() (*amp.Prediction, error) {
	p, err := s.predict()
	if err != nil || !s.Limits {
		return p, err
	}
	limits, err := amp.NewLimits(p.Prior, s.Amp)
	if err == nil {
		limits.Complete(p)
	}
	return p, err
}

// predict evaluates what takes milliseconds.
func (s theoryStudy) predict() (*amp.Prediction, error) {
	if s.Law == nil {
		return amp.Predict(amp.Point{Data: s.Data, P: s.P, MixtureMean: s.MixtureMean, Rate: s.Rate}, s.Amp)
	}
	p, err := amp.PredictPrior(s.Law, s.Rate, s.Amp)
	if err == nil {
		p.Data, p.P = s.Data, s.Share
	}
	return p, err
}

// at is the settings at one value of the swept parameter.
func (s theoryStudy) at(param string, value float64) theoryStudy {
	if param == "p" {
		s.P = value
	} else {
		s.Rate = value
	}
	return s
}

// Sweep evaluates the theory at every value of r and hands the points to visit in order. All values are checked before
// the first is evaluated. Between points it looks at ctx.
func (s theoryStudy) Sweep(ctx context.Context, r sweepRange, visit func(*amp.Prediction) error) error {
	if err := s.checkSweep(r); err != nil {
		return err
	}
	var limits *amp.Limits // of the last point's law: over rates the law stays and its limits remember
	for i, value := range r.Values {
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("theory stopped after %d of %d points: %w", i, len(r.Values), err)
		}
		p, err := s.at(r.Param, value).predict()
		if err != nil {
			return err
		}
		if s.Limits {
			if limits == nil || r.Param == "p" {
				if limits, err = amp.NewLimits(p.Prior, s.Amp); err != nil {
					return err
				}
			}
			limits.Complete(p)
		}
		if err := visit(p); err != nil {
			return err
		}
		if s.Progress != nil {
			s.Progress(i+1, len(r.Values))
		}
	}
	return nil
}

// checkSweep reports the first value out of bounds. Both bounds are intervals, so the ends of the range decide, but the
// error names the value that a user sees in the curve.
func (s theoryStudy) checkSweep(r sweepRange) error {
	if r.Param == "p" && (s.Law != nil || s.Data == "gaussian") {
		return rangeError("p", fmt.Sprintf("must be rate: %s has no p", s.Data))
	}
	for _, value := range r.Values {
		if r.Param == "rate" && !(value > 0) {
			return &amp.DomainError{Field: "rate", Value: value, Allowed: "must be positive"}
		}
		if r.Param == "p" {
			if _, err := amp.NewPrior(s.Data, value, s.MixtureMean); err != nil {
				return err
			}
		}
	}
	return nil
}
