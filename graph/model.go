package graph

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// Config describes an autoencoder.
type Config struct {
	// Model names the architecture: "shallow" (eq. 2), "denoiser" (eq. 4), "rigamp" (eq. 22), "deep", or "tied", the
	// ReLU or threshold autoencoder with real-valued code.
	Model string
	// Batch, Dim and Code are b, d and n, each at least 1.
	Batch, Dim, Code int
	// Tau is the temperature τ > 0 of the surrogate gradient of sign. Zero means 0.1.
	Tau float64
	// Encoder is "trained" (rows normalised; the default) or "haar" (drawn once and kept).
	Encoder string
	// Tied makes the decoder α·Bᵀ with one trained scalar α instead of a trained matrix A, and in
	// rigamp Vₜ = Bᵀ and Wₜ = B, so that only the scalars of the decoder are trained.
	Tied bool
	// Denoiser is the family, perhaps a Spline, of f in the denoiser model and of f1, f2, … in rigamp. The g1, g2, …
	// of rigamp are always G2. Empty means G2.
	Denoiser Family
	// Iterations is T ≥ 1, the number of RI-GAMP iterations that rigamp unrolls. Zero means 2, eq. (22).
	Iterations int
	// Init says where rigamp's matrices start: "haar" (the default: Vₜ = Bᵀ, Wₜ = B, B a Haar matrix) or
	// "gaussian" (all independent, entries N(0, 1/d)).
	Init string
	// Depth ≥ 1 is the number of hidden layers of deep and tied. The last hidden layer of tied is the code. Zero means 1.
	Depth int
	// Width ≥ 1 is the number of units of each hidden layer of deep, and of each hidden layer of tied before the code. Zero
	// means 4d for deep and 2n for tied.
	Width int
	// Activation follows each hidden layer of deep and tied. Empty means ReLU.
	Activation Activation
	// Lambda is the threshold λ ≥ 0 of tied's activation Threshold.
	Lambda float64
	// Bias is the treatment of tied's biases in a training step: "trained" (the default), "fixed" or "decayed".
	// Biases start from BiasStart. Decay is b ← BiasFactor·b with BiasFactor in (0, 1); zero means 1/2.
	Bias                  string
	BiasStart, BiasFactor float64
	// Proxy gives tied the proxy gradient of Rangamani et al. The gradient flows through unit i where the true code
	// has x*_i ≠ 0, instead of where the unit is active. Proxy needs Depth 1 and the true code as a second input,
	// TrueCode.
	Proxy bool
	// Mirrored puts the activation between the layers of tied's decoder too; else the decoder is linear. Needs Depth 2 or more.
	Mirrored bool
	// Rectified puts a ReLU behind the output of tied, with a bias b₂ that starts at 0 and is trained where the other biases are.
	Rectified bool
	// Float64 makes the graph float64, for reference runs with gorgonia's machines.
	// Such a graph does not compile to a program.
	Float64 bool
}

// Model is an autoencoder as a gorgonia expression graph.
type Model struct {
	Config Config
	Graph  *gorgonia.ExprGraph
	Input  *gorgonia.Node // x, (b, d)
	Code   *gorgonia.Node // x*, (b, n), the true code of a dictionary model; nil but for the proxy gradient
	Loss   *gorgonia.Node // mean squared error per coordinate, scalar
	Params []Param

	grads gorgonia.Nodes            // of the trained parameters, once Gradients was called
	names map[*gorgonia.Node]string // of intermediate values, for dumps and errors
}

// Param is a weight of a model: its node, how it starts and whether it is trained.
type Param struct {
	Name    string // as PyTorch would name it: encoder.weight, decoder.weight, denoiser.theta
	Node    *gorgonia.Node
	Trained bool
	Init    Init
}

// Init is a weight's starting value.
type Init struct {
	// Kind is "normal" (independent, standard deviation Std), "haar", "haar.transposed" (of the same
	// matrix) or "values".
	Kind   string
	Std    float64
	Values []float32 // row-major, for "values"
}

// The names of the parameters.
const (
	EncoderWeight = "encoder.weight" // W or B, (n, d)
	EncoderBias   = "encoder.bias"   // b of tied, (n)
	DecoderWeight = "decoder.weight" // A, (d, n)
	DecoderBias   = "decoder.bias"   // b₂ of a rectified tied, (d)
	DecoderScale  = "decoder.scale"  // α of a weight-tied decoder, (1)
	DenoiserTheta = "denoiser.theta" // θ, (k)
)

// models maps a model's name to the function that writes its equation.
var models = map[string]func(*builder){
	"shallow":  shallow,
	"denoiser": denoiser,
	"rigamp":   rigamp,
	"deep":     deep,
	"tied":     tied,
}

// Models lists the names of the models.
func Models() []string { return []string{"shallow", "denoiser", "rigamp", "deep", "tied"} }

// Trains reports whether training steps update the named parameter. They update every parameter, except a fixed
// encoder and biases that are fixed or decay. A weight-tied decoder has the encoder's parameters and adds none.
func (c Config) Trains(parameter string) bool {
	if isEncoderBias(parameter) || c.Rectified && parameter == DecoderBias {
		return c.Bias == "" || c.Bias == "trained"
	}
	return parameter != EncoderWeight || c.Encoder != "haar"
}

// New builds the graph of a model. Gradients are added by Compile or Gradients.
func New(c Config) (*Model, error) {
	c = c.withDefaults()
	if err := c.Validate(); err != nil {
		return nil, err
	}
	m := &Model{Config: c, Graph: gorgonia.NewGraph(), names: map[*gorgonia.Node]string{}}
	b := &builder{Model: m, dtype: tensor.Float32}
	if c.Float64 {
		b.dtype = tensor.Float64
	}
	models[c.Model](b)
	return b.Model, b.err
}

func (c Config) withDefaults() Config {
	if c.Tau == 0 {
		c.Tau = 0.1
	}
	if c.Encoder == "" {
		c.Encoder = "trained"
	}
	if c.Denoiser == 0 {
		c.Denoiser = G2
	}
	if c.Iterations == 0 {
		c.Iterations = 2
	}
	if c.Init == "" {
		c.Init = "haar"
	}
	if c.Width == 0 {
		c.Width = 4 * c.Dim
		if c.Model == "tied" {
			c.Width = 2 * c.Code
		}
	}
	if c.Depth == 0 {
		c.Depth = 1
	}
	if c.Activation == "" {
		c.Activation = ReLU
	}
	if c.Bias == "" {
		c.Bias = "trained"
	}
	if c.BiasFactor == 0 {
		c.BiasFactor = 0.5
	}
	return c
}

// Validate reports the first field that has no meaning.
func (c Config) Validate() error {
	c = c.withDefaults()
	if models[c.Model] == nil {
		return fmt.Errorf("graph: model = %q: must be one of %s", c.Model, strings.Join(Models(), ", "))
	}
	for _, f := range []struct {
		name  string
		value int
	}{
		{"batch", c.Batch}, {"dim", c.Dim}, {"code", c.Code},
		{"iterations", c.Iterations}, {"width", c.Width}, {"depth", c.Depth},
	} {
		if f.value < 1 {
			return fmt.Errorf("graph: %s = %d: must be at least 1", f.name, f.value)
		}
	}
	if !(c.Tau > 0) {
		return fmt.Errorf("graph: tau = %g: must be positive", c.Tau)
	}
	if c.Encoder != "trained" && c.Encoder != "haar" {
		return fmt.Errorf("graph: encoder = %q: must be trained or haar", c.Encoder)
	}
	if c.Init != "haar" && c.Init != "gaussian" {
		return fmt.Errorf("graph: init = %q: must be haar or gaussian", c.Init)
	}
	if err := c.validateActivation(); err != nil {
		return err
	}
	if c.Model == "tied" {
		return c.validateTied()
	}
	return validateFamily(c.Denoiser)
}

// validateActivation reports an activation that the model does not have.
func (c Config) validateActivation() error {
	known := Activations()
	if c.Model == "tied" {
		known = TiedActivations()
	}
	if !slices.Contains(known, c.Activation) {
		return fmt.Errorf("graph: activation = %q: must be one of %v", string(c.Activation), known)
	}
	return nil
}

// gradMutex guards the constant 1 that gorgonia.Grad shares between all graphs: it caches its
// hash when it is first used.
var gradMutex sync.Mutex

// Gradients adds the gradients of the loss to the graph, by gorgonia.Grad, and returns them in
// the order of the trained parameters.
func (m *Model) Gradients() (gorgonia.Nodes, error) {
	if m.grads != nil {
		return m.grads, nil
	}
	var wrt gorgonia.Nodes
	for _, p := range m.Params {
		if p.Trained {
			wrt = append(wrt, p.Node)
		}
	}
	gradMutex.Lock()
	defer gradMutex.Unlock()
	grads, err := gorgonia.Grad(m.Loss, wrt...)
	if err != nil {
		return nil, fmt.Errorf("graph: gradients of %s: %w", m.Config.Model, err)
	}
	m.grads = grads
	return grads, nil
}

// builder adds nodes to a model's graph. It keeps the first error, so that a model reads like
// its equation.
type builder struct {
	*Model
	dtype tensor.Dtype
	err   error
}

func (b *builder) apply(op Op, in ...*gorgonia.Node) *gorgonia.Node {
	if b.err != nil {
		return nil
	}
	out, err := Apply(op, in...)
	if err != nil {
		b.err = fmt.Errorf("graph: %v: %w", op, err)
	}
	return out
}

// named gives an intermediate value a name for dumps and errors.
func (b *builder) named(name string, node *gorgonia.Node) *gorgonia.Node {
	b.names[node] = name
	return node
}

// data is the input x, (b, d).
func (b *builder) data() *gorgonia.Node {
	b.Input = gorgonia.NewMatrix(b.Graph, b.dtype, gorgonia.WithName("x"),
		gorgonia.WithShape(b.Config.Batch, b.Config.Dim))
	return b.Input
}

// param is a weight; Config.Trains says whether it is trained.
func (b *builder) param(name string, init Init, shape ...int) *gorgonia.Node {
	opts := []gorgonia.NodeConsOpt{gorgonia.WithName(name), gorgonia.WithShape(shape...)}
	node := gorgonia.NewTensor(b.Graph, b.dtype, len(shape), opts...)
	b.Params = append(b.Params, Param{Name: name, Node: node, Trained: b.Config.Trains(name), Init: init})
	return node
}

// encoder is B, (n, d): trained as W with normalised rows, started from start, or Haar.
func (b *builder) encoder(start Init) *gorgonia.Node {
	n, d := b.Config.Code, b.Config.Dim
	if b.Config.Encoder == "haar" {
		return b.param(EncoderWeight, Init{Kind: "haar"}, n, d)
	}
	return b.named("encoder", b.apply(RowNormalize{}, b.param(EncoderWeight, start, n, d)))
}

// gaussian is the start of a matrix with as large entries as a Haar matrix of dimension d.
func (b *builder) gaussian() Init {
	return Init{Kind: "normal", Std: 1 / math.Sqrt(float64(b.Config.Dim))}
}

// decode is A·y for every row of y, (b, d): with a matrix A started from N(0, 0.01/n), or
// weight-tied as α·Bᵀ.
func (b *builder) decode(y, enc *gorgonia.Node) *gorgonia.Node {
	n, d := b.Config.Code, b.Config.Dim
	if b.Config.Tied {
		alpha := b.param(DecoderScale, Init{Kind: "values", Values: []float32{0.5}}, 1)
		return b.named("u", b.apply(Scale{}, b.mul(y, enc), alpha))
	}
	a := b.param(DecoderWeight, Init{Kind: "normal", Std: 0.1 / math.Sqrt(float64(n))}, d, n)
	return b.named("u", b.mulT(y, a))
}

// mul is X·Y.
func (b *builder) mul(x, y *gorgonia.Node) *gorgonia.Node { return b.apply(MatMul{}, x, y) }

// mulT is X·Yᵀ.
func (b *builder) mulT(x, y *gorgonia.Node) *gorgonia.Node {
	return b.apply(MatMul{TransB: true}, x, y)
}

// sign is the code.
func (b *builder) sign(z *gorgonia.Node) *gorgonia.Node {
	return b.named("code", b.apply(SignSTE{Tau: b.Config.Tau}, b.named("z", z)))
}

// denoise is f(u; θ) with θ trained from start.
func (b *builder) denoise(name string, f Family, start []float32, u *gorgonia.Node) *gorgonia.Node {
	theta := b.param(name, Init{Kind: "values", Values: start}, f.Params())
	return b.apply(Denoise{Family: f}, u, theta)
}

// reconstruct makes the error of x̂ the loss.
func (b *builder) reconstruct(xhat, x *gorgonia.Node) {
	b.Loss = b.named("loss", b.apply(MSE{}, b.named("output", xhat), x))
}
