package graph

import (
	"fmt"
	"math"
	"strings"
	"sync"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// Config describes an autoencoder.
type Config struct {
	// Model names the architecture: "shallow" (eq. 2) or "denoiser" (eq. 4).
	Model string
	// Batch, Dim and Code are b, d and n, each at least 1.
	Batch, Dim, Code int
	// Tau is the temperature τ > 0 of the surrogate gradient of sign. Zero means 0.1.
	Tau float64
	// Encoder is "trained" (rows normalised; the default) or "haar" (drawn once and kept).
	Encoder string
	// Tied makes the decoder α·Bᵀ with one trained scalar α instead of a trained matrix A.
	Tied bool
	// Denoiser is the family of f in the denoiser model. Empty means G2.
	Denoiser Family
	// Float64 makes the graph float64, for reference runs with gorgonia's machines.
	// Such a graph does not compile to a program.
	Float64 bool
}

// Model is an autoencoder as a gorgonia expression graph.
type Model struct {
	Config Config
	Graph  *gorgonia.ExprGraph
	Input  *gorgonia.Node // x, (b, d)
	Code   *gorgonia.Node // y = sign(Bx), (b, n)
	Output *gorgonia.Node // x̂, (b, d)
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
	// Kind is "normal" (independent, standard deviation Std), "haar" or "values".
	Kind   string
	Std    float64
	Values []float32 // row-major, for "values"
}

// The names of the parameters.
const (
	EncoderWeight = "encoder.weight" // W or B, (n, d)
	DecoderWeight = "decoder.weight" // A, (d, n)
	DecoderScale  = "decoder.scale"  // α of a weight-tied decoder, (1)
	DenoiserTheta = "denoiser.theta" // θ, (k)
)

// models maps a model's name to the function that writes its equation.
var models = map[string]func(*builder){
	"shallow":  shallow,
	"denoiser": denoiser,
}

// Models lists the names of the models.
func Models() []string { return []string{"shallow", "denoiser"} }

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
	if c.Denoiser == "" {
		c.Denoiser = G2
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
	}{{"batch", c.Batch}, {"dim", c.Dim}, {"code", c.Code}} {
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
	return c.Denoiser.Validate()
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

func (b *builder) apply(op gorgonia.Op, in ...*gorgonia.Node) *gorgonia.Node {
	if b.err != nil {
		return nil
	}
	out, err := gorgonia.ApplyOp(op, in...)
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

func (b *builder) param(name string, trained bool, init Init, shape ...int) *gorgonia.Node {
	opts := []gorgonia.NodeConsOpt{gorgonia.WithName(name), gorgonia.WithShape(shape...)}
	node := gorgonia.NewTensor(b.Graph, b.dtype, len(shape), opts...)
	b.Params = append(b.Params, Param{Name: name, Node: node, Trained: trained, Init: init})
	return node
}

// encoder is B, (n, d): trained as W with normalised rows, started from N(0, 1/d), or Haar.
func (b *builder) encoder() *gorgonia.Node {
	n, d := b.Config.Code, b.Config.Dim
	if b.Config.Encoder == "haar" {
		return b.param(EncoderWeight, false, Init{Kind: "haar"}, n, d)
	}
	w := b.param(EncoderWeight, true, Init{Kind: "normal", Std: 1 / math.Sqrt(float64(d))}, n, d)
	return b.named("encoder", b.apply(RowNormalize{}, w))
}

// decode is A·y for every row of y, (b, d): with a matrix A started from N(0, 0.01/n), or
// weight-tied as α·Bᵀ.
func (b *builder) decode(y, enc *gorgonia.Node) *gorgonia.Node {
	n, d := b.Config.Code, b.Config.Dim
	if b.Config.Tied {
		alpha := b.param(DecoderScale, true, Init{Kind: "values", Values: []float32{0.5}}, 1)
		return b.named("u", b.apply(Scale{}, b.mul(y, enc), alpha))
	}
	a := b.param(DecoderWeight, true, Init{Kind: "normal", Std: 0.1 / math.Sqrt(float64(n))}, d, n)
	return b.named("u", b.mulT(y, a))
}

// mul is X·Y.
func (b *builder) mul(x, y *gorgonia.Node) *gorgonia.Node { return b.apply(MatMul{}, x, y) }

// mulT is X·Yᵀ.
func (b *builder) mulT(x, y *gorgonia.Node) *gorgonia.Node {
	return b.apply(MatMul{TransB: true}, x, y)
}

// sign is the code, remembered as the model's.
func (b *builder) sign(z *gorgonia.Node) *gorgonia.Node {
	b.Code = b.named("code", b.apply(SignSTE{Tau: b.Config.Tau}, b.named("z", z)))
	return b.Code
}

// denoise is f(u; θ) with trained θ.
func (b *builder) denoise(u *gorgonia.Node) *gorgonia.Node {
	f := b.Config.Denoiser
	theta := b.param(DenoiserTheta, true, Init{Kind: "values", Values: start[f]}, f.Params())
	return b.apply(Denoise{Family: f}, u, theta)
}

// reconstruct makes x̂ the model's output and its error the loss.
func (b *builder) reconstruct(xhat, x *gorgonia.Node) {
	b.Output = b.named("output", xhat)
	b.Loss = b.named("loss", b.apply(MSE{}, xhat, x))
}
