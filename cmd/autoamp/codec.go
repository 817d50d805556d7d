package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"

	"autoamp/datasets"
	"autoamp/train/codec"
)

// codecFlags are the flags of encode and decode.
type codecFlags struct {
	deviceFlags

	Replica int  `default:"0" help:"Which of the models that were trained side by side, counted from 0. Default: ${default}." placeholder:"K"`
	JSON    bool `name:"json" help:"Print the result as one JSON object."`
}

// encodeCmd is autoamp encode.
type encodeCmd struct {
	Model string `complete:"dir" arg:"" help:"Run directory, or a checkpoint in it."`
	In    string `complete:"file" arg:"" help:"FILE.npy, FILE.npz or FILE.npz:NAME: numbers of any type, a sample in each row."`
	Out   string `complete:"file" arg:"" help:"The file of codes to write, such as FILE.a1b."`
	codecFlags
}

// decodeCmd is autoamp decode.
type decodeCmd struct {
	Model string `complete:"dir" arg:"" help:"Run directory or checkpoint of the model that encoded."`
	In    string `complete:"file" arg:"" help:"A file that encode wrote."`
	Out   string `complete:"file" arg:"" help:"The array to write, float32: FILE.npy."`
	codecFlags
	Reference string `complete:"file" help:"The array that was encoded: reports the error." placeholder:"FILE"`
}

// Run encodes.
func (c *encodeCmd) Run(ctx context.Context, a *app) error {
	rows, err := openArray(ctx, c.In)
	if err != nil {
		return err
	}
	defer rows.Close()
	codec, end, err := c.codec(a, c.Model)
	if err != nil {
		return err
	}
	defer end()
	report, err := codec.Encode(ctx, rows, c.Out)
	return c.print(a, c.Out, report, err)
}

// Run decodes.
func (c *decodeCmd) Run(ctx context.Context, a *app) error {
	if strings.HasSuffix(c.Out, ".npz") {
		return usagef("OUT = %s: is written as a .npy file, one array, which is no archive: name it %s.npy", c.Out, strings.TrimSuffix(c.Out, ".npz"))
	}
	var reference datasets.Samples
	if c.Reference != "" {
		rows, err := openArray(ctx, c.Reference)
		if err != nil {
			return err
		}
		defer rows.Close()
		reference = rows
	}
	codec, end, err := c.codec(a, c.Model)
	if err != nil {
		return err
	}
	defer end()
	report, err := codec.Decode(ctx, c.In, c.Out, reference)
	return c.print(a, c.Out, report, err)
}

func openArray(ctx context.Context, path string) (*datasets.Array, error) {
	rows, err := datasets.OpenArray(ctx, path)
	if errors.Is(err, datasets.ErrDamaged) {
		return nil, err
	}
	if err != nil {
		return nil, &usageError{err: err, hint: "numpy.save writes such files"}
	}
	return rows, nil
}

// codec opens the model on the device of the flags, until end is called.
func (c *codecFlags) codec(a *app, model string) (opened *codec.Codec, end func(), err error) {
	exec, err := c.open()
	if err != nil {
		return nil, nil, err
	}
	opened, err = codec.Open(model, c.Replica, exec)
	if err != nil {
		a.release(exec)
		return nil, nil, err
	}
	return opened, func() {
		opened.Close()
		a.release(exec)
	}, nil
}

// print prints the report of a finished command.
func (c *codecFlags) print(a *app, out string, r *codec.Report, err error) error {
	switch {
	case errors.Is(err, codec.ErrOtherModel):
		return &usageError{err: err, hint: "name the run directory of the model that encoded, and its --replica"}
	case err != nil:
		return err
	case c.JSON:
		return json.NewEncoder(a.stdout).Encode(r)
	}
	fmt.Fprintf(a.stdout, "%s: %d rows of %d numbers in %d bits each\n", out, r.Rows, r.Dim, r.Bits)
	fmt.Fprintf(a.stdout, "  %d bytes of codes, %.4f bits per coordinate\n", r.Bytes, r.BitsPer)
	if r.Reference {
		fmt.Fprintf(a.stdout, "  MSE %.6g per coordinate, %s\n", r.MSE, ofMeanSquare(r.Relative))
	}
	return nil
}

// ofMeanSquare says how large an error is against the rows.
func ofMeanSquare(r codec.Ratio) string {
	if math.IsInf(float64(r), 0) {
		return "and the mean square of the rows is 0"
	}
	return fmt.Sprintf("%.4f of the mean square", r)
}
