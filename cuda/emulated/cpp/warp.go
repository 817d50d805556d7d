package cpp

import (
	"fmt"

	"autoamp/cuda/emulated/ptx"
)

// barrier writes bar.sync 0 of all threads, and bar.warp.sync.
func (w *function) barrier(i ptx.Instruction) (string, error) {
	m := modifiersOf(i)
	if err := want(i, 1); err != nil {
		return "", err
	}
	if !m.has("sync") || !m.only("sync warp cta aligned") {
		return "", fmt.Errorf("only bar.sync and bar.warp.sync are known")
	}
	if m.has("warp") {
		mask, err := w.value(i.Operands[0], unsigned(32))
		return fmt.Sprintf("warp_barrier(%s, %d);", mask, i.Line), err
	}
	if n, ok := i.Operands[0].(ptx.Integer); !ok || n.Value != 0 {
		return "", fmt.Errorf("only barrier 0 is known")
	}
	return fmt.Sprintf("block_barrier(%d);", i.Line), nil
}

// shuffle writes shfl.sync.
func (w *function) shuffle(i ptx.Instruction) (string, error) {
	m := modifiersOf(i)
	if err := want(i, 5); err != nil {
		return "", err
	}
	if len(m.words) != 2 || m.words[0] != "sync" || !m.only("sync up down bfly idx") {
		return "", fmt.Errorf("modifiers that are not known")
	}
	values, err := w.values(i.Operands[1:], unsigned(32))
	if err != nil {
		return "", err
	}
	to, in := split(i.Operands[0])
	first, err := assign(to, unsigned(32), "got")
	if err != nil {
		return "", err
	}
	second, err := assign(in, predicate, "in_range")
	return fmt.Sprintf("{ bool in_range; const uint32_t got = shuffle_%s(%s, %s, %s, %s, &in_range, %d); %s %s }",
		m.words[1], values[0], values[1], values[2], values[3], i.Line, first, second), err
}

// split divides d|p. Without p it is a sink.
func split(o ptx.Operand) (first, second ptx.Operand) {
	if both, ok := o.(ptx.Both); ok {
		return both.First, both.Second
	}
	return o, ptx.Sink{}
}

// values writes operands that are all of one type.
func (w *function) values(list []ptx.Operand, t ptx.Type) ([]string, error) {
	var values []string
	for _, o := range list {
		v, err := w.value(o, t)
		if err != nil {
			return nil, err
		}
		values = append(values, v)
	}
	return values, nil
}

// vote writes vote.sync: ballot, all, any and uni.
func (w *function) vote(i ptx.Instruction) (string, error) {
	m := modifiersOf(i)
	if err := want(i, 3); err != nil {
		return "", err
	}
	if len(m.words) != 2 || !m.has("sync") || !m.only("sync ballot all any uni") {
		return "", fmt.Errorf("modifiers that are not known")
	}
	holds, err := w.value(i.Operands[1], predicate)
	if err != nil {
		return "", err
	}
	mask, err := w.value(i.Operands[2], unsigned(32))
	if err != nil {
		return "", err
	}
	ballot := fmt.Sprintf("ballot(%s, %s, %d)", holds, mask, i.Line)
	switch {
	case m.has("ballot"):
		return assign(i.Operands[0], unsigned(32), ballot)
	case m.has("all"):
		return assign(i.Operands[0], predicate, ballot+" == ~0u")
	case m.has("any"):
		return assign(i.Operands[0], predicate, ballot+" != 0")
	}
	return assign(i.Operands[0], predicate, ballot+" + 1 <= 1")
}

// match writes match.any.sync.
func (w *function) match(i ptx.Instruction) (string, error) {
	m := modifiersOf(i)
	if err := want(i, 3); err != nil {
		return "", err
	}
	if len(m.types) != 1 || !m.has("any") || !m.only("any sync") {
		return "", fmt.Errorf("only match.any.sync is known")
	}
	v, err := w.value(i.Operands[1], unsigned(m.types[0].Bits))
	if err != nil {
		return "", err
	}
	mask, err := w.value(i.Operands[2], unsigned(32))
	if err != nil {
		return "", err
	}
	return assign(i.Operands[0], unsigned(32), fmt.Sprintf("matching(%s, %s, %d)", v, mask, i.Line))
}

// reduce writes redux.sync.
func (w *function) reduce(i ptx.Instruction) (string, error) {
	m := modifiersOf(i)
	if err := want(i, 3); err != nil {
		return "", err
	}
	if len(m.types) != 1 || len(m.words) != 2 || m.words[0] != "sync" || !m.only("sync add min max and or xor") {
		return "", fmt.Errorf("modifiers that are not known")
	}
	v, err := w.value(i.Operands[1], m.types[0])
	if err != nil {
		return "", err
	}
	mask, err := w.value(i.Operands[2], unsigned(32))
	if err != nil {
		return "", err
	}
	return assign(i.Operands[0], m.types[0], fmt.Sprintf("reduced_%s<%s>(%s, %s, %d)", m.words[1], typeName(m.types[0]), v, mask, i.Line))
}
