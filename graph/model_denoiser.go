package graph

// denoiser is the autoencoder with a denoised decoder, ICML 2024, eq. (4): x̂ = f(A·sign(Bx)).
func denoiser(b *builder) {
	x, enc := b.data(), b.encoder(b.gaussian())
	y := b.sign(b.mulT(x, enc)) // (b, n)  the code, eq. (1)
	u := b.decode(y, enc)       // (b, d)  linear estimate, eq. (2)
	f := b.Config.Denoiser
	xhat := b.denoise(DenoiserTheta, f, f.Start(), u) // (b, d)  eq. (4)
	b.reconstruct(xhat, x)
}
