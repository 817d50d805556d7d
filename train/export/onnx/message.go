package onnx

import (
	"encoding/binary"
	"math"

	"google.golang.org/protobuf/encoding/protowire"
)

// message is a protobuf message in the making. The field numbers below are those of onnx.proto3.
type message []byte

func (m *message) int(field protowire.Number, v int64) {
	*m = protowire.AppendTag(*m, field, protowire.VarintType)
	*m = protowire.AppendVarint(*m, uint64(v))
}

func (m *message) text(field protowire.Number, v string) {
	*m = protowire.AppendTag(*m, field, protowire.BytesType)
	*m = protowire.AppendString(*m, v)
}

func (m *message) sub(field protowire.Number, v message) {
	*m = protowire.AppendTag(*m, field, protowire.BytesType)
	*m = protowire.AppendBytes(*m, v)
}

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
		m.text(1, name)
	}
	m.text(2, o.out)
	m.text(3, o.out) // values have one name each, and so have nodes
	m.text(4, o.op)
	for _, a := range o.attributes {
		var attr message
		attr.text(1, a.name)
		attr.int(3, a.value)
		attr.int(20, 2) // INT
		m.sub(5, attr)
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
		m.int(1, int64(n))
	}
	m.int(2, float)
	m.text(8, t.name)
	raw := make(message, 0, 4*len(t.values))
	for _, v := range t.values {
		raw = binary.LittleEndian.AppendUint32(raw, math.Float32bits(v))
	}
	m.sub(9, raw)
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
	batch.text(2, "batch")
	columns.int(1, int64(v.columns))
	shape.sub(1, batch)
	shape.sub(1, columns)
	tensor.int(1, float)
	tensor.sub(2, shape)
	kind.sub(1, tensor)
	m.text(1, v.name)
	m.sub(2, kind)
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
		m.sub(1, o.message())
	}
	m.text(2, g.name)
	for _, t := range g.initializers {
		m.sub(5, t.message())
	}
	for _, v := range g.in {
		m.sub(11, v.message())
	}
	for _, v := range g.out {
		m.sub(12, v.message())
	}
	return m
}

// Property is an entry of the file's metadata.
type Property struct{ Key, Value string }

// model is a ModelProto.
func (g *graphProto) model(version, doc string, metadata []Property) (m message) {
	m.int(1, irVersion)
	m.text(2, "autoamp")
	m.text(3, version)
	m.text(6, doc)
	m.sub(7, g.message())
	var opset message
	opset.text(1, "")
	opset.int(2, Opset)
	m.sub(8, opset)
	for _, p := range metadata {
		var entry message
		entry.text(1, p.Key)
		entry.text(2, p.Value)
		m.sub(14, entry)
	}
	return m
}

// Opset is the version of the operators, irVersion that of the messages.
const (
	Opset     = 13
	irVersion = 7
)
