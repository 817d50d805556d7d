package rundir

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"github.com/nlpodyssey/safetensors"

	"autoamp/datasets/durable"
	"autoamp/graph"
)

// maxStartBytes bounds a file of starting weights, which is read as a whole.
const maxStartBytes = 8 << 30

// floatSizes are the number types that starting weights may have, and the bytes of a number.
var floatSizes = map[safetensors.DType]uint64{safetensors.F64: 8, safetensors.F32: 4, safetensors.F16: 2, safetensors.BF16: 2}

// Start is what a file of starting weights holds.
type Start struct {
	Weights map[string][]float32 // by name
	SHA256  string               // of the file's content
}

// ReadStart reads the weights that a model starts from out of a safetensors file that another program may have written. The
// file must hold every given weight under its name and with its shape, of type F64, F32, F16 or BF16. The numbers are
// rounded to float32 and must be finite there. Other tensors are refused, except those that ignored names.
func ReadStart(path string, weights []graph.Buffer, ignored func(name string) bool) (*Start, error) {
	data, err := durable.ReadFile(path, maxStartBytes)
	if err != nil {
		return nil, err
	}
	r := bytes.NewReader(data)
	header, err := readHeader(r)
	if err != nil {
		return nil, fmt.Errorf("is no safetensors file: %w", err)
	}
	infos, numbers := header.Tensors(), data[len(data)-r.Len():]
	var names []string
	for _, b := range weights {
		names = append(names, b.Name)
	}
	for name := range infos {
		if !slices.Contains(names, name) && !ignored(name) {
			return nil, fmt.Errorf("tensor %q: the model has no such weight: must be one of %s", name, strings.Join(names, ", "))
		}
	}
	sum := sha256.Sum256(data)
	out := &Start{Weights: map[string][]float32{}, SHA256: hex.EncodeToString(sum[:])}
	for _, b := range weights {
		info, ok := infos[b.Name]
		if !ok {
			return nil, fmt.Errorf("tensor %s is missing: must hold %s", b.Name, strings.Join(names, ", "))
		}
		if out.Weights[b.Name], err = startTensor(b, info, numbers); err != nil {
			return nil, fmt.Errorf("tensor %s: %w", b.Name, err)
		}
	}
	return out, nil
}

// HashStart returns the SHA-256 of a file of starting weights.
func HashStart(path string) (string, error) {
	f, err := durable.OpenRegular(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

// startTensor converts one tensor.
func startTensor(b graph.Buffer, info *safetensors.TensorInfo, data []byte) ([]float32, error) {
	if want := (lazyTensor{buffer: b}).Shape(); !slices.Equal(info.Shape, want) {
		return nil, fmt.Errorf("shape %v: must be %v", info.Shape, want)
	}
	size, ok := floatSizes[info.DType]
	if !ok {
		return nil, fmt.Errorf("type %v: must be F64, F32, F16 or BF16", info.DType)
	}
	begin, end := info.DataOffsets[0], info.DataOffsets[1]
	if begin > end || end > uint64(len(data)) || end-begin != size*uint64(b.Size()) {
		return nil, fmt.Errorf("data at [%d %d]: must be %d bytes of the %d in the file", begin, end, size*uint64(b.Size()), len(data))
	}
	out := make([]float32, 0, b.Size())
	for raw := range slices.Chunk(data[begin:end], int(size)) {
		v := float32(number(info.DType, raw))
		if x := float64(v); math.IsNaN(x) || math.IsInf(x, 0) {
			return nil, fmt.Errorf("number %d is %v: must be finite in float32", len(out), number(info.DType, raw))
		}
		out = append(out, v)
	}
	return out, nil
}

// number reads a little-endian number.
func number(kind safetensors.DType, raw []byte) float64 {
	switch kind {
	case safetensors.F64:
		return math.Float64frombits(binary.LittleEndian.Uint64(raw))
	case safetensors.F16:
		return half(binary.LittleEndian.Uint16(raw))
	case safetensors.BF16:
		return float64(math.Float32frombits(uint32(binary.LittleEndian.Uint16(raw)) << 16))
	}
	return float64(math.Float32frombits(binary.LittleEndian.Uint32(raw)))
}

// half is IEEE 754's binary16: a sign, 5 bits of exponent with bias 15, 10 bits of fraction.
func half(bits uint16) float64 {
	sign, exponent, fraction := 1-2*float64(bits>>15), int(bits>>10&31), float64(bits&1023)
	switch {
	case exponent == 31 && fraction != 0:
		return math.NaN()
	case exponent == 31:
		return math.Inf(int(sign))
	case exponent == 0:
		return sign * math.Ldexp(fraction, -24)
	}
	return sign * math.Ldexp(1024+fraction, exponent-25)
}
