package datasets_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"strings"
	"testing"

	"autoamp/datasets"
	"autoamp/datasets/durable/durabletest"
)

// idx returns an IDX file: magic, sizes, body.
func idx(body []byte, header ...uint32) []byte {
	var out []byte
	for _, word := range header {
		out = binary.BigEndian.AppendUint32(out, word)
	}
	return append(out, body...)
}

func TestReadIDX(t *testing.T) {
	t.Parallel()
	body := []byte{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 255}
	shape, pixels, err := datasets.ReadIDXImages(bytes.NewReader(idx(body, 2051, 2, 2, 3)))
	if err != nil || shape != (datasets.Shape{Channels: 1, Height: 2, Width: 3}) || !bytes.Equal(pixels, body) {
		t.Errorf("%v %v %v", shape, pixels, err)
	}
	labels, err := datasets.ReadIDXLabels(bytes.NewReader(idx([]byte{7, 0, 9}, 2049, 3)))
	if err != nil || !bytes.Equal(labels, []byte{7, 0, 9}) {
		t.Errorf("%v %v", labels, err)
	}
}

func TestBadIDX(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		file []byte
		want string
	}{
		{"empty", nil, "header of 0 bytes, want 16"},
		{"labels", idx(nil, 2049, 3), "magic 2049 (labels), want 2051 (images)"},
		{"floats", idx(nil, 0x0d03, 1, 1, 1), "magic 3331, want 2051 (images)"},
		{"half a header", idx(nil, 2051, 2), "header of 8 bytes, want 16"},
		{"no image", idx(nil, 2051, 0, 28, 28), "sizes [0] in the header"},
		{"4 GiB", idx(nil, 2051, 1<<22, 32, 32), "sizes [4194304 32 32] in the header: their product must be in [1, 1073741824]"},
		{"overflow", idx(nil, 2051, 1<<31, 1<<31, 4), "sizes [2147483648] in the header"},
		{"truncated", idx(make([]byte, 7), 2051, 2, 2, 2), "7 bytes after the header, want 8"},
		{"1 GiB and no body", idx(nil, 2051, 1<<10, 1<<10, 1<<10), "0 bytes after the header, want 1073741824"},
		{"too long", idx(make([]byte, 9), 2051, 2, 2, 2), "more than 8 bytes: trailing bytes"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if _, _, err := datasets.ReadIDXImages(bytes.NewReader(tt.file)); err == nil || !strings.HasPrefix(err.Error(), tt.want) {
				t.Errorf("got %v, want %s", err, tt.want)
			}
		})
	}
	if _, _, err := datasets.ReadIDXImages(io.MultiReader(bytes.NewReader(idx(nil, 2051, 1, 1, 1)), failing{})); !errors.Is(err, errFailing) {
		t.Errorf("a read error came back as %v", err)
	}
}

var errFailing = errors.New("the disk is gone")

// failing is a file on a broken disk.
type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, errFailing }

// What is accepted has exactly the bytes that its header says.
func FuzzIDX(f *testing.F) {
	f.Add(idx([]byte{0, 1, 2, 3, 4, 5, 6, 255}, 2051, 2, 2, 2))
	f.Add(idx([]byte{7, 0, 9}, 2049, 3))
	f.Add(idx(nil, 2051, 1<<31, 1<<31, 4))
	f.Add(idx(make([]byte, 9), 2051, 2, 2, 2))
	f.Fuzz(func(t *testing.T, file []byte) {
		durabletest.Budget(t, len(file), 32, func() { tryIDX(t, file) })
	})
}

// tryIDX reads a file that may be damaged, as images and as labels.
func tryIDX(t *testing.T, file []byte) {
	if shape, pixels, err := datasets.ReadIDXImages(bytes.NewReader(file)); err == nil {
		n := uint32(len(pixels) / shape.Size())
		if again := idx(pixels, 2051, n, uint32(shape.Height), uint32(shape.Width)); !bytes.Equal(again, file) {
			t.Errorf("%x was read as %v, %x", file, shape, pixels)
		}
	}
	if labels, err := datasets.ReadIDXLabels(bytes.NewReader(file)); err == nil {
		if again := idx(labels, 2049, uint32(len(labels))); !bytes.Equal(again, file) {
			t.Errorf("%x was read as %x", file, labels)
		}
	}
}
