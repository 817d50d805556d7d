package main

import . "github.com/mmcloughlin/avo/build"

// optimizerKernels are adam.go, momentum.go and rmsprop.go.
func optimizerKernels(m *machine) {
	m.text("adam", "(w, m, v, grad *float32, n int, c *byte)")
	{
		w, m1, v, g, n, c := arg("w"), arg("m"), arg("v"), arg("grad"), arg("n"), arg("c")
		gradScale := m.broadcast(field(c, 0))
		beta1, rest1 := m.broadcast(field(c, 4)), m.broadcast(field(c, 8))
		beta2, rest2 := m.broadcast(field(c, 12)), m.broadcast(field(c, 16))
		rate, correct2, epsilon := m.broadcast(field(c, 20)), m.broadcast(field(c, 24)), m.broadcast(field(c, 28))
		m.each(n, 1, func(p *trip) {
			p.fetch(w, m1, v, g)
			x := m.mul(p.load(g), gradScale)
			a := m.mul(x, rest1)
			VFMADD231PS(p.load(m1), beta1, a)
			b := m.mul(m.mul(x, rest2), x)
			VFMADD231PS(p.load(v), beta2, b)
			p.store(a, m1)
			p.store(b, v)
			root := m.add(m.sqrt(m.mul(b, correct2)), epsilon)
			p.store(m.sub(p.load(w), m.div(m.mul(a, rate), root)), w)
		})
		m.ret()
	}
	m.text("momentum", "(w, m, grad *float32, n int, learningRate, mu, gradScale float32)")
	{
		w, m1, g, n := arg("w"), arg("m"), arg("grad"), arg("n")
		rate, mu, gradScale := m.scalar("learningRate"), m.scalar("mu"), m.scalar("gradScale")
		m.each(n, 2, func(p *trip) {
			a := m.mul(p.load(g), gradScale)
			VFMADD231PS(p.load(m1), mu, a)
			p.store(a, m1)
			x := p.load(w)
			VFNMADD231PS(a, rate, x)
			p.store(x, w)
		})
		m.ret()
	}
	m.text("rmsprop", "(w, v, grad *float32, n int, c *byte)")
	{
		w, v, g, n, c := arg("w"), arg("v"), arg("grad"), arg("n"), arg("c")
		gradScale, rho, rest := m.broadcast(field(c, 0)), m.broadcast(field(c, 4)), m.broadcast(field(c, 8))
		rate, epsilon := m.broadcast(field(c, 12)), m.broadcast(field(c, 16))
		m.each(n, 1, func(p *trip) {
			x := m.mul(p.load(g), gradScale)
			b := m.mul(m.mul(x, rest), x)
			VFMADD231PS(p.load(v), rho, b)
			p.store(b, v)
			root := m.sqrt(m.add(b, epsilon))
			p.store(m.sub(p.load(w), m.div(m.mul(x, rate), root)), w)
		})
		m.ret()
	}
}
