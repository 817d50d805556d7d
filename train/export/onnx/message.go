package onnx

import (
	"encoding/binary"
	"math"

	"autoamp/train/internal/wire"
)

// message is a protobuf message. The field numbers below are those of onnx.proto3.
type message = wire.Message

// float is TensorProto.DataType.FLOAT, int64Type its INT64.
const (
	float     = 1
	int64Type = 7
)

// operator is a NodeProto: inputs, outputs, operator and its integer attributes.
type operator struct {
	op         string
	in         []string
	out        string
	attributes []attribute
}

// attribute is an AttributeProto of an integer.
type attribute struct {
	name  string
	value int64
}

func (o operator) message() (m message) {
	for _, name := range o.in {
		m.Text(1, name)
	}
	m.Text(2, o.out)
	m.Text(3, o.out) // values have one name each, and so have nodes
	m.Text(4, o.op)
	for _, a := range o.attributes {
		var attr message
		attr.Text(1, a.name)
		attr.Int(3, a.value)
		attr.Int(20, 2) // INT
		m.Sub(5, attr)
	}
	return m
}

// initializer is a TensorProto of float32 numbers; the shape of a scalar is empty.
type initializer struct {
	name   string
	shape  []int
	values []float32
}

func (t initializer) message() (m message) {
	for _, n := range t.shape {
		m.Int(1, int64(n))
	}
	m.Int(2, float)
	m.Text(8, t.name)
	raw := make(message, 0, 4*len(t.values))
	for _, v := range t.values {
		raw = binary.LittleEndian.AppendUint32(raw, math.Float32bits(v))
	}
	m.Sub(9, raw)
	return m
}

// bytes is the size of the numbers.
func (t initializer) bytes() int { return 4 * len(t.values) }

// matrix is a ValueInfoProto of float32 numbers, (batch, columns), with a free batch dimension.
type matrix struct {
	name    string
	columns int
}

func (v matrix) message() (m message) {
	var batch, columns, shape, tensor, kind message
	batch.Text(2, "batch")
	columns.Int(1, int64(v.columns))
	shape.Sub(1, batch)
	shape.Sub(1, columns)
	tensor.Int(1, float)
	tensor.Sub(2, shape)
	kind.Sub(1, tensor)
	m.Text(1, v.name)
	m.Sub(2, kind)
	return m
}

// graphProto is a GraphProto.
type graphProto struct {
	name         string
	operators    []operator
	initializers []initializer
	in, out      []matrix
}

func (g *graphProto) message() (m message) {
	for _, o := range g.operators {
		m.Sub(1, o.message())
	}
	m.Text(2, g.name)
	for _, t := range g.initializers {
		m.Sub(5, t.message())
	}
	for _, v := range g.in {
		m.Sub(11, v.message())
	}
	for _, v := range g.out {
		m.Sub(12, v.message())
	}
	return m
}

// Property is an entry of the file's metadata.
type Property struct{ Key, Value string }

// model is a ModelProto.
func (g *graphProto) model(version, doc string, metadata []Property) (m message) {
	m.Int(1, irVersion)
	m.Text(2, "autoamp")
	m.Text(3, version)
	m.Text(6, doc)
	m.Sub(7, g.message())
	var opset message
	opset.Text(1, "")
	opset.Int(2, Opset)
	m.Sub(8, opset)
	for _, p := range metadata {
		var entry message
		entry.Text(1, p.Key)
		entry.Text(2, p.Value)
		m.Sub(14, entry)
	}
	return m
}

// Opset is the version of the operators, irVersion that of the messages.
const (
	Opset     = 13
	irVersion = 7
)
