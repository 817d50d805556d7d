package cpp

import (
	"fmt"
	"strings"

	"autoamp/cuda/emulated/ptx"
)

// multiply writes mma.sync of bf16 with sums in float32.
func (w *function) multiply(i ptx.Instruction) (string, error) {
	if err := want(i, 4); err != nil {
		return "", err
	}
	if strings.Join(i.Modifiers, ".") != "sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32" {
		return "", fmt.Errorf("only m16n8k16 of bf16 with float32 is known")
	}
	var lists []string
	for k, t := range []ptx.Type{unsigned(32), unsigned(32), float32s[0]} {
		values, err := w.fragment(i.Operands[k+1], t, []int{4, 2, 4}[k])
		if err != nil {
			return "", err
		}
		lists = append(lists, "{"+strings.Join(values, ", ")+"}")
	}
	to, err := w.results(i.Operands[0], float32s[0])
	return fmt.Sprintf("{ float of[4]; mma_bf16(of, %s, %d); %s }", strings.Join(lists, ", "), i.Line, to), err
}

// loadMatrices writes ldmatrix of four matrices.
func (w *function) loadMatrices(i ptx.Instruction) (string, error) {
	if err := want(i, 2); err != nil {
		return "", err
	}
	m := modifiersOf(i)
	if !m.has("x4") || !m.has("m8n8") || !m.has("shared") || !m.only("sync aligned m8n8 x4 trans shared") {
		return "", fmt.Errorf("only m8n8.x4 of shared memory is known")
	}
	at, err := w.address(i.Operands[1])
	if err != nil {
		return "", err
	}
	to, err := w.results(i.Operands[0], unsigned(32))
	return fmt.Sprintf("{ uint32_t of[4]; load_matrices<%t>(of, (uint32_t)(%s), %d); %s }", m.has("trans"), at, i.Line, to), err
}

// fragment writes the registers of a fragment.
func (w *function) fragment(o ptx.Operand, t ptx.Type, count int) ([]string, error) {
	v, _ := o.(ptx.Vector)
	if len(v.Elements) != count {
		return nil, fmt.Errorf("a fragment of %d registers, not %d", len(v.Elements), count)
	}
	return w.values(v.Elements, t)
}

// results writes the assignments of the four elements of an array.
func (w *function) results(o ptx.Operand, t ptx.Type) (string, error) {
	v, _ := o.(ptx.Vector)
	if len(v.Elements) != 4 {
		return "", fmt.Errorf("a fragment of %d registers, not 4", len(v.Elements))
	}
	var list []string
	for k, to := range v.Elements {
		code, err := assign(to, t, fmt.Sprintf("of[%d]", k))
		if err != nil {
			return "", err
		}
		list = append(list, code)
	}
	return strings.Join(list, " "), nil
}
