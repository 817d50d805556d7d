package main

import (
	"fmt"
	"path/filepath"

	"autoamp/train/export"
	"autoamp/train/export/onnx"
)

// exportCmd is autoamp export.
type exportCmd struct {
	Model   string `complete:"dir" arg:"" help:"Run directory, or a checkpoint in it."`
	Out     string `complete:"file" arg:"" help:"The file to write: FILE.onnx."`
	Part    string `default:"both" enum:"encoder,decoder,both" help:"encoder, from rows to codes; decoder, from codes to rows; or both. Default: ${default}." placeholder:"PART"`
	Replica int    `default:"0" help:"Which of the models that were trained side by side, counted from 0. Default: ${default}." placeholder:"K"`
}

// Run exports.
func (c *exportCmd) Run(a *app) error {
	if filepath.Ext(c.Out) != ".onnx" {
		return usagef("OUT = %s: must end in .onnx", c.Out)
	}
	model, err := export.Load(c.Model, c.Replica, revision())
	if err != nil {
		return err
	}
	if err := export.Write(model, onnx.Part(c.Part), c.Out); err != nil {
		return err
	}
	fmt.Fprintf(a.stdout, "%s: %s of %s, rows of %d numbers, codes of %d, ONNX opset %d\n",
		c.Out, c.Part, model.Graph.Model, model.Graph.Dim, model.Graph.Code, onnx.Opset)
	return nil
}
