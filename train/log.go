package train

// The messages of warnings that Run's caller learns in another way too: from the error, and from the summary.
const (
	MessageInterrupted  = "interrupted"
	MessageNotConverged = "not converged"
)

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
