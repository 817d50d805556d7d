package rundir_test

import (
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"autoamp/graph"
	"autoamp/train/rundir"
)

// startFile writes a safetensors file with one tensor.
func startFile(t *testing.T, name, kind, shape string, data []byte) string {
	t.Helper()
	header := fmt.Sprintf(`{%q:{"dtype":%q,"shape":%s,"data_offsets":[0,%d]}}`, name, kind, shape, len(data))
	file := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	path := filepath.Join(t.TempDir(), "start.safetensors")
	if err := os.WriteFile(path, append(append(file, header...), data...), 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}

func readStart(path string) ([]float32, error) {
	weights := []graph.Buffer{{Name: "w", Shape: []int{2}, Kind: graph.Weight}}
	out, err := rundir.ReadStart(path, weights, func(name string) bool { return name == "w.state" })
	if err != nil {
		return nil, err
	}
	return out.Weights["w"], nil
}

// The numbers are 1 and −2⁻²⁴, the smallest subnormal number of F16, in each type.
func TestReadStartConverts(t *testing.T) {
	t.Parallel()
	for kind, data := range map[string][]byte{
		"F64":  {0, 0, 0, 0, 0, 0, 0xf0, 0x3f, 0, 0, 0, 0, 0, 0, 0x70, 0xbe},
		"F32":  {0, 0, 0x80, 0x3f, 0, 0, 0x80, 0xb3},
		"F16":  {0, 0x3c, 1, 0x80},
		"BF16": {0x80, 0x3f, 0x80, 0xb3},
	} {
		got, err := readStart(startFile(t, "w", kind, "[2]", data))
		if want := []float32{1, -1.0 / (1 << 24)}; err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v (%v)", kind, got, want, err)
		}
	}
}

func TestReadStartRefuses(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, kind, shape string
		data              []byte
		want              string
	}{
		{"v", "F16", "[2]", make([]byte, 4), `tensor "v": the model has no such weight: must be one of w`},
		{"w.state", "F16", "[2]", make([]byte, 4), "tensor w is missing: must hold w"},
		{"w", "F16", "[2,1]", make([]byte, 4), "tensor w: shape [2 1]: must be [2]"},
		{"w", "I16", "[2]", make([]byte, 4), "tensor w: type I16: must be F64, F32, F16 or BF16"},
		{"w", "F16", "[2]", []byte{0, 0x3c, 0, 0x7c}, "tensor w: number 1 is +Inf: must be finite in float32"},
		{"w", "F16", "[2]", []byte{1, 0x7c, 0, 0}, "tensor w: number 0 is NaN: must be finite in float32"},
		{"w", "F64", "[2]", []byte{0, 0, 0, 0, 0, 0, 0, 0x7f, 0, 0, 0, 0, 0, 0, 0, 0}, "must be finite in float32"},
		{"w", "F16", "[2]", make([]byte, 3), "must be 4 bytes"},
	} {
		if _, err := readStart(startFile(t, c.name, c.kind, c.shape, c.data)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s %s %s: error %v, want %q", c.name, c.kind, c.shape, err, c.want)
		}
	}
	path := filepath.Join(t.TempDir(), "text.safetensors")
	if err := os.WriteFile(path, []byte("no header at all"), 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := readStart(path); err == nil || !strings.Contains(err.Error(), "is no safetensors file") {
		t.Error(err)
	}
}
