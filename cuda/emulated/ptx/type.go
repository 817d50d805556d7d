package ptx

import "fmt"

// Kind is a family of scalar types.
type Kind int

// The kinds of types: b, u, s, f, bf and pred.
const (
	Untyped Kind = iota
	Unsigned
	Signed
	Float
	Brain // bf16, and bf16x2 with 32 bits
	Predicate
)

// Type is a scalar type.
type Type struct {
	Kind Kind
	Bits int // 1 for predicates
}

var types = map[string]Type{
	"b8": {Untyped, 8}, "b16": {Untyped, 16}, "b32": {Untyped, 32}, "b64": {Untyped, 64},
	"u8": {Unsigned, 8}, "u16": {Unsigned, 16}, "u32": {Unsigned, 32}, "u64": {Unsigned, 64},
	"s8": {Signed, 8}, "s16": {Signed, 16}, "s32": {Signed, 32}, "s64": {Signed, 64},
	"f32": {Float, 32}, "f64": {Float, 64},
	"bf16": {Brain, 16}, "bf16x2": {Brain, 32},
	"pred": {Predicate, 1},
}

// ParseType returns the type of a name such as u32, and false for what is no type or one that is not known, such as f16.
func ParseType(name string) (Type, bool) {
	t, ok := types[name]
	return t, ok
}

// Bytes is the size in memory.
func (t Type) Bytes() int { return (t.Bits + 7) / 8 }

// String is the name in PTX.
func (t Type) String() string {
	for name, u := range types {
		if t == u {
			return name
		}
	}
	return fmt.Sprintf("type of %d bits", t.Bits)
}
