package train

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"hash/crc32"
	"io"
	"math"
	"os"
	"slices"

	"github.com/nlpodyssey/safetensors"

	"autoamp/graph"
)

// maxHeader bounds the header of a checkpoint's safetensors file.
const maxHeader = 1 << 20

// castagnoli is the polynomial that processors compute CRC-32 with.
var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func newChecksum() hash.Hash32 { return crc32.New(castagnoli) }

// lazyTensor is a tensor of a runner that is read when its bytes are wanted, so that saving a
// model needs memory for its largest tensor only.
type lazyTensor struct {
	buffer graph.Buffer
	read   func(name string, dst []float32) error
	err    *error // the first
}

func (t lazyTensor) DType() safetensors.DType { return safetensors.F32 }
func (t lazyTensor) DataLen() uint64          { return 4 * uint64(t.buffer.Size()) }

func (t lazyTensor) Shape() []uint64 {
	shape := make([]uint64, len(t.buffer.Shape))
	for i, n := range t.buffer.Shape {
		shape[i] = uint64(n)
	}
	return shape
}

func (t lazyTensor) Data() []byte {
	values := make([]float32, t.buffer.Size())
	if err := t.read(t.buffer.Name, values); err != nil && *t.err == nil {
		*t.err = fmt.Errorf("read %s: %w", t.buffer.Name, err)
	}
	data := make([]byte, 0, 4*len(values))
	for _, v := range values {
		data = binary.LittleEndian.AppendUint32(data, math.Float32bits(v))
	}
	return data
}

// writeTensors writes tensors as safetensors.
func writeTensors(
	w io.Writer, buffers []graph.Buffer, read func(string, []float32) error, meta map[string]string,
) error {
	var failed error
	views := map[string]lazyTensor{}
	for _, b := range buffers {
		views[b.Name] = lazyTensor{buffer: b, read: read, err: &failed}
	}
	return errors.Join(safetensors.SerializeToWriter(views, meta, w), failed)
}

// readTensors reads a safetensors file that must hold exactly the given tensors, in float32, and
// no number that is not finite.
func readTensors(path string, buffers []graph.Buffer) (*tensorFile, error) {
	want := int64(8 + maxHeader)
	for _, b := range buffers {
		want += 4 * int64(b.Size())
	}
	if info, err := os.Stat(path); err != nil {
		return nil, err
	} else if info.Size() > want {
		return nil, fmt.Errorf("%d bytes, want at most %d", info.Size(), want)
	}
	data, err := readSmall(path, want)
	if err != nil {
		return nil, err
	}
	values, meta, err := parseTensors(data, buffers)
	return &tensorFile{values: values, meta: meta, sum: crc32.Checksum(data, castagnoli)}, err
}

// tensorFile is what a safetensors file holds, and its CRC-32C.
type tensorFile struct {
	values map[string][]float32
	meta   map[string]string
	sum    uint32
}

func parseTensors(data []byte, buffers []graph.Buffer) (map[string][]float32, map[string]string, error) {
	if len(data) >= 8 && binary.LittleEndian.Uint64(data) > maxHeader {
		return nil, nil, fmt.Errorf("header of %d bytes, want at most %d", binary.LittleEndian.Uint64(data), maxHeader)
	}
	_, header, err := safetensors.ReadMetadata(data)
	if err != nil {
		return nil, nil, fmt.Errorf("safetensors: %w", err)
	}
	file, err := safetensors.Deserialize(data)
	if err != nil {
		return nil, nil, fmt.Errorf("safetensors: %w", err)
	}
	values := map[string][]float32{}
	for _, b := range buffers {
		view, ok := file.Tensor(b.Name)
		if !ok {
			return nil, nil, fmt.Errorf("tensor %s is missing", b.Name)
		}
		if values[b.Name], err = decode(view, b); err != nil {
			return nil, nil, fmt.Errorf("tensor %s: %w", b.Name, err)
		}
	}
	if n := file.Len(); n != len(values) {
		return nil, nil, fmt.Errorf("%d tensors, want %d", n, len(values))
	}
	return values, header.Metadata(), nil
}

func decode(view safetensors.TensorView, b graph.Buffer) ([]float32, error) {
	want := lazyTensor{buffer: b}.Shape()
	if view.DType() != safetensors.F32 || !slices.Equal(view.Shape(), want) {
		return nil, fmt.Errorf("%v %v, want %v %v", view.DType(), view.Shape(), safetensors.F32, want)
	}
	data := view.Data()
	if len(data) != 4*b.Size() {
		return nil, fmt.Errorf("%d bytes, want %d", len(data), 4*b.Size())
	}
	values := make([]float32, b.Size())
	for i := range values {
		values[i] = math.Float32frombits(binary.LittleEndian.Uint32(data[4*i:]))
		if v := float64(values[i]); math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, fmt.Errorf("element %d is %v", i, v)
		}
	}
	return values, nil
}
