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
	Files []string `complete:"file" arg:"" help:"MODEL IN OUT, or IN OUT with --rotation. MODEL: run directory, or a checkpoint in it. IN: FILE.npy, FILE.npz or FILE.npz:NAME, numbers of any type, a sample in each row. OUT: the file of codes to write, such as FILE.a1b."`
	codecFlags
	rotationFlags
}

// decodeCmd is autoamp decode.
type decodeCmd struct {
	Files []string `complete:"file" arg:"" help:"MODEL IN OUT, or IN OUT for codes by a rotation. MODEL: run directory or checkpoint of the model that encoded. IN: a file that encode wrote. OUT: the array to write, float32, FILE.npy."`
	codecFlags
	decoderFlags
	Reference string `complete:"file" help:"The array that was encoded: reports the error." placeholder:"FILE"`
}

// Run encodes.
func (c *encodeCmd) Run(ctx context.Context, a *app) error {
	model, in, out, err := threeFiles(c.Files, c.Rotation == "", "--rotation encodes without a model")
	if err != nil {
		return err
	}
	if err := c.checkModel(model); err != nil {
		return err
	}
	rows, err := openArray(ctx, in)
	if err != nil {
		return err
	}
	defer rows.Close()
	if model == "" {
		return c.rotated(ctx, a, rows, out)
	}
	codec, end, err := c.codec(a, model)
	if err != nil {
		return err
	}
	defer end()
	codec.Progress = newPoints(a, "encode", "row").update
	report, err := codec.Encode(ctx, rows, out)
	a.clear()
	return c.print(a, out, report, err)
}

// threeFiles returns MODEL, IN and OUT; MODEL is empty where there is none.
func threeFiles(files []string, model bool, without string) (name, in, out string, err error) {
	switch {
	case len(files) == 3 && model:
		return files[0], files[1], files[2], nil
	case len(files) == 2 && !model:
		return "", files[0], files[1], nil
	case model:
		return "", "", "", usagef("%d files: want MODEL IN OUT; %s", len(files), without)
	}
	return "", "", "", usagef("%d files: want IN OUT; %s", len(files), without)
}

// Run decodes.
func (c *decodeCmd) Run(ctx context.Context, a *app) error {
	model, in, out, err := threeFiles(c.Files, len(c.Files) != 2, "codes by a rotation need no model: IN OUT")
	if err != nil {
		return err
	}
	if strings.HasSuffix(out, ".npz") {
		return usagef("OUT = %s: is written as a .npy file, one array, which is no archive: name it %s.npy", out, strings.TrimSuffix(out, ".npz"))
	}
	if err := c.checkModel(model); err != nil {
		return err
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
	if model == "" {
		return c.rotated(ctx, a, in, out, reference)
	}
	codec, end, err := c.codec(a, model)
	if err != nil {
		return err
	}
	defer end()
	codec.Progress = newPoints(a, "decode", "row").update
	report, err := codec.Decode(ctx, in, out, reference)
	a.clear()
	return c.print(a, out, report, err)
}

func openArray(ctx context.Context, path string) (*datasets.Array, error) {
	rows, err := datasets.OpenArray(ctx, path)
	if err != nil {
		return nil, arrayError(err)
	}
	return rows, nil
}

// arrayError is the error of an array that could not be opened. The user chose the wrong file, unless the file is damaged.
func arrayError(err error) error {
	switch {
	case errors.Is(err, datasets.ErrDamaged):
		return err
	case errors.Is(err, datasets.ErrNotNumPy):
		return &usageError{err: err, hint: "numpy.save writes such files"}
	}
	return &usageError{err: err}
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
	case errors.Is(err, codec.ErrRotatedCodes):
		return &usageError{err: err, hint: "autoamp decode IN OUT"}
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
