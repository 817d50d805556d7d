package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"

	"autoamp/amp"
	"autoamp/datasets"
	"autoamp/train/codec"
	"autoamp/train/codec/inference"
	"autoamp/train/codec/law"
	"autoamp/train/codec/rotation"
)

// rotationFlags are those of encode without a model.
type rotationFlags struct {
	Rotation string   `complete:"haar,hadamard" group:"rotation" help:"Encode without a model, by the signs of a rotation: hadamard, fast, or haar, the theory's." placeholder:"KIND"`
	Rate     *float64 `group:"rotation" help:"Bits of code per coordinate, r = n/d. Default: 1." placeholder:"R"`
	Seed     *uint64  `group:"rotation" help:"Seed of the rotation. Default: 1." placeholder:"S"`
	Law      string   `complete:"@laws" group:"rotation" help:"Law of a coordinate, for the decoders: auto, or the best of a list of laws' names and empirical. Default: auto." placeholder:"NAME,..."`
	Norms    bool     `group:"rotation" help:"Store the norm of each row, 8 bits: for rows of unequal energy, such as images."`
	Factors  bool     `group:"rotation" help:"Store how well each row agrees with its code, 8 bits: for unbiased inner products."`
}

// decoderFlags are those of decode without a model.
type decoderFlags struct {
	Decoder    string  `complete:"linear,denoiser,rigamp,vamp" group:"rotation" help:"For codes by a rotation: linear, denoiser, rigamp or vamp. Default: vamp." placeholder:"NAME"`
	Iterations int     `group:"rotation" help:"Iterations of rigamp, up to 7, or vamp. Default: as many as bring the predicted error within 0.1 % of its limit." placeholder:"K"`
	Damping    float64 `group:"rotation" help:"Share of vamp's messages that is kept from the iteration before: for rows that are not as the law says." placeholder:"X"`
	Unbiased   bool    `group:"rotation" help:"Scale linear estimates so that inner products with them are unbiased."`
}

// checkModel refuses flags that do not apply with a model, or without one.
func (c *encodeCmd) checkModel(model string) error {
	if model == "" {
		return c.onlyCPU()
	}
	if c.Rate != nil || c.Seed != nil || c.Law != "" || c.Norms || c.Factors {
		return usagef("--rate, --seed, --law, --norms and --factors need --rotation: a model has its own")
	}
	return nil
}

func (c *decodeCmd) checkModel(model string) error {
	if model == "" {
		return c.onlyCPU()
	}
	if c.decoderFlags != (decoderFlags{}) {
		return usagef("--decoder, --iterations, --damping and --unbiased are for codes by a rotation: a model has its own decoder")
	}
	return nil
}

// onlyCPU refuses flags of models.
func (c *codecFlags) onlyCPU() error {
	if c.Device != "cpu" || c.Replica != 0 {
		return usagef("--device = %s, --replica = %d: a rotation runs on the CPU and is one", c.Device, c.Replica)
	}
	return nil
}

// encoding reads the flags.
func (c *encodeCmd) encoding() (e codec.Encoding, err error) {
	e = codec.Encoding{Rate: 1, Seed: 1, Side: codec.Side{Norms: c.Norms, Factors: c.Factors}, Threads: c.threads()}
	if e.Kind, err = rotation.ParseKind(c.Rotation); err != nil {
		return e, usagef("--%w", err)
	}
	if e.Laws, err = law.ParseNames(cmp.Or(c.Law, law.Auto)); err != nil {
		return e, usagef("--%w", err)
	}
	if c.Rate != nil {
		e.Rate = *c.Rate
	}
	if c.Seed != nil {
		e.Seed = *c.Seed
	}
	if !(e.Rate > 0) || math.IsInf(e.Rate, 0) {
		return e, usagef("--rate = %g: must be positive", e.Rate)
	}
	return e, nil
}

// rotated encodes without a model.
func (c *encodeCmd) rotated(ctx context.Context, a *app, rows datasets.Samples, out string) error {
	e, err := c.encoding()
	if err != nil {
		return err
	}
	e.Progress = newPoints(a, "encode", "row").update
	done, err := codec.EncodeRotated(ctx, rows, out, e)
	a.clear()
	if err != nil {
		return err
	}
	r, err := done.Report()
	if err != nil {
		return err
	}
	if c.JSON {
		return json.NewEncoder(a.stdout).Encode(r)
	}
	printRotated(a, out, &r.RotatedReport)
	fmt.Fprintf(a.stdout, "  law of a coordinate: %s, %.2g nats from the sample\n", done.Header.Law, r.Law.Divergence)
	fmt.Fprintf(a.stdout, "  mean square %.6g, of which unequal rows leave %.4f\n\n", r.MeanSquare, r.Concentration)
	fmt.Fprintf(a.stdout, "  decoder    predicted MSE\n")
	for _, m := range inference.Methods() {
		fmt.Fprintf(a.stdout, "  %-9v  %.6g\n", m, r.Predicted[m.String()])
	}
	printShannon(a, "  %-9s  %.6g\n", &r.RotatedReport)
	return nil
}

// printRotated prints what the file holds.
func printRotated(a *app, out string, r *codec.RotatedReport) {
	side := ""
	if r.Side > 0 {
		side = fmt.Sprintf(" and %d beside them", r.Side)
	}
	fmt.Fprintf(a.stdout, "%s: %d rows of %d numbers in %d bits each%s, by a %s rotation of seed %d\n", out, r.Rows, r.Dim, r.Bits, side, r.Rotation, r.Seed)
	fmt.Fprintf(a.stdout, "  %d bytes of codes, %.4f bits per coordinate\n", r.Bytes, r.BitsPer)
}

// printShannon prints the bound where there is one.
func printShannon(a *app, format string, r *codec.RotatedReport) {
	if r.Shannon != nil {
		fmt.Fprintf(a.stdout, format, "shannon", *r.Shannon)
	}
}

// decoding reads the flags.
func (c *decodeCmd) decoding() (o codec.Decoding, err error) {
	o = codec.Decoding{Unbiased: c.Unbiased, Threads: c.threads()}
	o.Settings = inference.Settings{Iterations: c.Iterations, Damping: c.Damping}
	if o.Method, err = inference.ParseMethod(cmp.Or(c.Decoder, inference.VAMP.String())); err != nil {
		return o, usagef("--%w", err)
	}
	if err := o.Check(); err != nil {
		return o, usagef("%w", err)
	}
	return o, nil
}

// rotated decodes without a model.
func (c *decodeCmd) rotated(ctx context.Context, a *app, in, out string, reference datasets.Samples) error {
	o, err := c.decoding()
	if err != nil {
		return err
	}
	file, err := codec.OpenRotated(in)
	if errors.Is(err, codec.ErrModelCodes) {
		return &usageError{err: err, hint: "autoamp decode MODEL IN OUT"}
	}
	if err != nil {
		return err
	}
	defer file.Close()
	o.Progress = newPoints(a, "decode", "row").update
	r, err := file.Decode(ctx, out, reference, o)
	a.clear()
	if err != nil {
		return err
	}
	if c.JSON {
		return json.NewEncoder(a.stdout).Encode(r)
	}
	printRotated(a, out, &r.RotatedReport)
	fmt.Fprintf(a.stdout, "  decoder %s, iterations %d\n", r.Decoder, r.Iterations)
	if r.Reference {
		fmt.Fprintf(a.stdout, "  %-9s MSE %.6g per coordinate, %s\n", "found", r.MSE, ofMeanSquare(r.Relative))
	}
	fmt.Fprintf(a.stdout, "  %-9s MSE %.6g\n", "predicted", r.Predicted)
	printShannon(a, "  %-9s MSE %.6g\n", &r.RotatedReport)
	for _, s := range []amp.Status{amp.IterationLimit, amp.Contradicted, amp.Diverged} {
		if n := r.Status[s.String()]; n > 0 {
			fmt.Fprintf(a.stdout, "  %d rows: %v\n", n, s)
		}
	}
	return nil
}
