package config

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"autoamp/amp"
	"autoamp/graph"
)

// MaxReplicas bounds the number of seeds times the number of p.
const MaxReplicas = 4096

// Validate reports the first field that is out of bounds, or that contradicts another, as a
// *Error. Zero fields are valid: they stand for their defaults.
func (c Config) Validate() error {
	c = c.WithDefaults()
	if c.Alternating() {
		return c.checkGDMin()
	}
	if err := firstError(
		must(c.Algorithm == "", "algorithm", c.Algorithm, "must be gd-min, or left out for the optimizer's steps"),
		must(c.GDMin == GDMinConfig{}, "gdmin", c.GDMin, "applies to algorithm: gd-min only; leave it out"),
	); err != nil {
		return err
	}
	for _, check := range []func() *Error{
		c.Model.check, c.checkSizes, c.Data.check, c.checkSet, c.checkDictionary, c.checkSeeds, c.Optimizer.check, c.checkProjection,
		c.checkSchedule,
		c.Evaluation.check, c.Checkpoint.check,
	} {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

func (m ModelConfig) check() *Error {
	return firstError(
		oneOf("model.name", m.Name, graph.Models()...),
		m.checkSizes(),
		oneOf("model.encoder", m.Encoder, "trained", "haar"),
		m.checkTau(),
		m.checkDenoiser(),
		m.checkRIGAMP(),
		m.checkDeep(),
		m.checkTied(),
	)
}

// checkSizes checks d, r and n.
func (m ModelConfig) checkSizes() *Error {
	return firstError(
		atLeast("model.dim", m.Dim, 1),
		positive("model.rate", m.Rate),
		must(m.Dim < 1<<31, "model.dim", m.Dim, "must be below 2³¹"),
		must(m.Code() >= 1, "model.rate", m.Rate,
			fmt.Sprintf("n = round(rate·dim) must be at least 1 and below 2³¹; dim is %d", m.Dim)),
	)
}

// checkRIGAMP checks what only rigamp has.
func (m ModelConfig) checkRIGAMP() *Error {
	if m.Name != "rigamp" {
		const only = "applies to model.name: rigamp only; leave it out"
		return firstError(
			must(m.Iterations == 0, "model.iterations", m.Iterations, only),
			must(m.Init == "" || m.Name == TiedModel, "model.init", m.Init, "applies to model.name: rigamp or tied only; leave it out"),
		)
	}
	if err := firstError(
		atLeast("model.iterations", m.Iterations, 1),
		must(m.Iterations <= maxIterations, "model.iterations", m.Iterations, fmt.Sprintf("must be at most %d", maxIterations)),
		oneOf("model.init", m.Init, "haar", "gaussian", InitStateEvolution),
	); err != nil || m.Init != InitStateEvolution {
		return err
	}
	return firstError(
		must(m.Iterations <= amp.MaxRIGAMPIterations, "model.iterations", m.Iterations,
			fmt.Sprintf("must be at most %d with model.init: %s", amp.MaxRIGAMPIterations, m.Init)),
		must(m.Denoiser == graph.G2.String(), "model.denoiser", m.Denoiser, "must be g2 with model.init: "+m.Init),
	)
}

// maxIterations and maxDepth bound the size of the program.
const maxIterations, maxDepth = 64, 64

// checkDeep checks what only deep has.
func (m ModelConfig) checkDeep() *Error {
	if m.Name == TiedModel {
		return nil
	}
	if m.Name != "deep" {
		const only = "applies to model.name: deep or tied only; leave it out"
		return firstError(
			must(m.Width == 0, "model.width", m.Width, only),
			must(m.Depth == 0, "model.depth", m.Depth, only),
			must(m.Activation == "", "model.activation", m.Activation, only),
		)
	}
	var names []string
	for _, a := range graph.Activations() {
		names = append(names, string(a))
	}
	return firstError(
		atLeast("model.width", m.Width, 1),
		atLeast("model.depth", m.Depth, 1),
		must(m.Depth <= maxDepth, "model.depth", m.Depth, fmt.Sprintf("must be at most %d", maxDepth)),
		oneOf("model.activation", m.Activation, names...),
		must(!m.Tied, "model.tied", m.Tied, "a fully connected decoder has nothing to tie; leave it out"),
	)
}

func (m ModelConfig) checkTau() *Error {
	if m.Name == TiedModel {
		return must(m.Tau == 0, "model.tau", m.Tau, "the tied model has no sign; leave it out")
	}
	if m.Encoder != "trained" {
		return must(m.Tau == 0, "model.tau", m.Tau, "has no effect with model.encoder: haar; leave it out")
	}
	return positive("model.tau", m.Tau)
}

func (m ModelConfig) checkDenoiser() *Error {
	const only = "applies to model.denoiser: spline only; leave it out"
	spline := m.Denoiser == splineDenoiser
	if err := firstError(
		must(spline || m.Knots == 0, "model.knots", m.Knots, only),
		must(spline || !m.Monotone, "model.monotone", m.Monotone, only),
		must(!spline || m.Knots >= 2 && m.Knots <= graph.MaxKnots, "model.knots", m.Knots,
			fmt.Sprintf("must be from 2 to %d", graph.MaxKnots)),
	); err != nil {
		return err
	}
	if m.Name == "shallow" || m.Name == "deep" || m.Name == TiedModel {
		return must(m.Denoiser == "", "model.denoiser", m.Denoiser,
			"the "+m.Name+" model has no denoiser; leave it out or set model.name: denoiser")
	}
	return oneOf("model.denoiser", m.Denoiser, append(graph.FamilyNames(), splineDenoiser)...)
}

// splineDenoiser is the model.denoiser that model.knots and model.monotone go with.
const splineDenoiser = "spline"

// checkSizes bounds what is multiplied and allocated later on.
func (c Config) checkSizes() *Error {
	const most = 1 << 31 // elements of one tensor, 8 GiB
	n, width := float64(c.Model.Code()), float64(c.Model.Width)
	return firstError(
		atLeast("steps", c.Steps, 1),
		must(c.Steps < 1<<40, "steps", c.Steps, "must be below 2⁴⁰"),
		atLeast("batch", c.Batch, 1),
		must(float64(c.Model.Dim)*n < most, "model.dim", c.Model.Dim, "dim·n must be below 2³¹"),
		must(c.widest()*width < most, "model.width", c.Model.Width,
			"width times itself, dim, n and batch must be below 2³¹"),
		must(float64(c.Batch)*max(n, float64(c.Model.Dim)) < most, "batch", c.Batch,
			"batch times dim, and batch times n, must be below 2³¹"),
	)
}

// widest is the largest size that meets the width of a hidden layer in a tensor.
func (c Config) widest() float64 {
	return float64(max(c.Model.Width, c.Model.Dim, c.Model.Code(), c.Batch))
}

func (d DataConfig) check() *Error {
	if err := d.checkSource(); err != nil {
		return err
	}
	for i, p := range d.P {
		if err := d.checkP(p, slices.Contains(d.P[:i], p)); err != nil {
			return err
		}
	}
	return d.checkLaw()
}

func (d DataConfig) checkP(p float64, twice bool) *Error {
	return firstError(
		must(p > 0 && p <= 1, "data.p", p, "must be in (0, 1]"),
		must(!twice, "data.p", p, "is listed twice"),
		must(!d.IsDictionary() || p == 1, "data.p", p, "a dictionary model has no mask, so p is 1; leave it out"),
		d.checkMean(p),
	)
}

func (d DataConfig) checkMean(p float64) *Error {
	m := d.MixtureMean
	if d.Name != "sparse-mixture" {
		return nil
	}
	return must(m > 0 && m*m*p <= 1+1e-12, "data.mixture_mean", m,
		fmt.Sprintf("must be in (0, 1/√p], at p = %g in (0, %.6g]", p, 1/math.Sqrt(p)))
}

func (c Config) checkSeeds() *Error {
	for i, s := range c.Seeds {
		if slices.Contains(c.Seeds[:i], s) {
			return &Error{"seeds", s, "is listed twice"}
		}
	}
	replicas := len(c.Seeds) * len(c.Data.P)
	return must(replicas <= MaxReplicas, "seeds", len(c.Seeds),
		fmt.Sprintf("seeds times values of p are %d replicas, at most %d are allowed", replicas, MaxReplicas))
}

// optimizerFields says which optimizer reads which field.
var optimizerFields = map[string][]string{
	"optimizer.beta1":    {"adam"},
	"optimizer.beta2":    {"adam"},
	"optimizer.momentum": {"sgd"},
	"optimizer.decay":    {"rmsprop"},
	"optimizer.epsilon":  {"adam", "rmsprop"},
}

func (o OptimizerConfig) check() *Error {
	if err := oneOf("optimizer.name", o.Name, "adam", "sgd", "rmsprop", string(graph.Normalised)); err != nil {
		return err
	}
	return firstError(
		positive("optimizer.learning_rate", o.LearningRate),
		o.checkField("optimizer.beta1", o.Beta1, fraction),
		o.checkField("optimizer.beta2", o.Beta2, fraction),
		o.checkField("optimizer.momentum", o.Momentum, func(field string, v float64) *Error {
			return must(v >= 0 && v < 1, field, v, "must be in [0, 1)")
		}),
		o.checkField("optimizer.decay", o.Decay, fraction),
		o.checkField("optimizer.epsilon", o.Epsilon, positive),
		must(o.ClipNorm >= 0 && !math.IsInf(o.ClipNorm, 0), "optimizer.clip_norm", o.ClipNorm,
			"must be positive; leave it out for no clipping"),
	)
}

// checkProjection refuses a projection of an encoder that has none.
func (c Config) checkProjection() *Error {
	o, m := c.Optimizer, c.Model
	return firstError(
		must(!o.Project || m.Encoder == "trained" && m.Name != TiedModel, "optimizer.project", o.Project,
			"applies to a trained encoder whose rows are normalised; leave it out"),
		must(!o.Project || o.Name != string(graph.Normalised), "optimizer.project", o.Project,
			"optimizer.name: normalised puts rows on the unit sphere anyway; leave it out"),
	)
}

// checkField checks a field that only some optimizers read.
func (o OptimizerConfig) checkField(field string, v float64, check func(string, float64) *Error) *Error {
	if readers := optimizerFields[field]; !slices.Contains(readers, o.Name) {
		return must(v == 0, field, v, "applies to optimizer.name: "+strings.Join(readers, " or ")+" only; leave it out")
	}
	return check(field, v)
}

func (c Config) checkSchedule() *Error {
	s := c.Schedule
	cosine, step := s.Shape == string(graph.Cosine), s.Shape == string(graph.StepDown)
	if err := firstError(
		oneOf("schedule.shape", s.Shape, string(graph.Constant), string(graph.Cosine), string(graph.StepDown)),
		must(s.WarmUp >= 0 && s.WarmUp < c.Steps, "schedule.warm_up", s.WarmUp,
			fmt.Sprintf("must be at least 0 and less than steps, %d", c.Steps)),
		must(cosine || s.Final == 0, "schedule.final", s.Final, "applies to schedule.shape: cosine only; leave it out"),
		must(step || s.Every == 0, "schedule.every", s.Every, "applies to schedule.shape: step only; leave it out"),
		must(step || s.Factor == 0, "schedule.factor", s.Factor, "applies to schedule.shape: step only; leave it out"),
		must(s.Final >= 0 && s.Final <= 1, "schedule.final", s.Final, "must be in [0, 1]"),
	); err != nil || !step {
		return err
	}
	return firstError(
		atLeast("schedule.every", s.Every, 1),
		fraction("schedule.factor", s.Factor),
	)
}

func (e EvaluationConfig) check() *Error {
	return firstError(
		atLeast("evaluation.every", e.Every, 1),
		atLeast("evaluation.batches", e.Batches, 2),
		must(e.Batches <= MaxBatches, "evaluation.batches", e.Batches, "must be at most 2²⁰"),
		must(e.FinalBatches == 0 || e.FinalBatches >= 2, "evaluation.final_batches", e.FinalBatches, "must be at least 2"),
		must(e.FinalBatches <= MaxBatches, "evaluation.final_batches", e.FinalBatches, "must be at most 2²⁰"),
	)
}

func (k CheckpointConfig) check() *Error {
	return firstError(
		atLeast("checkpoint.every", k.Every, 1),
		atLeast("checkpoint.keep", k.Keep, 1),
	)
}

func firstError(errs ...*Error) *Error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func must(ok bool, field string, value any, allowed string) *Error {
	if ok {
		return nil
	}
	return &Error{field, value, allowed}
}

func oneOf(field, value string, names ...string) *Error {
	return must(slices.Contains(names, value), field, value, "must be one of "+strings.Join(names, ", "))
}

func atLeast(field string, value, least int) *Error {
	return must(value >= least, field, value, fmt.Sprintf("must be at least %d", least))
}

func positive(field string, value float64) *Error {
	return must(value > 0 && !math.IsInf(value, 0), field, value, "must be positive")
}

func fraction(field string, value float64) *Error {
	return must(value > 0 && value < 1, field, value, "must be in (0, 1)")
}
