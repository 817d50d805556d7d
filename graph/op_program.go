package graph

import "fmt"

// Sample draws a fresh batch of a law into its output. The draw is a function of the
// replica's seed, Stream, the step and the element's index alone.
type Sample struct {
	// Law is a name of kernels.LawNames.
	Law string
	// Stream separates training data, evaluation data and other uses of one seed.
	Stream uint32
}

func (op Sample) String() string { return fmt.Sprintf("sample(%s, stream=%d)", op.Law, op.Stream) }

// Facts implements Kernel.
func (Sample) Facts() Facts { return Facts{RowWise: every} }

// SampleCodes draws sparse codes into its output, one in each row; see Generate.
type SampleCodes struct {
	Support int
	Lo, Hi  float64
	Signed  bool
	Stream  uint32
}

func (op SampleCodes) String() string {
	signs := ""
	if op.Signed {
		signs = "±"
	}
	return fmt.Sprintf("sample.codes(k=%d, %s[%g, %g], stream=%d)", op.Support, signs, op.Lo, op.Hi, op.Stream)
}

// Facts implements Kernel.
func (SampleCodes) Facts() Facts { return Facts{RowWise: every} }

// SampleNormal draws independent N(0, Std²) numbers into its output, a function of the replica's seed, Stream, the step and
// the element's index alone.
type SampleNormal struct {
	Std    float64
	Stream uint32
}

func (op SampleNormal) String() string {
	return fmt.Sprintf("sample.normal(%g, stream=%d)", op.Std, op.Stream)
}

// Facts implements Kernel.
func (SampleNormal) Facts() Facts { return Facts{RowWise: every} }

// Decay multiplies a bias by a factor in every step: from (b, loss) to (b).
type Decay struct{ Factor float64 }

func (op Decay) String() string { return fmt.Sprintf("decay(%g)", op.Factor) }

// Facts implements Kernel.
func (Decay) Facts() Facts { return Facts{RowWise: 1} }

// Project divides the rows of a weight by their norms after its update: from (w, loss) to (w).
type Project struct{}

func (op Project) String() string { return "project" }

// Facts implements Kernel.
func (Project) Facts() Facts { return Facts{RowWise: 1} }

// Gather draws the rows of its batch from a data set, the input (rows, d), and multiplies each
// coordinate by an independent mask that is 1/√p with the replica's probability p and 0 otherwise.
//
// The choice of rows and the mask are functions of the replica's seed, Stream, the step and the row
// alone. Rows are drawn with replacement, all with equal probability. InOrder draws row i of the
// batch of step s as row (s·b + i) mod rows instead, so that consecutive steps walk through all
// rows.
type Gather struct {
	// Data names the data set. Programs with the same name share the data set.
	Data string
	// Rows is the number of rows of the data set, at least 1.
	Rows int
	// Stream separates training data, evaluation data and other uses of one seed; below 2³¹.
	Stream uint32
	// InOrder walks through the rows instead of drawing them.
	InOrder bool
}

func (op Gather) String() string {
	order := ""
	if op.InOrder {
		order = ", in order"
	}
	return fmt.Sprintf("gather(stream=%d%s)", op.Stream, order)
}

// Facts implements Kernel.
func (Gather) Facts() Facts { return Facts{} }

// DenoiseGrad is DenoiseGradInput and DenoiseGradParams in one pass: from (dx̂, u, θ) to
// (du, dθ).
type DenoiseGrad struct{ Family Family }

func (op DenoiseGrad) String() string { return fmt.Sprintf("denoise.grad(%s)", op.Family) }

// Facts implements Kernel.
func (DenoiseGrad) Facts() Facts { return Facts{RowWise: 2, InPlace: overInput} }

// MergeGrad is the gradient of Merge in one pass: from (dM, X, Y, w) to (dX if wanted, dY if wanted, dw).
type MergeGrad struct{ X, Y bool }

func (op MergeGrad) String() string {
	name := "merge.grad."
	if op.X {
		name += "x"
	}
	if op.Y {
		name += "y"
	}
	return name + "w"
}

// Facts describe the inputs dM, X and Y, which are row-wise. If there is an output besides dw, the first output may take the
// place of dM.
func (op MergeGrad) Facts() Facts { return Facts{RowWise: 3, InPlace: InPlace{Allowed: op.X || op.Y}} }

// DenoiseMSE is a denoiser that ends in the loss, forward and backward in one pass: from
// (u, x, θ) to (loss, du, dθ), or without Backward to (loss).
type DenoiseMSE struct {
	Family   Family
	Backward bool
}

func (op DenoiseMSE) String() string {
	if op.Backward {
		return fmt.Sprintf("denoise.mse.grad(%s)", op.Family)
	}
	return fmt.Sprintf("denoise.mse(%s)", op.Family)
}

// Facts describe the inputs u and x, which are row-wise; du may take the place of u.
func (op DenoiseMSE) Facts() Facts {
	return Facts{RowWise: 2, InPlace: InPlace{Allowed: op.Backward, Out: 1}}
}

// Add is elementwise addition of (X, Y). Differentiation makes it where a weight is used twice.
// Compilation folds it into an accumulating product where it can.
type Add struct{}

func (op Add) String() string { return "add" }

// Facts implements Kernel.
func (Add) Facts() Facts { return Facts{RowWise: every, InPlace: overInput} }

// GradNorm is the squared Euclidean norm of a gradient, a sum.
type GradNorm struct{}

func (op GradNorm) String() string { return "gradnorm" }

// Facts implements Kernel.
func (GradNorm) Facts() Facts { return Facts{RowWise: every, Reduces: true} }

// Step applies an update rule to one weight: from (w, g, moments…, gradient norms…) to
// (w, moments…). Norms are there only if the rule clips.
type Step struct{ Update }

func (op Step) String() string { return "step." + string(op.Rule) }

// Facts describe the weight, its gradient and its moments, which are row-wise.
func (op Step) Facts() Facts { return Facts{RowWise: 2 + op.Rule.Moments()} }

// Moments is the number of moment tensors that the rule keeps for every weight.
func (r Rule) Moments() int { return len(moments[r]) }
