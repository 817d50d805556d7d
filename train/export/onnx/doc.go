// Package onnx writes a trained model as an ONNX file: the graph of package graph in operators of opset 13, the weights of a
// checkpoint as its initializers. The batch dimension is free. Numbers are float32, in the units of the training data.
//
// sign(0) is +1 in the file; in training it is a fair coin. NaN stays NaN, but a denoiser that is a spline reports NaN as an
// index out of bounds.
//
// The operators are defined in ONNX's Operators.md, the messages in its onnx.proto3. The messages are written with protowire;
// the binary has no generated code.
package onnx
