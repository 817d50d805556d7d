// Package isa keeps the generated kernels to the instructions that their level promises.
package isa

import (
	"fmt"
	"slices"
	"strings"

	"github.com/mmcloughlin/avo/ir"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/pass"
	"github.com/mmcloughlin/avo/reg"
)

// levels are what kernels/level.go asks of a processor before it runs a function whose name has the suffix.
var levels = map[string]level{
	"AVX2":   {extensions: avx2, vectors: 16},
	"AVX512": {extensions: append([]string{"AVX512F", "AVX512BW", "AVX512DQ", "AVX512VL", "BMI2"}, avx2...), vectors: 32},
}

// avx2 begins with what every amd64 processor has.
var avx2 = []string{"CMOV", "POPCNT", "MMX+", "SSE", "SSE2", "AVX", "AVX2", "FMA3"}

type level struct {
	extensions []string
	vectors    int // registers
}

// Enforce makes avo refuse a function that needs more than its level has.
//
// avo itself allots 32 vector registers to every function, and those from 16 on turn an instruction of AVX into one of AVX-512.
func Enforce() {
	pass.Compile = pass.Concat(pass.Compile, pass.FunctionPass(check))
}

func check(f *ir.Function) error {
	for suffix, l := range levels {
		if strings.HasSuffix(f.Name, suffix) {
			return l.check(f)
		}
	}
	return fmt.Errorf("%s: the name ends in none of the levels", f.Name)
}

func (l level) check(f *ir.Function) error {
	for _, extension := range f.ISA {
		if !slices.Contains(l.extensions, extension) {
			return fmt.Errorf("%s: needs %s", f.Name, extension)
		}
	}
	for _, i := range f.Instructions() {
		for _, op := range i.Operands {
			for _, r := range operand.Registers(op) {
				p := reg.ToPhysical(r)
				if p == nil || p.Kind() != reg.KindVector {
					continue
				}
				if legacy(i.Opcode) {
					return fmt.Errorf("%s: %s with register %s: between instructions of AVX it costs some hundred cycles; use V%[2]s", f.Name, i.Opcode, p.Asm())
				}
				if int(p.PhysicalIndex()) >= l.vectors {
					return fmt.Errorf("%s: uses register %s of %s: its level has %d", f.Name, p.Asm(), i.Opcode, l.vectors)
				}
			}
		}
	}
	return nil
}

// legacy reports whether an instruction on vector registers is of SSE. It keeps the upper half of its register, and where an instruction of AVX
// has written one, the processor stops to save or merge it.
func legacy(opcode string) bool { return !strings.HasPrefix(opcode, "V") }
