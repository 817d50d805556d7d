package graph

// shallow is the autoencoder with a linear decoder, ICML 2024, eq. (2): x̂ = A·sign(Bx).
func shallow(b *builder) {
	x, enc := b.data(), b.encoder(b.gaussian())
	y := b.sign(b.mulT(x, enc)) // (b, n)  the code, eq. (1)
	xhat := b.decode(y, enc)    // (b, d)  eq. (2)
	b.reconstruct(xhat, x)
}
