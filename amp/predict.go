package amp

import "fmt"

// Prediction is everything the theory says about one (data, p, rate). Errors are per coordinate, in the limit d → ∞.
// The JSON fields are a contract with scripts (autoamp theory --json).
type Prediction struct {
	Data             string       `json:"data"`
	P                float64      `json:"p"` // 1 for "gaussian"
	Rate             float64      `json:"rate"`
	Gaussian         float64      `json:"gaussian"`                  // Haar encoder, linear decoder: RGauss
	Identity         *float64     `json:"identity"`                  // identity encoder; nil for rate > 1
	Denoiser         float64      `json:"denoiser"`                  // Haar encoder, posterior-mean denoiser
	RIGAMP           []float64    `json:"rigamp"`                    // entry t: after t+1 iterations; entry 0 is Denoiser
	AMP              float64      `json:"amp"`                       // Haar encoder, the fixed point that AMP reaches: StateEvolution
	Bayes            float64      `json:"bayes"`                     // Haar encoder, Bayes-optimal decoder: BayesMSE, AMP but for a hard phase
	RateIT           *float64     `json:"rate_it"`                   // RateIT: from it on Bayes is 0; nil for laws that are not discrete, and before Limits
	TimeSharing      *TimeSharing `json:"time_sharing,omitempty"`    // of the decoders behind a Haar encoder; nil before Limits
	Shannon          *float64     `json:"shannon,omitempty"`         // DistortionRateAt: no code of that rate is better; nil before Limits
	CriticalP        *float64     `json:"critical_p"`                // linear decoder; nil where undefined
	CriticalDenoiser *float64     `json:"critical_p_denoiser"`       // decoder with denoiser; nil where undefined
	Chain            *float64     `json:"chain"`                     // chain encoder, linear decoder; nil where undefined
	Pairs            *float64     `json:"pairs"`                     // pairs that serve the others, linear decoder: BestServingPairs; nil where undefined
	FiniteDim        *FiniteDim   `json:"finite_dim,omitempty"`      // nil unless Settings.Dim is given, and where FiniteDimNote says so
	FiniteDimNote    string       `json:"finite_dim_note,omitempty"` // why numbers of FiniteDim are left out; mostly empty
	Bound            *float64     `json:"bound,omitempty"`           // of WaterFilling, for data with a covariance; Predict leaves it nil
	Rows             *RowErrors   `json:"rows,omitempty"`            // for data whose rows differ in energy; Predict leaves it nil
	AMPStatus        Status       `json:"-"`                         // how the recursion behind AMP ended
	Prior            Prior        `json:"-"`                         // the law itself
}

// RowErrors is the prediction for rows that differ in energy, RowLaw.
type RowErrors struct {
	Concentration float64 `json:"concentration"` // (E√e)²/E e
	Linear        float64 `json:"linear"`        // Haar encoder, or the best for the spectrum, with a linear decoder
	Denoiser      float64 `json:"denoiser"`      // Haar encoder, posterior-mean denoiser
}

// FiniteDim is the prediction at a finite data dimension, NewFiniteDim.
type FiniteDim struct {
	Dim      int      `json:"dim"`
	Linear   float64  `json:"linear"`   // Haar encoder, linear decoder
	Denoiser *float64 `json:"denoiser"` // Haar encoder, posterior-mean denoiser; nil where its first order is no error
}

// Point is a named law and a rate: the argument of Predict.
type Point struct {
	// Data is the law, one of PriorNames.
	Data string
	// P is the probability that a coordinate is not zero, in [MinP, 1]. "gaussian" ignores it.
	P float64
	// MixtureMean is m of "sparse-mixture", 0 ≤ m ≤ 1/√P; the other laws ignore it. Zero is sparse Gaussian; the command
	// line's default is 1.
	MixtureMean float64
	// Rate is r = n/d > 0.
	Rate float64
}

// Predict returns all predictions for one point. A nil s means the defaults. It takes a few milliseconds.
//
// The error is a *DomainError or wraps ErrUnknownPrior. A recursion that did not reach its fixed point is not an
// error: see AMPStatus.
func Predict(at Point, s *Settings) (*Prediction, error) {
	settings, err := s.withDefaults()
	if err != nil {
		return nil, err
	}
	prior, err := NewPrior(at.Data, at.P, at.MixtureMean)
	if err != nil {
		return nil, err
	}
	if err := checkRate(at.Rate); err != nil {
		return nil, err
	}
	r := predictPrior(prior, at.Rate, settings)
	r.Data, r.P = at.Data, at.P
	if at.Data == "gaussian" {
		r.P = 1
	}
	if r.CriticalP, err = criticalPointer(CriticalP(at.Data, at.MixtureMean, at.Rate)); err != nil {
		return nil, err
	}
	r.CriticalDenoiser, err = criticalPointer(CriticalPDenoiser(at.Data, at.MixtureMean, at.Rate))
	return r, err
}

// PredictPrior is Predict for a law at hand, for example an Empirical one or one of your own. Data, P and the critical p stay empty.
func PredictPrior(prior Prior, rate float64, s *Settings) (*Prediction, error) {
	settings, err := s.withDefaults()
	if err == nil {
		err = checkPriorRate(prior, rate)
	}
	if err != nil {
		return nil, err
	}
	return predictPrior(prior, rate, settings), nil
}

// predictPrior fills in the numbers that depend on the law and the rate alone.
func predictPrior(prior Prior, rate float64, s Settings) *Prediction {
	s.MaxPasses = max(s.MaxPasses, s.Iterations)
	t := stateEvolution(prior, rate, s)
	r := &Prediction{
		Rate: rate, Prior: prior,
		Gaussian: RGauss(rate), Denoiser: t.MSE[0], AMP: t.Final(), AMPStatus: t.Status,
		Bayes: bayesMSE(prior, rate, t, s), RIGAMP: make([]float64, s.Iterations),
	}
	for i := range r.RIGAMP {
		r.RIGAMP[i] = t.After(i + 1)
	}
	if identity, ok := IdentityMSE(prior, rate); ok {
		r.Identity = &identity
	}
	if chain, ok := ChainMSE(prior, rate); ok {
		r.Chain = &chain
	}
	if pairs, ok := BestServingPairs(prior, rate); ok {
		r.Pairs = &pairs.MSE
	}
	if s.Dim > 0 {
		r.addFiniteDim(prior, rate, s.Dim)
	}
	return r
}

// addFiniteDim adds the errors at dimension d, or why they are left out.
func (r *Prediction) addFiniteDim(prior Prior, rate float64, d int) {
	var err error
	if r.FiniteDim, err = NewFiniteDim(prior, rate, d); err != nil {
		r.FiniteDimNote = fmt.Sprintf("no theory at d = %d: %v", d, err)
	} else if !isIntegrable(prior) {
		r.FiniteDimNote = fmt.Sprintf("no theory of the denoiser at d = %d: a law from outside has to embed a *Law for it", d)
	} else if r.FiniteDim.Denoiser == nil {
		r.FiniteDimNote = fmt.Sprintf("no theory of the denoiser at d = %d: to first order in 1/d it is not between 0 and the linear decoder's", d)
	}
}

// criticalPointer is nil where there is no transition.
func criticalPointer(c Critical, ok bool, err error) (*float64, error) {
	if !ok || err != nil {
		return nil, err
	}
	return &c.P, nil
}
