package train

// The keys of log lines.
const (
	keyStep     = "step"
	keySteps    = "steps"
	keyReplicas = "replicas"
	keyDevice   = "device"
	keyModel    = "model"
	keyData     = "data"
	keyMSE      = "test_mse"
	keyStderr   = "test_mse_stderr"
	keyTheory   = "finite_d"
	keyP        = "p"
	keyOut      = "out"
	keyPath     = "checkpoint"
	keyError    = "error"
	keyMs       = "ms_per_step"

	keyCandidate = "candidate"
	keyReason    = "reason"
	keyAdvice    = "advice"

	keyCoherence = "coherence"
	keyMu        = "mu"
)
