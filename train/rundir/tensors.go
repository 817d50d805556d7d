package rundir

import (
	"bufio"
	"cmp"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"unsafe"

	"github.com/nlpodyssey/safetensors"

	"autoamp/datasets/durable"
	"autoamp/graph"
)

// maxHeader bounds the header of a checkpoint's safetensors file.
const maxHeader = 1 << 20

// lazyTensor is a tensor of a runner that is read when it is written to the file. The tensors of a file share the memory of the
// largest one.
type lazyTensor struct {
	buffer graph.Buffer
	shared *tensorMemory
}

// tensorMemory is a tensor on its way from a runner to a file.
type tensorMemory struct {
	read   func(name string, dst []float32) error
	values []float32
	err    error // the first
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

// Data is valid until the next tensor is read.
func (t lazyTensor) Data() []byte {
	m, size := t.shared, t.buffer.Size()
	m.values = m.values[:size]
	if err := m.read(t.buffer.Name, m.values); err != nil && m.err == nil {
		m.err = fmt.Errorf("read %s: %w", t.buffer.Name, err)
	}
	return littleEndian(m.values)
}

// littleEndian turns numbers into the bytes of a file, in their place.
func littleEndian(values []float32) []byte {
	data := unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(values))), 4*len(values))
	for i, v := range values {
		binary.LittleEndian.PutUint32(data[4*i:], math.Float32bits(v))
	}
	return data
}

// writeTensors writes tensors as safetensors.
func writeTensors(
	w io.Writer, buffers []graph.Buffer, read func(string, []float32) error, meta map[string]string,
) error {
	largest := 0
	for _, b := range buffers {
		largest = max(largest, b.Size())
	}
	memory := &tensorMemory{read: read, values: make([]float32, 0, largest)}
	views := map[string]lazyTensor{}
	for _, b := range buffers {
		views[b.Name] = lazyTensor{buffer: b, shared: memory}
	}
	err := safetensors.SerializeToWriter(views, meta, w)
	return errors.Join(err, memory.err)
}

// tensorFile is the header of a safetensors file, and the file's CRC-32C.
type tensorFile struct {
	meta map[string]string
	sum  durable.Checksum
}

// readTensors reads a safetensors file that must hold exactly the given tensors, in float32, and
// no number that is not finite. It hands each tensor to visit, so that memory is needed for
// the largest one only; visit must not keep values.
func readTensors(path string, buffers []graph.Buffer, visit func(graph.Buffer, []float32) error) (*tensorFile, error) {
	f, err := durable.OpenRegular(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	file := &tensorFile{}
	file.meta, err = parseTensors(io.TeeReader(bufio.NewReaderSize(f, 1<<16), &file.sum), buffers, visit)
	return file, err
}

func parseTensors(r io.Reader, buffers []graph.Buffer, visit func(graph.Buffer, []float32) error) (map[string]string, error) {
	header, err := readHeader(r)
	if err != nil {
		return nil, fmt.Errorf("safetensors: %w", err)
	}
	order, err := layout(header, buffers)
	if err != nil {
		return nil, err
	}
	var values []float32
	for _, b := range order {
		values = slices.Grow(values[:0], b.Size())[:b.Size()]
		if err := readFloats(r, values); err != nil {
			return nil, fmt.Errorf("tensor %s: %w", b.Name, err)
		}
		if err := visit(b, values); err != nil {
			return nil, err
		}
	}
	if n, _ := io.Copy(io.Discard, io.LimitReader(r, 1)); n > 0 {
		return nil, errors.New("data after the last tensor")
	}
	return header.Metadata(), nil
}

// readHeader reads the length and the JSON at the beginning of a safetensors file.
func readHeader(r io.Reader) (safetensors.Metadata, error) {
	var header safetensors.Metadata
	var size uint64
	if err := binary.Read(r, binary.LittleEndian, &size); err != nil {
		return header, fmt.Errorf("header: %w", err)
	}
	if size > maxHeader {
		return header, fmt.Errorf("header of %d bytes, want at most %d", size, maxHeader)
	}
	data := make([]byte, size)
	if _, err := io.ReadFull(r, data); err != nil {
		return header, fmt.Errorf("header: %w", err)
	}
	if err := json.Unmarshal(data, &header); err != nil {
		return header, fmt.Errorf("header: %w", err)
	}
	return header, nil
}

// layout checks a header against the tensors that are wanted and returns them in the order
// of their data, which must follow each other without gaps.
func layout(header safetensors.Metadata, buffers []graph.Buffer) ([]graph.Buffer, error) {
	infos := header.Tensors()
	order := slices.Clone(buffers)
	for _, b := range buffers {
		info, ok := infos[b.Name]
		if !ok {
			return nil, fmt.Errorf("tensor %s is missing", b.Name)
		}
		want := lazyTensor{buffer: b}.Shape()
		if info.DType != safetensors.F32 || !slices.Equal(info.Shape, want) {
			return nil, fmt.Errorf("tensor %s: %v %v, want %v %v", b.Name, info.DType, info.Shape, safetensors.F32, want)
		}
	}
	if len(infos) != len(buffers) {
		return nil, fmt.Errorf("%d tensors, want %d", len(infos), len(buffers))
	}
	slices.SortFunc(order, func(a, b graph.Buffer) int {
		return cmp.Compare(infos[a.Name].DataOffsets[0], infos[b.Name].DataOffsets[0])
	})
	var at uint64
	for _, b := range order {
		end := at + 4*uint64(b.Size())
		if offsets := infos[b.Name].DataOffsets; offsets != [2]uint64{at, end} {
			return nil, fmt.Errorf("tensor %s: data at %v, want [%d %d]", b.Name, offsets, at, end)
		}
		at = end
	}
	return order, nil
}

// readFloats fills values with little-endian finite numbers.
func readFloats(r io.Reader, values []float32) error {
	var chunk [1 << 14]byte
	for i := 0; i < len(values); {
		data := chunk[:min(len(chunk), 4*(len(values)-i))]
		if _, err := io.ReadFull(r, data); err != nil {
			return err
		}
		for ; len(data) > 0; data = data[4:] {
			values[i] = math.Float32frombits(binary.LittleEndian.Uint32(data))
			if v := float64(values[i]); math.IsNaN(v) || math.IsInf(v, 0) {
				return fmt.Errorf("element %d is %v", i, v)
			}
			i++
		}
	}
	return nil
}
