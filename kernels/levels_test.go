package kernels

import (
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
)

// eachLevel runs a test at every level of this processor.
func eachLevel(t *testing.T, f func(t *testing.T, level Level)) {
	t.Helper()
	for _, level := range Levels() {
		t.Run(level.String(), func(t *testing.T) { f(t, level) })
	}
}

// testedLevels are the levels that are compared with the scalar one. Short tests, which run on emulated processors, take the best one:
// make test takes the others.
func testedLevels() []Level {
	levels := Levels()[1:]
	if testing.Short() && len(levels) > 1 {
		return levels[len(levels)-1:]
	}
	return levels
}

// lengths straddle the vectors of 8 and 16 lanes, the unrolled trips and the runs of the float32 sums.
var lengths = []int{0, 1, 3, 7, 8, 9, 15, 16, 17, 31, 32, 33, 64, 100, 127, 128, 129, 1000, 1027, 4096, 4100, 16384, 16400}

// fence is written around every destination and must survive.
const fence = 12345

// fenced returns a slice of n elements inside a larger one, and a check that nothing around it was written.
// The slice starts at no particular alignment.
func fenced(n int) ([]float32, func(*testing.T)) {
	const margin = 37
	whole := make([]float32, n+2*margin)
	for i := range whole {
		whole[i] = fence
	}
	return whole[margin : margin+n : margin+n], func(t *testing.T) {
		t.Helper()
		for i, v := range whole {
			if (i < margin || i >= margin+n) && v != fence {
				t.Fatalf("length %d: wrote %g at %d", n, v, i-margin)
			}
		}
	}
}

// values returns n numbers of mixed size and sign: standard normals, with a few large and tiny ones and zeros.
func values(n int, seed uint64) []float32 {
	r := rand.New(rand.NewPCG(seed, 1))
	x, _ := fenced(n)
	for i := range x {
		v := r.NormFloat64()
		switch r.IntN(16) {
		case 0:
			v *= 1e3
		case 1:
			v *= 1e-6
		case 2:
			v = 0
		}
		x[i] = float32(v)
	}
	return x
}

// positive returns n positive numbers.
func positive(n int, seed uint64) []float32 {
	x := values(n, seed)
	for i, v := range x {
		x[i] = abs32(v)
	}
	return x
}

func clone(a []float32) []float32 {
	c, _ := fenced(len(a))
	copy(c, a)
	return c
}

func cloneAll(slices [][]float32) [][]float32 {
	var c [][]float32
	for _, s := range slices {
		c = append(c, clone(s))
	}
	return c
}

// sameBits fails unless got and want hold the same float32, where any two NaN are the same.
func sameBits(t *testing.T, what string, got, want []float32) {
	t.Helper()
	for i := range want {
		g, w := got[i], want[i]
		if math.Float32bits(g) != math.Float32bits(w) && !(g != g && w != w) {
			t.Fatalf("%s: element %d of %d: %g (%#08x), want %g (%#08x)",
				what, i, len(want), g, math.Float32bits(g), w, math.Float32bits(w))
		}
	}
}

// ulp returns the distance of neighbouring float32 at x. Below the smallest normal number it returns the distance at that
// number.
func ulp(x float64) float64 {
	_, e := math.Frexp(x)
	return math.Ldexp(1, max(e-24, -149))
}

// worst keeps the largest of some errors and its argument.
type worst struct {
	err       float64
	in        float32
	got, want float64
}

func (w *worst) see(in float32, got, want, scale float64) {
	err := math.Abs(got-want) / scale
	if math.IsNaN(got) != math.IsNaN(want) {
		err = math.Inf(1)
	}
	if math.IsNaN(want) || got == want {
		return
	}
	if err > w.err {
		*w = worst{err, in, got, want}
	}
}

func (w *worst) check(t *testing.T, limit float64) {
	t.Helper()
	t.Logf("largest error %.3g at %g: %g, want %g", w.err, w.in, w.got, w.want)
	if !(w.err <= limit) {
		t.Errorf("largest error %.3g at %g: %g, want %g; allowed %g", w.err, w.in, w.got, w.want, limit)
	}
}

// specials are the inputs that go wrong first.
var specials = []float32{
	0, float32(math.Copysign(0, -1)), 1, -1, 0.5, -0.5,
	math.SmallestNonzeroFloat32, -math.SmallestNonzeroFloat32, 1e-40, -1e-40, 1.17549435e-38,
	math.MaxFloat32, -math.MaxFloat32, 1e30, -1e30, 87, -87, 88.7, -88.7, 89, 104, -104, 44, -44, 20, -20,
	float32(math.Inf(1)), float32(math.Inf(-1)), float32(math.NaN()),
}

// grid returns specials, a dense grid of [−limit, limit] and of its logarithm.
func grid(limit float64) []float32 {
	x := append([]float32(nil), specials...)
	const n = 50_000
	for i := range n + 1 {
		x = append(x, float32(limit*(2*float64(i)/n-1)))
		v := float32(math.Exp(math.Log(1e-30) + (math.Log(limit)-math.Log(1e-30))*float64(i)/n))
		x = append(x, v, -v)
	}
	return x
}

// elementwise is an operation on slices for the tests that every operation must pass: same bits at every level and
// length, no writes outside, aliasing.
type elementwise struct {
	name string
	// inputs makes the slices of a call; those in outputs are written.
	inputs  func(n int) [][]float32
	outputs []int
	run     func(level Level, s [][]float32)
	// aliases are pairs of slices that may be the same.
	aliases [][2]int
}

var testStream = Stream{Seed: 0x123456789abcdef, Stream: 5, Step: 1<<33 + 7}

var testThetas = map[Family][]float32{
	G1: {0.3, 0.8, -1.5, 0.4},
	G2: {0.3, 0.8, -1.5, 0.4, -0.35, 1.7},
	T1: {0.9, 2.5, 1.2},
	T2: {0.9, 2.5, 1.2, -0.3, -1.1},
	U1: {-0.4, 1.6, 1.3, 0.9},
}

// withSplines adds splines to testThetas.
func withSplines() map[Family][]float32 {
	thetas := maps.Clone(testThetas)
	for _, f := range []Family{Spline(2, false), Spline(33, false), Spline(33, true), Spline(MaxKnots, true)} {
		thetas[f] = values(f.Params(), 4)
	}
	return thetas
}

func two(n int) [][]float32   { return [][]float32{values(n, 1), values(n, 2)} }
func three(n int) [][]float32 { return [][]float32{values(n, 1), values(n, 2), values(n, 3)} }

func elementwiseOps() []elementwise {
	unary := func(name string, f func(Level, []float32, []float32)) elementwise {
		return elementwise{name, two, []int{0}, func(l Level, s [][]float32) { f(l, s[0], s[1]) }, [][2]int{{0, 1}}}
	}
	all := [][2]int{{0, 1}, {0, 2}}
	ops := []elementwise{
		unary("Exp", expLevel), unary("Tanh", tanhLevel),
		unary("Sign", func(l Level, dst, z []float32) { signLevel(l, dst, z, 1000, testStream) }),
		unary("Axpy", func(l Level, dst, a []float32) { axpyLevel(l, dst, a, 0.7) }),
		unary("Scale", func(l Level, dst, a []float32) { scaleLevel(l, dst, a, -0.3) }),
		{"Add", three, []int{0}, func(l Level, s [][]float32) { addLevel(l, s[0], s[1], s[2]) }, all},
		{"Mul", three, []int{0}, func(l Level, s [][]float32) { mulLevel(l, s[0], s[1], s[2]) }, all},
		{"SignGrad", three, []int{0}, func(l Level, s [][]float32) { signGradLevel(l, s[0], s[1], s[2], 0.1) }, all},
		{"MSEGrad", three, []int{0}, func(l Level, s [][]float32) { mseGradLevel(l, s[0], s[1], s[2], 0.01) }, all},
		{"tangentRows", three, []int{0}, func(l Level, s [][]float32) {
			tangentRows(l, s[0], s[1], s[2], []float32{0.3}, []float32{1.7}, len(s[0]))
		}, all[:1]},
		{"scaleRows", two, []int{0}, func(l Level, s [][]float32) { scaleRows(l, s[0], s[1], []float32{1.7}, len(s[0])) }, all[:0]},
		{"Momentum", three, []int{0, 1}, func(l Level, s [][]float32) { momentumLevel(l, s[0], s[1], s[2], 0.01, 0.9, 0.5) }, nil},
		{"RMSProp", func(n int) [][]float32 { return [][]float32{values(n, 1), positive(n, 2), values(n, 3)} }, []int{0, 1},
			func(l Level, s [][]float32) { rmspropLevel(l, s[0], s[1], s[2], 1e-3, 0.9, 1e-10, 0.5) }, nil},
		{"Adam", func(n int) [][]float32 {
			return [][]float32{values(n, 1), values(n, 2), positive(n, 3), values(n, 4)}
		}, []int{0, 1, 2}, func(l Level, s [][]float32) { adamLevel(l, s[0], s[1], s[2], s[3], testAdam) }, nil},
	}
	for f, theta := range withSplines() {
		sums, ws := make([]float64, len(theta)), new(DenoiseWorkspace)
		ops = append(ops,
			unary("Denoise/"+f.String(), func(l Level, dst, u []float32) { denoiseLevel(l, ws, dst, u, theta, f) }),
			elementwise{"DenoiseGrad/" + f.String(), three, []int{0}, func(l Level, s [][]float32) {
				denoiseGradLevel(l, ws, s[0], sums, s[1], s[2], theta, f)
			}, all},
			elementwise{"DenoiseMSE/" + f.String(), three, []int{0}, func(l Level, s [][]float32) {
				denoiseMSELevel(l, ws, s[0], sums, s[1], s[2], theta, 0.02, f)
			}, all})
	}
	return ops
}

var testAdam = AdamStep{LearningRate: 3e-3, Beta1: 0.9, Beta2: 0.999, Epsilon: 1e-8, Correct1: 3.7, Correct2: 334, GradScale: 0.8}

// The scalar level is the reference here; its values are tested op by op.
func TestElementwiseLevelsAgree(t *testing.T) {
	for _, op := range elementwiseOps() {
		t.Run(op.name, func(t *testing.T) {
			for _, n := range lengths {
				inputs := op.inputs(n)
				want := cloneAll(inputs)
				op.run(Scalar, want)
				for _, level := range testedLevels() {
					got := cloneAll(inputs)
					var checks []func(*testing.T)
					for _, o := range op.outputs {
						dst, check := fenced(n)
						copy(dst, got[o])
						got[o] = dst
						checks = append(checks, check)
					}
					op.run(level, got)
					for i := range got {
						sameBits(t, fmt.Sprintf("%v, slice %d", level, i), got[i], want[i])
					}
					for _, check := range checks {
						check(t)
					}
				}
			}
		})
	}
}

func TestElementwiseAliasing(t *testing.T) {
	for _, op := range elementwiseOps() {
		for _, pair := range op.aliases {
			t.Run(fmt.Sprintf("%s/%d=%d", op.name, pair[0], pair[1]), func(t *testing.T) {
				eachLevel(t, func(t *testing.T, level Level) {
					for _, n := range []int{1, 17, 100, 1027} {
						apart, same := op.inputs(n), op.inputs(n)
						copy(apart[pair[0]], apart[pair[1]])
						same[pair[0]] = same[pair[1]]
						op.run(level, apart)
						op.run(level, same)
						sameBits(t, "aliased", same[pair[0]], apart[pair[0]])
					}
				})
			})
		}
	}
}

// Every special value in every lane gives the result of the scalar level, and a NaN input gives a NaN output.
func TestElementwiseSpecials(t *testing.T) {
	for _, op := range elementwiseOps() {
		t.Run(op.name, func(t *testing.T) {
			eachLevel(t, func(t *testing.T, level Level) {
				for in := range op.inputs(1) {
					for _, n := range []int{5, 40} {
						usual := op.inputs(n)
						for _, v := range specials {
							for at := 0; at < n; at += 3 {
								got, want := cloneAll(usual), cloneAll(usual)
								got[in][at], want[in][at] = v, v
								op.run(level, got)
								op.run(Scalar, want)
								for i := range got {
									sameBits(t, fmt.Sprintf("%g in slice %d, lane %d, result %d", v, in, at, i), got[i], want[i])
								}
								reads := in != 0 || op.outputs[0] != 0 || len(op.outputs) > 1 || op.name == "Axpy"
								// The slope of a spline at NaN is that of its first cell, and the NaN goes to the gradient of θ.
								flat := in == 2 && strings.HasPrefix(op.name, "DenoiseGrad/spline")
								if out := got[op.outputs[0]][at]; v != v && reads && !flat && out == out {
									t.Fatalf("NaN in slice %d became %g", in, out)
								}
							}
						}
					}
				}
			})
		})
	}
}

func TestElementwiseAllocations(t *testing.T) {
	for _, op := range elementwiseOps() {
		s := op.inputs(1000)
		if n := testing.AllocsPerRun(10, func() { op.run(best, s) }); n != 0 {
			t.Errorf("%s: %g allocations", op.name, n)
		}
	}
}

func TestUnequalLengthsPanic(t *testing.T) {
	a, b := make([]float32, 4), make([]float32, 5)
	for name, f := range map[string]func(){
		"Sign":     func() { Sign(a, b, 0, Stream{}) },
		"SignGrad": func() { SignGrad(a, a, b, 1) },
		"Denoise":  func() { Denoise(nil, a, a, b, G1) },
		"MSE":      func() { DenoiseMSE(nil, a, make([]float64, 4), a, b, a, 1, G1) },
		"MSE nil":  func() { DenoiseMSE(nil, nil, make([]float64, 4), a, a, a, 1, G1) },
		"Dot":      func() { Dot(a, b) },
		"Adam":     func() { Adam(a, a, b, a, AdamStep{}) },
		"rows":     func() { RowNormalize(a, a[:2], a, 2, 3) },
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("no panic")
				}
			}()
			f()
		})
	}
}
