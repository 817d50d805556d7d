package ptx

import (
	"os"
	"reflect"
	"strings"
	"testing"
)

const head = ".version 7.8\n.target sm_90, debug\n.address_size 64\n"

// parse reads a source that must be good.
func parse(t *testing.T, source string) *Module {
	t.Helper()
	m, err := Parse(head + source)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestVariables(t *testing.T) {
	m := parse(t, `
.global .align 8 .f64 half = 0d3FE0000000000000;
.const .u16 table[3] = {1, 0x102, -1}; /* two
lines */ .extern .shared .align 16 .b8 open[];`)
	want := []Variable{
		{Space: Global, Name: "half", Align: 8, Bytes: 8, Init: []byte{0, 0, 0, 0, 0, 0, 0xe0, 0x3f}, Line: 5},
		{Space: Constant, Name: "table", Align: 2, Bytes: 6, Init: []byte{1, 0, 2, 1, 0xff, 0xff}, Line: 6},
		{Space: Shared, Name: "open", Align: 16, Open: true, Line: 7},
	}
	if m.Version != "7.8" || m.Target != "sm_90" || !reflect.DeepEqual(m.Variables, want) {
		t.Errorf("version %s, target %s, variables %+v", m.Version, m.Target, m.Variables)
	}
}

// A kernel with most of what a body may hold. Inner registers get names of their own.
func TestFunction(t *testing.T) {
	m := parse(t, `.visible .entry K(.param .u64 p, .param .align 8 .b8 q[24]) .maxntid 32, 4, 1 {
	.reg .pred %p<3>;
	.reg .b32 %r<5>;
	.reg .b64 %SP;
$L0:
	@!%p1 ld.global.nc.v2.u32 {%r1, _}, [%SP+-8];
	{ .reg .b32 %r1; shfl.sync.up.b32 %r1|%p2, %r2, 3, 0x1f, -1; }
	mov.u32 %r4, %tid.x;
	fma.rn.f32 %r4, 0fBF800000, %r4, q+4;
	bra.uni $L0;
}`)
	f := m.Functions[0]
	if f.Name != "K" || !f.Entry || !f.Defined || f.Threads != 128 || len(f.Parameters) != 2 || f.Parameters[1].Bytes != 24 {
		t.Errorf("function %+v", f)
	}
	word, yes := Type{Untyped, 32}, Type{Predicate, 1}
	want := []Statement{
		Label{"$L0"},
		Instruction{
			Guard: &Guard{"%p1", true}, Opcode: "ld", Modifiers: []string{"global", "nc", "v2", "u32"}, Line: 9,
			Operands: []Operand{Vector{[]Operand{Reg{"%r1", word}, Sink{}}}, Address{Reg{"%SP", Type{Untyped, 64}}, -8}},
		},
		Instruction{
			Opcode: "shfl", Modifiers: []string{"sync", "up", "b32"}, Line: 10,
			Operands: []Operand{Both{Reg{"%r1", word}, Reg{"%p2", yes}}, Reg{"%r2", word}, Integer{3}, Integer{31}, Integer{^uint64(0)}},
		},
		Instruction{Opcode: "mov", Modifiers: []string{"u32"}, Operands: []Operand{Reg{"%r4", word}, Special{"%tid.x"}}, Line: 11},
		Instruction{
			Opcode: "fma", Modifiers: []string{"rn", "f32"}, Line: 12,
			Operands: []Operand{Reg{"%r4", word}, Real{0xBF800000, Type{Float, 32}}, Reg{"%r4", word}, Symbol{"q", 4}},
		},
		Instruction{Opcode: "bra", Modifiers: []string{"uni"}, Operands: []Operand{Symbol{Name: "$L0"}}, Line: 13},
	}
	for i, s := range f.Body {
		if !reflect.DeepEqual(s, want[i]) {
			t.Errorf("statement %d is %+v, want %+v", i, s, want[i])
		}
	}
}

// The same name in two scopes is two registers.
func TestScopes(t *testing.T) {
	m := parse(t, ".entry K() { .reg .b32 %t<2>; mov.u32 %t1, 1; { .reg .b64 %t<2>; mov.u64 %t1, 2; } mov.u32 %t1, 3; }")
	var names []string
	for _, r := range m.Functions[0].Registers {
		names = append(names, r.Name+" "+r.Type.String())
	}
	if got := strings.Join(names, ", "); got != "%t1 b32, %t$2_1 b64" {
		t.Errorf("registers %s", got)
	}
}

func TestErrors(t *testing.T) {
	for source, want := range map[string]string{
		head + ".entry K() { ld.global.u32 %r1, [%r2; }": "line 4: ; where ] is expected",
		head + "\n.entry K() { .reg .b32 %r<2>\nret; }":  "line 6: ret where ; is expected",
		head + ".entry K(.param .f16 x) { }":             "line 4: .f16 is no type that is known",
		head + ".entry K() { .reg .quad %r; }":           "line 4: .quad is no type that is known",
		head + ".entry K() { @%p1 ret; }":                "line 4: %p1 is no predicate",
		head + ".entry K() { ret; ":                      "line 4: the end of the file where } is expected",
		head + ".global .u32 x = 5.5;":                   "line 4: 5.5 is no number",
		head + ".global .u32 x[1] = {1, 2};":             "line 4: x has 4 bytes and values for 8",
		head + ".tex .u32 x;":                            "line 4: .tex is not known",
		head + "#":                                       "line 4: '#' begins nothing that PTX knows",
		head + "/*":                                      "line 4: a comment without end",
		head + ".entry K() { .pragma \"x; }":             "line 4: a string without end",
		".version 7.8\n.address_size 32":                 "line 2: only addresses of 64 bits are known",
		"Fatbin elf code:":                               "line 1: Fatbin where a declaration is expected",
		"":                                               "no .version: this is no PTX",
		head + ".entry K() { mov.u32 %r1, 99999999999999999999; }": "line 4: 99999999999999999999 is no number",
	} {
		if _, err := Parse(source); err == nil || err.Error() != want {
			t.Errorf("%q: error %v, want %s", source, err, want)
		}
	}
}

// Whatever is cut off is an error or a module, and neither a panic nor a loop without end.
func TestCutOff(t *testing.T) {
	source, err := os.ReadFile("../testdata/instructions.ptx")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Parse(string(source)); err != nil {
		t.Error(err)
	}
	for n := 0; n < len(source); n += 7 {
		rest := string(source[:n])
		if m, err := Parse(rest); err == nil && m.Version == "" {
			t.Errorf("the first %d bytes are a module without version", n)
		}
	}
}
