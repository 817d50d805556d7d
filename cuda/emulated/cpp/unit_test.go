package cpp

import (
	"os"
	"strings"
	"testing"

	"autoamp/cuda/emulated/ptx"
)

// translation returns the C++ of a kernel with some instructions.
func translation(t *testing.T, body string) (string, error) {
	t.Helper()
	m, err := ptx.Parse(`.version 7.8
.target sm_90
.address_size 64
.extern .func (.param .b32 status) vprintf(.param .b64 format, .param .b64 list);
.shared .align 4 .b8 first[20];
.shared .align 8 .b8 unused[4096];
.shared .align 16 .b8 second[64];
.extern .shared .align 16 .b8 open[];
.visible .entry K(.param .u64 p, .param .u32 n) {
	.reg .pred %p<4>; .reg .b16 %h<4>; .reg .b32 %r<4>; .reg .b64 %d<4>; .reg .f32 %f<4>; .reg .f64 %e<4>;
$L:
` + body + "\n}")
	if err != nil {
		t.Fatal(err)
	}
	files, err := Translate(m)
	if err != nil {
		return "", err
	}
	if files[0].Name != "K.cpp" || files[1].Name != "module.cpp" {
		t.Errorf("files %s and %s", files[0].Name, files[1].Name)
	}
	return files[0].Text, nil
}

// What is not known, or not so, is an error with its line. Line 12 is the first of the body.
func TestErrors(t *testing.T) {
	for body, want := range map[string]string{
		"ret;\natom.global.add.u32 %r1, [%d1], 1;":                                                                                          "line 13: atom.global.add.u32: the translation to C++ does not know this instruction",
		"ldmatrix.sync.aligned.m8n8.x2.shared.b16 {%r0, %r1}, [%r0];":                                                                       "line 12: ldmatrix.sync.aligned.m8n8.x2.shared.b16: only m8n8.x4 of shared memory is known",
		"ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%r0, %r1}, [%r0];":                                                                       "line 12: ldmatrix.sync.aligned.m8n8.x4.shared.b16: a fragment of 2 registers, not 4",
		"mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {%f0, %f1, %f2, %f3}, {%r0, %r1, %r2, %r3}, {%r0, %r1}, {%f0, %f1, %f2, %f3};":  "line 12: mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32: only m16n8k16 of bf16 with float32 is known",
		"mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%f0, %f1, %f2, %f3}, {%r0, %r1}, {%r0, %r1}, {%f0, %f1, %f2, %f3};":           "line 12: mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32: a fragment of 2 registers, not 4",
		"mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%r0, %f1, %f2, %f3}, {%r0, %r1, %r2, %r3}, {%r0, %r1}, {%f0, %f1, %e2, %f3};": "line 12: mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32: %e2, of type f64, as f32",
		"add.rz.f32 %f1, %f2, %f3;":             "line 12: add.rz.f32: the translation to C++ knows this instruction, but not these modifiers",
		"add.f16 %h1, %h2, %h3;":                "line 12: add.f16: the translation to C++ knows this instruction, but not these modifiers",
		"ld.acquire.gpu.global.u32 %r1, [%d1];": "line 12: ld.acquire.gpu.global.u32: the translation to C++ knows this instruction, but not these modifiers",
		"add.s32 %r1, %r2;":                     "line 12: add.s32: 2 operands, not 3",
		"add.s32 %r1, %r2, [%d1];":              "line 12: add.s32: an operand that is no u32",
		"add.rn.f32 %f1, %f2, %e3;":             "line 12: add.rn.f32: %e3, of type f64, as f32",
		"add.s64 %r1, %d2, %d3;":                "line 12: add.s64: a result of type u64 in %r1, of type b32",
		"setp.eq.s32 %r1, %r2, 0;":              "line 12: setp.eq.s32: a result of type pred in %r1, of type b32",
		"bar.sync 1;":                           "line 12: bar.sync: only barrier 0 is known",
		"bra $M;":                               "line 12: bra: label $M is not known",
		"mov.u32 %r1, %clock;":                  "line 12: mov.u32: register %clock is not known",
		"ld.shared.u32 %r1, [third];":           "line 12: ld.shared.u32: third is not known",
		"ld.param.u32 %r1, [n+4];":              "line 12: ld.param.u32: 4 bytes at 4 of parameter n of 4 bytes",
		"ld.global.v2.u32 %r1, [%d1];":          "line 12: ld.global.v2.u32: 1 destinations, not 2",
		"{ .param .b64 a; .param .b32 s; call.uni (s), vprintf, (a, a); }": "line 12: vprintf has no body",
		"cvt.f32.f64 %f1, %e1;": "line 12: cvt.f32.f64: a narrower float without .rn",
	} {
		if _, err := translation(t, body); err == nil || err.Error() != want {
			t.Errorf("%s: error %v, want %s", body, err, want)
		}
	}
}

// The shared variables that a kernel uses lie apart, dynamic shared memory behind them. The granule is the smallest access.
func TestSharedMemory(t *testing.T) {
	text, err := translation(t, "ld.shared.u32 %r1, [second]; st.shared.u16 [first], %r1; ld.shared.u32 %r2, [open];")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`kernel_K{"K", 1024, 2, {{0, 8}, {8, 4}}, {{0, 20}, {96, 64}}, 256, f_K}`,
		"shared<4, false>((uint32_t)(96u), 3)", "shared<2, true>((uint32_t)(0u), 3)", "shared<4, false>((uint32_t)(256u), 3)",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %s in\n%s", want, text)
		}
	}
}

// No beginning of a module makes the translation panic.
func TestCutOff(t *testing.T) {
	source, err := os.ReadFile("../testdata/instructions.ptx")
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitAfter(string(source), ";")
	for n := range lines {
		m, err := ptx.Parse(strings.Join(lines[:n], "") + "}")
		if err != nil {
			continue
		}
		if _, err := Translate(m); err != nil && !strings.HasPrefix(err.Error(), "line ") {
			t.Errorf("%d statements: error %v", n, err)
		}
	}
}
