package kernels_test

import (
	"bytes"
	"os"
	"os/exec"
	"testing"
)

// The committed assembly equals the output of its generator.
func TestGemmGenerated(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("compiles the generator; run without -short")
	}
	goTool := func(args ...string) ([]byte, error) {
		cmd := exec.CommandContext(t.Context(), "go", append([]string{"-C", "asm"}, args...)...)
		cmd.Env = append(os.Environ(), "GOPROXY=off", "GOFLAGS=-mod=readonly")
		var stderr bytes.Buffer
		cmd.Stderr = &stderr
		out, err := cmd.Output()
		if err != nil {
			t.Log(stderr.String())
		}
		return out, err
	}
	if _, err := goTool("list", "-deps", "./gemm"); err != nil {
		t.Skip("needs the go command and avo: go -C kernels/asm mod download")
	}
	got, err := goTool("run", "./gemm", "-ladders", t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile("internal/vector/gemm_amd64.s")
	if err != nil {
		t.Fatal(err)
	}
	// The first line is the command, which names the output file.
	_, got, _ = bytes.Cut(got, []byte("\n"))
	_, want, _ = bytes.Cut(want, []byte("\n"))
	if !bytes.Equal(got, want) {
		t.Error("internal/vector/gemm_amd64.s is not what asm/gemm writes; run go generate ./kernels")
	}
}
