package onnx_test

import (
	"bytes"
	"encoding/binary"
	"io"
	"math"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"

	"autoamp/graph"
	"autoamp/train/export/onnx"
)

// fields are a message's fields by number: numbers as varints in bytes, the rest as their bytes.
type fields map[protowire.Number][][]byte

// decode reads a message, without a schema.
func decode(t *testing.T, data []byte) fields {
	t.Helper()
	out := fields{}
	for len(data) > 0 {
		field, kind, n := protowire.ConsumeTag(data)
		if n < 0 {
			t.Fatal(protowire.ParseError(n))
		}
		data = data[n:]
		if n = protowire.ConsumeFieldValue(field, kind, data); n < 0 {
			t.Fatal(protowire.ParseError(n))
		}
		value := data[:n]
		if kind == protowire.BytesType {
			value, _ = protowire.ConsumeBytes(value)
		}
		out[field], data = append(out[field], value), data[n:]
	}
	return out
}

func (f fields) text(field protowire.Number) string { return string(f[field][0]) }

func (f fields) number(field protowire.Number) uint64 {
	v, _ := protowire.ConsumeVarint(f[field][0])
	return v
}

func TestStructure(t *testing.T) {
	t.Parallel()
	e := newExample(t, models()["denoiser-g2"], 1)
	e.Metadata = []onnx.Property{{Key: "data", Value: "sparse-gaussian"}, {Key: "p", Value: "0.4"}}
	var file bytes.Buffer
	if err := e.Write(&file, onnx.Both); err != nil {
		t.Fatal(err)
	}
	model := decode(t, file.Bytes())
	opset := decode(t, model[8][0])
	if ir, version := model.number(1), opset.number(2); ir != 7 || version != 13 {
		t.Errorf("IR %d, opset %d", ir, version)
	}
	if got := decode(t, model[14][1]); len(model[14]) != 2 || got.text(1) != "p" || got.text(2) != "0.4" {
		t.Errorf("metadata %q", model[14])
	}
	graph := decode(t, model[7][0])
	for field, want := range map[protowire.Number]map[string]uint64{11: {"x": dim}, 12: {"code": codes, "output": dim}} {
		if len(graph[field]) != len(want) {
			t.Errorf("%d inputs or outputs, want %d", len(graph[field]), len(want))
		}
		for _, data := range graph[field] {
			checkMatrix(t, decode(t, data), want)
		}
	}
	checkWeights(t, graph[5], e.Weights)
}

// checkMatrix checks a ValueInfoProto of (batch, columns).
func checkMatrix(t *testing.T, value fields, columns map[string]uint64) {
	t.Helper()
	tensor := decode(t, decode(t, value[2][0])[1][0])
	shape := decode(t, tensor[2][0])
	batch, second := decode(t, shape[1][0]), decode(t, shape[1][1])
	if tensor.number(1) != 1 || batch.text(2) != "batch" || second.number(1) != columns[value.text(1)] {
		t.Errorf("%s: type %d, (%q, %d)", value.text(1), tensor.number(1), batch.text(2), second.number(1))
	}
}

// checkWeights checks that the decoder is in the file as it is, and the encoder with rows of unit length.
func checkWeights(t *testing.T, tensors [][]byte, weights map[string][]float32) {
	t.Helper()
	found := map[string][]float32{}
	for _, data := range tensors {
		tensor := decode(t, data)
		values := make([]float32, len(tensor[9][0])/4)
		if err := binary.Read(bytes.NewReader(tensor[9][0]), binary.LittleEndian, values); err != nil {
			t.Fatal(err)
		}
		found[tensor.text(8)] = values
	}
	if !slices.Equal(found[graph.DecoderWeight], weights[graph.DecoderWeight]) {
		t.Errorf("the decoder is %v", found[graph.DecoderWeight])
	}
	for row := range slices.Chunk(found["encoder"], dim) {
		var square float64
		for _, v := range row {
			square += float64(v) * float64(v)
		}
		if math.Abs(square-1) > 1e-6 {
			t.Errorf("a row of the encoder has the square %g", square)
		}
	}
	if len(found["encoder"]) != codes*dim {
		t.Errorf("the encoder has %d numbers", len(found["encoder"]))
	}
}

// The proxy gradient's second input is for training. The exported model is the same as without it.
func TestProxyGradientLeavesTheModel(t *testing.T) {
	t.Parallel()
	e := newExample(t, models()["relu"], 1)
	var plain, proxy bytes.Buffer
	err := e.Write(&plain, onnx.Both)
	e.Graph.Proxy = true
	if err != nil || e.Write(&proxy, onnx.Both) != nil || !bytes.Equal(plain.Bytes(), proxy.Bytes()) {
		t.Error("another file")
	}
}

func TestRefuses(t *testing.T) {
	t.Parallel()
	e := newExample(t, models()["shallow"], 1)
	if err := e.Write(io.Discard, "middle"); err == nil || !strings.Contains(err.Error(), `part = "middle": must be encoder, decoder or both`) {
		t.Error(err)
	}
	delete(e.Weights, graph.DecoderWeight)
	if err := e.Write(io.Discard, onnx.Both); err == nil || !strings.Contains(err.Error(), "weight decoder.weight: 0 numbers") {
		t.Error(err)
	}
}
