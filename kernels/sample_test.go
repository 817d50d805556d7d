package kernels

import (
	"fmt"
	"math"
	"testing"
)

// Random123's kat_vectors for philox4x32 with 10 rounds.
func TestPhiloxKnownAnswers(t *testing.T) {
	const f = 0xffffffff
	for _, test := range []struct {
		counter [4]uint32
		key     [2]uint32
		want    [4]uint32
	}{
		{[4]uint32{}, [2]uint32{}, [4]uint32{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
		{[4]uint32{f, f, f, f}, [2]uint32{f, f}, [4]uint32{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
		{
			[4]uint32{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, [2]uint32{0xa4093822, 0x299f31d0},
			[4]uint32{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1},
		},
	} {
		if got := Philox(test.counter, test.key); got != test.want {
			t.Errorf("Philox(%#x, %#x) = %#x, want %#x", test.counter, test.key, got, test.want)
		}
	}
}

func testLaws() []Law {
	list := []Law{{Kind: Gaussian}}
	for _, p := range []float64{1e-3, 0.1, 0.5, 1} {
		for _, k := range Laws()[1:] {
			if list = append(list, Law{Kind: k, P: p}); k.UsesMean() {
				list[len(list)-1].Mean = 1
				list = append(list, Law{Kind: k, P: p, Mean: 0.3})
			}
		}
	}
	return list
}

func (l Law) testName() string { return fmt.Sprintf("%v/p=%g/m=%g", l.Kind, l.P, l.Mean) }

// The same bits at every level, length and offset.
func TestSampleLevelsAgree(t *testing.T) {
	const n = 1 << 16
	for _, law := range testLaws() {
		t.Run(law.testName(), func(t *testing.T) {
			want := make([]float32, n)
			sampleLevel(Scalar, want, 0, law, testStream)
			for _, level := range testedLevels() {
				got := make([]float32, n)
				sampleLevel(level, got, 0, law, testStream)
				sameBits(t, level.String(), got, want)
				for _, length := range lengths {
					for _, offset := range []int{0, 1, 31, 32, 33, 1000} {
						part, check := fenced(length)
						sampleLevel(level, part, offset, law, testStream)
						sameBits(t, fmt.Sprintf("%v, offset %d", level, offset), part, want[offset:offset+length])
						check(t)
					}
				}
			}
		})
	}
}

// The elements against the definition in float64: 4.5 ulp of the value, and of the mixture's mean, which it may cancel.
func TestSampleValues(t *testing.T) {
	const n = 1 << 17
	x := make([]float32, n)
	for _, law := range testLaws()[:len(Laws())+1] {
		eachLevel(t, func(t *testing.T, level Level) {
			sampleLevel(level, x, 0, law, testStream)
			var w worst
			for i, v := range x {
				want := exactSample(law, i, testStream)
				w.see(float32(i), float64(v), want, ulp(math.Abs(want)+law.Mean))
			}
			w.check(t, 4.5)
		})
	}
}

// exactSample is the head of sample.go in float64.
func exactSample(law Law, i int, s Stream) float64 {
	block, second, l := i/32, i%32/16, i%16
	w := s.words(uint32(16*block + l))
	p := law.P
	if law.Kind == Gaussian {
		p = 1
	}
	m := w[2+second]
	if float64(m>>1) >= math.Round(p*(1<<31)) {
		return 0
	}
	sign := 1 - 2*float64(m&1)
	u := func(w uint32) float64 { return (float64(w) + 0.5) / (1 << 32) }
	r, turn := math.Sqrt(-2*math.Log(u(w[0]))), 2*math.Pi*float64(w[1])/(1<<32)
	normal := r * math.Cos(turn)
	if second == 1 {
		normal = r * math.Sin(turn)
	}
	switch law.Kind {
	case Gaussian, SparseGaussian:
		return normal / math.Sqrt(p)
	case SparseRademacher:
		return sign / math.Sqrt(p)
	case SparseLaplace:
		return -sign * math.Log(u(w[second])) / math.Sqrt(2*p)
	case SparseUniform:
		return (float64(int32(w[second])) + 0.5) / (1 << 31) * math.Sqrt(3/p)
	case SparseMixture:
		return sign*law.Mean + normal*math.Sqrt(1/p-law.Mean*law.Mean)
	}
	return math.NaN() // no definition here: the test fails
}

// The logarithm and the angle at the ends of their ranges, where random draws never come: against float64 in ulp.
func TestNormalExtremes(t *testing.T) {
	words := []uint32{0, 1, 2, 3, 7, 1 << 23, 1<<24 + 1, 1<<29 - 1, 1 << 29, 1<<30 - 1, 1 << 30, 1<<30 + 1,
		1<<31 - 1, 1 << 31, 1<<31 + 1, 0xb504f333, 0xb504f334, 3 << 30, 0xfffffff0, 0xfffffffe, 0xffffffff}
	for i := range uint32(20000) {
		words = append(words, i*214748+i%977)
	}
	var log, cos, sin worst
	for _, w := range words {
		u := (float64(w) + 0.5) / (1 << 32)
		want := -math.Log(u)
		if u > 0.5 {
			want = -math.Log1p((float64(w) + 0.5 - (1 << 32)) / (1 << 32))
		}
		log.see(float32(w), float64(minusLog(w)), want, ulp(want))
		c, s := turn(w)
		// The exact angle by its distance to the nearest quarter turn, which float64's own π would blur.
		quarters := math.Round(float64(w) / (1 << 30))
		rest := (float64(w)/(1<<30) - quarters) * math.Pi / 2
		exactS, exactC := math.Sincos(rest)
		for range int(quarters) % 4 {
			exactC, exactS = -exactS, exactC
		}
		cos.see(float32(w), float64(c), exactC, ulp(exactC))
		sin.see(float32(w), float64(s), exactS, ulp(exactS))
	}
	log.check(t, 3.5)
	cos.check(t, 2.5)
	sin.check(t, 2.5)
}

// draws is the number of draws of a test of moments. Short tests take a sixteenth: the samples of every level are the scalar level's bits, and
// make test takes all.
func draws(n float64) float64 {
	if testing.Short() {
		return n / 16
	}
	return n
}

// Moments of N samples within 4 standard errors, from the exact moments of the law.
func TestSampleMoments(t *testing.T) {
	n := draws(1 << 21)
	x := make([]float32, int(n))
	for _, law := range testLaws() {
		t.Run(law.testName(), func(t *testing.T) {
			Sample(x, 0, law, testStream)
			p, m := law.P, law.Mean
			if law.Kind == Gaussian {
				p = 1
			}
			m2, m4, m8 := moments(law.Kind, p, m)
			var s1, s2, s4, nonzero float64
			for _, v := range x {
				q := float64(v) * float64(v)
				s1 += float64(v)
				s2 += q
				s4 += q * q
				if v != 0 {
					nonzero++
				}
			}
			near(t, "mean", s1/n, 0, 4*math.Sqrt(m2/n))
			near(t, "second moment", s2/n, m2, 4*math.Sqrt((m4-m2*m2)/n)+1e-6)
			near(t, "fourth moment", s4/n, m4, 4*math.Sqrt((m8-m4*m4)/n)+1e-6*m4)
			near(t, "non-zero", nonzero/n, p, 4*math.Sqrt(p*(1-p)/n))
		})
	}
}

// moments returns the second, fourth and eighth moment of a law.
func moments(kind LawKind, p, m float64) (m2, m4, m8 float64) {
	switch kind {
	case Gaussian, SparseGaussian:
		return 1, 3 / p, 105 / (p * p * p)
	case SparseRademacher:
		return 1, 1 / p, 1 / (p * p * p)
	case SparseLaplace:
		b := 1 / math.Sqrt(2*p)
		return 1, p * 24 * math.Pow(b, 4), p * 40320 * math.Pow(b, 8)
	case SparseUniform:
		return 1, 1.8 / p, 9 / (p * p * p)
	case SparseMixture:
		s := math.Sqrt(1/p - m*m)
		s2, q := s*s, m*m
		return 1, p * (q*q + 6*q*s2 + 3*s2*s2),
			p * (q*q*q*q + 28*q*q*q*s2 + 210*q*q*s2*s2 + 420*q*s2*s2*s2 + 105*s2*s2*s2*s2)
	}
	return math.NaN(), math.NaN(), math.NaN() // no definition here: the test fails
}

// The distribution function of the normals at a few points, tails included: binomial standard errors.
func TestNormalTails(t *testing.T) {
	n := draws(1 << 22)
	x := make([]float32, int(n))
	Normal(x, 0, 1, Stream{Seed: 3})
	for _, at := range []float64{-4, -3, -2, -1, -0.5, 0, 0.5, 1, 2, 3, 4} {
		below := 0.0
		for _, v := range x {
			if float64(v) < at {
				below++
			}
		}
		p := math.Erfc(-at/math.Sqrt2) / 2
		near(t, fmt.Sprintf("P(x < %g)", at), below/n, p, 4*math.Sqrt(p*(1-p)/n))
	}
}

func TestNormalScales(t *testing.T) {
	eachLevel(t, func(t *testing.T, level Level) {
		unit, scaled := make([]float32, 1000), make([]float32, 1000)
		sampleLevel(level, unit, 5, Law{Kind: Gaussian}, testStream)
		normalLevel(level, scaled, 5, 0.25, testStream)
		for i := range unit {
			if scaled[i] != unit[i]/4 {
				t.Fatalf("element %d: %g, want %g/4", i, scaled[i], unit[i])
			}
		}
	})
}

// Another seed, stream or step, and a shift within the sequence, is uncorrelated: 4 standard errors.
func TestStreamsAreIndependent(t *testing.T) {
	const n = 1 << 18
	law := Law{Kind: SparseGaussian, P: 0.5}
	a, b := make([]float32, n), make([]float32, n)
	Sample(a, 0, law, testStream)
	s := testStream
	others := map[string]func(){
		"seed low":  func() { s.Seed ^= 1 },
		"seed high": func() { s.Seed ^= 1 << 40 },
		"stream":    func() { s.Stream++ },
		"step":      func() { s.Step++ },
		"step high": func() { s.Step ^= 1 << 32 },
	}
	for name, change := range others {
		s = testStream
		change()
		Sample(b, 0, law, s)
		near(t, name, mean(a, b), 0, 4/math.Sqrt(n))
	}
	for _, shift := range []int{1, 16, 32} {
		near(t, fmt.Sprintf("shift %d", shift), mean(a[shift:], a[:n-shift]), 0, 4/math.Sqrt(n))
	}
}

func TestSampleRareAndNever(t *testing.T) {
	eachLevel(t, func(t *testing.T, level Level) {
		x := make([]float32, 1<<20)
		count := func(p float64) (n float64) {
			sampleLevel(level, x, 0, Law{Kind: SparseRademacher, P: p}, testStream)
			for _, v := range x {
				if v != 0 {
					n++
				}
			}
			return n
		}
		// Poisson with mean 10.5: outside 1..30 with probability below 1e-4, once and for all seeds fixed here.
		if n := count(1e-5); n < 1 || n > 30 {
			t.Errorf("p = 1e-5: %g of %d are non-zero", n, len(x))
		}
		if n := count(1); n != float64(len(x)) {
			t.Errorf("p = 1: %g of %d are non-zero", n, len(x))
		}
	})
}

func TestSampleAllocations(t *testing.T) {
	x := make([]float32, 1000)
	if n := testing.AllocsPerRun(10, func() { Sample(x, 7, Law{Kind: SparseLaplace, P: 0.3}, testStream) }); n != 0 {
		t.Errorf("%g allocations", n)
	}
}
