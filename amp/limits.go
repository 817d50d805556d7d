package amp

import "math"

// TimeSharing holds the best time-sharing of each decoder of a Prediction: the errors, and the rates at which they are attained.
type TimeSharing struct {
	Denoiser       float64   `json:"denoiser"`        // DenoiserShare
	DenoiserRate   float64   `json:"denoiser_rate"`   // its r*
	DenoiserFinite *float64  `json:"denoiser_finite"` // FiniteDenoiserShare at Settings.Dim; nil without it and where it has no value
	RIGAMP         []float64 `json:"rigamp"`          // RIGAMPShare; entry t: after t+1 iterations; entry 0 is Denoiser
	RIGAMPRate     []float64 `json:"rigamp_rate"`     // their r*
	AMP            float64   `json:"amp"`             // of the fixed point that AMP reaches
	AMPRate        float64   `json:"amp_rate"`        // its r*
	Bayes          float64   `json:"bayes"`           // BayesShare
	BayesRate      float64   `json:"bayes_rate"`      // its r*
}

// Limits adds to predictions for one law what takes longer than Predict: time-sharing, r_IT and Shannon's bound. It remembers
// the law's own numbers, so that the points of a curve over rising rates cost little more than the first. It is not safe for
// concurrent use.
type Limits struct {
	prior      Prior
	settings   Settings
	denoiser   *sharing
	rigamp     []*sharing // from two iterations on
	amp, bayes *sharing
	rateIT     float64 // NaN where there is none
}

// NewLimits prepares a law. A nil s means the defaults; Iterations and Dim are used. The error is a *DomainError.
func NewLimits(p Prior, s *Settings) (*Limits, error) {
	settings, err := s.withDefaults()
	if err == nil {
		err = checkPrior(p)
	}
	if err != nil {
		return nil, err
	}
	rateIT, _ := RateIT(p)
	l := &Limits{
		prior: p, settings: settings, rateIT: rateIT,
		denoiser: denoiserSharing(p), amp: ampSharing(p), bayes: bayesSharing(p, rateIT),
	}
	for t := 2; t <= settings.Iterations; t++ {
		l.rigamp = append(l.rigamp, rigampSharing(p, t))
	}
	return l, nil
}

// Complete fills in TimeSharing, RateIT and Shannon of a prediction for the law. Shannon stays nil where DistortionRateAt has none.
func (l *Limits) Complete(p *Prediction) {
	p.TimeSharing = l.timeSharing(p.Rate)
	if bound, err := DistortionRateAt(l.prior, p.Rate); err == nil {
		p.Shannon = &bound.MSE
	}
	if !math.IsNaN(l.rateIT) {
		rate := l.rateIT
		p.RateIT = &rate
	}
}

func (l *Limits) timeSharing(rate float64) *TimeSharing {
	t := &TimeSharing{}
	denoiser := l.denoiser.at(rate)
	t.Denoiser, t.DenoiserRate = denoiser.MSE, denoiser.Rate
	if l.settings.Dim > 0 {
		if finite, err := finiteShare(l.prior, rate, l.settings.Dim, denoiser); err == nil {
			t.DenoiserFinite = &finite
		}
	}
	t.RIGAMP, t.RIGAMPRate = []float64{denoiser.MSE}, []float64{denoiser.Rate}
	for _, s := range l.rigamp {
		share := s.at(rate)
		t.RIGAMP, t.RIGAMPRate = append(t.RIGAMP, share.MSE), append(t.RIGAMPRate, share.Rate)
	}
	reached, best := l.amp.at(rate), l.bayes.at(rate)
	t.AMP, t.AMPRate = reached.MSE, reached.Rate
	t.Bayes, t.BayesRate = best.MSE, best.Rate
	return t
}
