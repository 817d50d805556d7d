package cuda

// Speed is what a device reaches in a step, and what it can reach at all, in units of 10⁹.
type Speed struct {
	// CopyGBs are the bytes read and written in a second by a large copy.
	CopyGBs float64
	// ProductGFLOPS is the rate of a large product in the executor's precision; in split precision of one product of bf16.
	ProductGFLOPS float64
	// PassesGBs are the bytes that the passes of a step outside of products read and write, in a second of their time.
	PassesGBs float64
	// InProductsGFLOPS is the rate of a step's products as they are executed, in their time.
	InProductsGFLOPS float64
	// ProductsShare is the share of a step's time spent in products.
	ProductsShare float64
}
