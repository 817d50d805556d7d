package main

import (
	"encoding/binary"
	"fmt"
	"regexp"
	"strings"
)

// assemble writes the functions of the signatures, in their order, and the table of constants.
func assemble(name, head string, signatures []signature, code map[string]function, table []byte) (string, error) {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n\n#include \"textflag.h\"\n", head)
	symbol := name + "Constants<>"
	for i := 0; i < len(table); i += 8 {
		fmt.Fprintf(&b, "\nDATA %s+%d(SB)/8, $0x%016x", symbol, i, binary.LittleEndian.Uint64(table[i:]))
	}
	fmt.Fprintf(&b, "\nGLOBL %s(SB), RODATA|NOPTR, $%d\n", symbol, len(table))
	for _, s := range signatures {
		f, ok := code[s.name]
		if !ok {
			return "", fmt.Errorf("no C function %s", s.name)
		}
		fmt.Fprintf(&b, "\n// %s\nTEXT ·%sNEON(SB), NOSPLIT, $0-%d\n", s, s.name, s.size)
		if err := s.loadArguments(&b, symbol); err != nil {
			return "", err
		}
		for _, i := range f.code {
			if err := i.write(&b, s.result); err != nil {
				return "", fmt.Errorf("%s: %w", s.name, err)
			}
		}
	}
	return b.String(), nil
}

// registers are those in which C has integers and addresses.
const registers = 8

// loadArguments puts the arguments into the registers of C, and the table's address behind them. A function with more than there are
// registers gets the address of its arguments alone.
func (s signature) loadArguments(b *strings.Builder, table string) error {
	if len(s.params) > registers {
		fmt.Fprintf(b, "\tMOVD $%s+0(FP), R0\n\tMOVD $%s(SB), R1\n", s.params[0].name, table)
		return nil
	}
	integers, floats := 0, 0
	for _, p := range s.params {
		from := fmt.Sprintf("%s+%d(FP)", p.name, p.offset)
		switch p.kind {
		case "float32":
			fmt.Fprintf(b, "\tFMOVS %s, F%d\n", from, floats)
			floats++
			continue
		case "uint32":
			fmt.Fprintf(b, "\tMOVWU %s, R%d\n", from, integers)
		default:
			fmt.Fprintf(b, "\tMOVD %s, R%d\n", from, integers)
		}
		integers++
	}
	if integers == registers {
		return fmt.Errorf("%s: no register is left for the table", s.name)
	}
	fmt.Fprintf(b, "\tMOVD $%s(SB), R%d\n", table, integers)
	return nil
}

var (
	jump        = regexp.MustCompile(`^b (\S+)$`)
	conditional = regexp.MustCompile(`^b\.(\w\w) (\S+)$`)
	zeroTest    = regexp.MustCompile(`^(cbn?z) ([xw])(\d+), (\S+)$`)
	bitTest     = regexp.MustCompile(`^(tbn?z) [xw](\d+), #(\d+), (\S+)$`)
)

// write writes one line: a branch in Go's words, so that the assembler computes its distance, and anything else as a word.
func (i instruction) write(b *strings.Builder, result *param) error {
	line := ""
	switch {
	case i.text == "":
		fmt.Fprintf(b, "%s:\n", label(i.label))
		return nil
	case i.text == "ret":
		line = "RET"
		if result != nil {
			move := "MOVD"
			if result.kind == "uint32" {
				move = "MOVW"
			}
			line = fmt.Sprintf("%s R0, %s+%d(FP)\n\tRET", move, result.name, result.offset)
		}
	default:
		line = branch(i.text)
	}
	if line != "" {
		fmt.Fprintf(b, "\t%s\n", line)
		return nil
	}
	if strings.Contains(i.text, ".LBB") {
		return fmt.Errorf("%q: no rule for this branch", i.text)
	}
	fmt.Fprintf(b, "\tWORD $0x%08x // %s\n", i.word, i.text)
	return nil
}

// branch translates a branch, and returns "" for what is none.
func branch(text string) string {
	if m := jump.FindStringSubmatch(text); m != nil {
		return "JMP " + label(m[1])
	}
	if m := conditional.FindStringSubmatch(text); m != nil {
		return "B" + strings.ToUpper(m[1]) + " " + label(m[2])
	}
	if m := zeroTest.FindStringSubmatch(text); m != nil {
		op := strings.ToUpper(m[1])
		if m[2] == "w" {
			op += "W"
		}
		return fmt.Sprintf("%s R%s, %s", op, m[3], label(m[4]))
	}
	if m := bitTest.FindStringSubmatch(text); m != nil {
		return fmt.Sprintf("%s $%s, R%s, %s", strings.ToUpper(m[1]), m[3], m[2], label(m[4]))
	}
	return ""
}

// label is clang's label as Go's assembler allows it.
func label(name string) string { return "L" + strings.TrimPrefix(name, ".LBB") }

// declarations writes the Go file.
func declarations(head string, signatures []signature) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n\npackage vector\n", head)
	for _, s := range signatures {
		fmt.Fprintf(&b, "\n//go:noescape\n%s\n", s)
	}
	return b.String()
}
