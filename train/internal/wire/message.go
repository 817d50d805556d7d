// Package wire writes protobuf messages field by field, for the few messages that autoamp writes to other programs. The
// binary has no generated code.
package wire

import (
	"math"

	"google.golang.org/protobuf/encoding/protowire"
)

// Message is a protobuf message in the making.
type Message []byte

// Int adds an integer of varint encoding: int32, int64, bool or an enumeration.
func (m *Message) Int(field protowire.Number, v int64) {
	*m = protowire.AppendTag(*m, field, protowire.VarintType)
	*m = protowire.AppendVarint(*m, uint64(v))
}

// Float adds a float.
func (m *Message) Float(field protowire.Number, v float32) {
	*m = protowire.AppendTag(*m, field, protowire.Fixed32Type)
	*m = protowire.AppendFixed32(*m, math.Float32bits(v))
}

// Double adds a double.
func (m *Message) Double(field protowire.Number, v float64) {
	*m = protowire.AppendTag(*m, field, protowire.Fixed64Type)
	*m = protowire.AppendFixed64(*m, math.Float64bits(v))
}

// Text adds a string.
func (m *Message) Text(field protowire.Number, v string) {
	*m = protowire.AppendTag(*m, field, protowire.BytesType)
	*m = protowire.AppendString(*m, v)
}

// Sub adds a message or bytes.
func (m *Message) Sub(field protowire.Number, v []byte) {
	*m = protowire.AppendTag(*m, field, protowire.BytesType)
	*m = protowire.AppendBytes(*m, v)
}
