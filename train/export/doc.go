// Package export takes a trained model out of its run directory, for other programs. Package onnx has the format.
package export
