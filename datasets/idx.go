package datasets

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// The IDX files of MNIST: a big-endian header, then one byte per value.
//
//	images: magic 2051, count, rows, columns, pixels row by row, 0 background, 255 ink
//	labels: magic 2049, count, labels
const (
	idxLabels = 2049
	idxImages = 2051
)

// maxPixels bounds what a reader holds, in bytes: all of CIFAR-10 is 184 MB.
const maxPixels = 1 << 30

// ReadIDXImages reads an IDX file of grey images to its end. The header is not trusted: memory grows with the
// bytes that are really there. Errors are a wrong magic number, a size of zero or above 1 GiB, a body that is shorter
// or longer than the header says.
func ReadIDXImages(r io.Reader) (shape Shape, pixels []byte, err error) {
	dims, err := readIDXHeader(r, idxImages, 3)
	if err != nil {
		return Shape{}, nil, err
	}
	pixels, err = readExactly(r, dims[0]*dims[1]*dims[2])
	return Shape{Channels: 1, Height: int(dims[1]), Width: int(dims[2])}, pixels, err
}

// ReadIDXLabels reads an IDX file of labels to its end, as strictly as ReadIDXImages.
func ReadIDXLabels(r io.Reader) ([]byte, error) {
	dims, err := readIDXHeader(r, idxLabels, 1)
	if err != nil {
		return nil, err
	}
	return readExactly(r, dims[0])
}

// readIDXHeader checks the magic number and returns the sizes, whose product is at most maxPixels.
func readIDXHeader(r io.Reader, want uint32, rank int) ([]int64, error) {
	header := make([]byte, 4+4*rank)
	n, err := io.ReadFull(r, header)
	if n >= 4 {
		if magic := binary.BigEndian.Uint32(header); magic != want {
			return nil, fmt.Errorf("magic %s, want %s", magicName(magic), magicName(want))
		}
	}
	if err != nil {
		return nil, fmt.Errorf("header of %d bytes, want %d", n, len(header))
	}
	dims, total := make([]int64, rank), int64(1)
	for i := range dims {
		dims[i] = int64(binary.BigEndian.Uint32(header[4+4*i:]))
		if dims[i] == 0 || dims[i] > maxPixels/total {
			return nil, fmt.Errorf("sizes %d in the header: their product must be in [1, %d]", dims[:i+1], maxPixels)
		}
		total *= dims[i]
	}
	return dims, nil
}

func magicName(magic uint32) string {
	switch magic {
	case idxLabels:
		return "2049 (labels)"
	case idxImages:
		return "2051 (images)"
	}
	return fmt.Sprint(magic)
}

// readExactly reads the n bytes that must be left in r.
func readExactly(r io.Reader, n int64) ([]byte, error) {
	data, err := readAtMost(r, n)
	if err != nil {
		return nil, err
	}
	if int64(len(data)) < n {
		return nil, fmt.Errorf("%d bytes after the header, want %d: %w", len(data), n, io.ErrUnexpectedEOF)
	}
	return data, nil
}

// errTrailing says that a file goes on where it should end.
var errTrailing = errors.New("trailing bytes")

// readAtMost reads r to its end, which must come after at most limit bytes.
func readAtMost(r io.Reader, limit int64) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err == nil && int64(len(data)) > limit {
		err = fmt.Errorf("more than %d bytes: %w", limit, errTrailing)
	}
	return data, err
}
