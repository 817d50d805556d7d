package cpp

import (
	"fmt"
	"math"
	"strconv"

	"autoamp/cuda/emulated/ptx"
)

// special are the registers that the hardware sets.
var special = map[string]string{
	"%tid.x": "threadIdx.x", "%tid.y": "threadIdx.y", "%tid.z": "threadIdx.z",
	"%ntid.x": "blockDim.x", "%ntid.y": "blockDim.y", "%ntid.z": "blockDim.z",
	"%ctaid.x": "blockIdx.x", "%ctaid.y": "blockIdx.y", "%ctaid.z": "blockIdx.z",
	"%nctaid.x": "gridDim.x", "%nctaid.y": "gridDim.y", "%nctaid.z": "gridDim.z",
	"%laneid": "lane()", "WARP_SZ": "32u", "%dynamic_smem_size": "dynamic_shared()",
	"%lanemask_eq": "(1u << lane())", "%lanemask_lt": "((1u << lane()) - 1)", "%lanemask_le": "(~0u >> (31 - lane()))",
	"%lanemask_gt": "(~1u << lane())", "%lanemask_ge": "(~0u << lane())",
}

// value writes an operand as a value of a type. A register of another type gives its bits.
func (w *function) value(o ptx.Operand, t ptx.Type) (string, error) {
	switch o := o.(type) {
	case ptx.Reg:
		if o.Type.Kind == ptx.Float && t.Kind == ptx.Float && o.Type != t || (o.Type == predicate) != (t == predicate) {
			return "", fmt.Errorf("%s, of type %s, as %s", o.Name, o.Type, t)
		}
		return registerValue(o, t), nil
	case ptx.Not:
		if t.Kind == ptx.Predicate {
			return "!" + registerName(o.Register.Name), nil
		}
	case ptx.Integer:
		return integer(o.Value, t), nil
	case ptx.Real:
		return float(o, t)
	case ptx.Special:
		if s, ok := special[o.Name]; ok {
			return fmt.Sprintf("((%s)%s)", typeName(t), s), nil
		}
		return "", fmt.Errorf("register %s is not known", o.Name)
	case ptx.Symbol:
		if s, ok := special[o.Name]; ok {
			return s, nil
		}
		address, err := w.address(ptx.Address{Base: o})
		return fmt.Sprintf("((%s)(%s))", typeName(t), address), err
	}
	return "", fmt.Errorf("an operand that is no %s", t)
}

// registerValue writes a register as a value of a type.
func registerValue(r ptx.Reg, t ptx.Type) string {
	name, have, want := registerName(r.Name), typeName(r.Type), typeName(t)
	switch {
	case have == want:
		return name
	case t.Kind == ptx.Float:
		return fmt.Sprintf("from_bits<%s>(%s)", want, name)
	case r.Type.Kind == ptx.Float:
		return fmt.Sprintf("((%s)to_bits(%s))", want, name)
	}
	return fmt.Sprintf("((%s)%s)", want, name)
}

// integer writes a constant as a value of a type.
func integer(v uint64, t ptx.Type) string {
	switch {
	case t.Kind == ptx.Predicate:
		return strconv.FormatBool(v != 0)
	case t.Kind == ptx.Float:
		return fmt.Sprintf("from_bits<%s>(%#xull)", typeName(t), v)
	case t.Bits == 64:
		return fmt.Sprintf("((%s)%#xull)", typeName(t), v)
	case t.Bits == 32 && t.Kind != ptx.Signed:
		return fmt.Sprintf("%#xu", uint32(v))
	}
	return fmt.Sprintf("((%s)%#x)", typeName(t), v&(1<<t.Bits-1))
}

// float writes a constant in hexadecimal, so that it keeps its bits.
func float(x ptx.Real, t ptx.Type) (string, error) {
	if t.Bits != x.Type.Bits {
		return "", fmt.Errorf("a constant of %d bits as %s", x.Type.Bits, t)
	}
	if t.Kind != ptx.Float {
		return integer(x.Pattern, t), nil
	}
	v, suffix := math.Float64frombits(x.Pattern), ""
	if t.Bits == 32 {
		v, suffix = float64(math.Float32frombits(uint32(x.Pattern))), "f"
	}
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return integer(x.Pattern, t), nil
	}
	return "(" + strconv.FormatFloat(v, 'x', -1, t.Bits) + suffix + ")", nil
}

// assign writes an assignment of a value of a type to a destination. A wider register is extended by sign or by zeros.
func assign(to ptx.Operand, t ptx.Type, value string) (string, error) {
	if _, ok := to.(ptx.Sink); ok {
		return fmt.Sprintf("(void)(%s);", value), nil
	}
	r, ok := to.(ptx.Reg)
	if !ok {
		return "", fmt.Errorf("a destination that is no register")
	}
	name, have, want := registerName(r.Name), typeName(r.Type), typeName(t)
	if (have == "bool") != (want == "bool") || r.Type.Bits < t.Bits {
		return "", fmt.Errorf("a result of type %s in %s, of type %s", t, r.Name, r.Type)
	}
	switch {
	case have == want:
	case r.Type.Kind == ptx.Float && t.Kind == ptx.Float:
		return "", fmt.Errorf("a result of type %s in %s, of type %s", t, r.Name, r.Type)
	case r.Type.Kind == ptx.Float:
		value = fmt.Sprintf("from_bits<%s>(%s)", have, value)
	case t.Kind == ptx.Float:
		value = fmt.Sprintf("to_bits(%s)", value)
	default:
		value = fmt.Sprintf("(%s)(%s)", want, value)
	}
	return fmt.Sprintf("%s = %s;", name, value), nil
}
