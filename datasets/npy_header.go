package datasets

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
)

// npyHeader is what stands before the numbers of a .npy file.
//
// The header is read here and not by a library: the numbers are mapped, so their offset in the
// file is needed, and the headers of npyio panic where they are damaged and name no offset.
type npyHeader struct {
	kind    npyType
	fortran bool // the first index runs fastest
	shape   []int
	size    int64 // of the header: where the numbers begin
}

const (
	npyMagic = "\x93NUMPY"
	// maxNPYHeader bounds the header; numpy itself reads at most 10 000 bytes of untrusted ones.
	maxNPYHeader = 1 << 16
	// maxNPYNumbers bounds the numbers of an array, so that their bytes can be counted.
	maxNPYNumbers = 1 << 50
)

// ErrNotNumPy says that a file is of another kind.
var ErrNotNumPy = errors.New("not a NumPy array")

// readNPYHeader reads the header of version 1, 2 or 3 of the format.
//
// Source: numpy.lib.format.
func readNPYHeader(r io.Reader) (h npyHeader, err error) {
	var start [12]byte
	if _, err := io.ReadFull(r, start[:10]); err != nil {
		return h, fmt.Errorf("%w: shorter than a header", ErrNotNumPy)
	}
	if string(start[:6]) != npyMagic {
		return h, fmt.Errorf("%w: begins with %q, want %q", ErrNotNumPy, start[:6], npyMagic)
	}
	length, fixed := int64(binary.LittleEndian.Uint16(start[8:])), int64(10)
	switch start[6] {
	case 1:
	case 2, 3:
		if _, err := io.ReadFull(r, start[10:]); err != nil {
			return h, errors.New("damaged header: it ends early")
		}
		length, fixed = int64(binary.LittleEndian.Uint32(start[8:])), 12
	default:
		return h, fmt.Errorf("format version %d: must be 1, 2 or 3", start[6])
	}
	if length > maxNPYHeader {
		return h, fmt.Errorf("damaged header: %d bytes long, at most %d are allowed", length, maxNPYHeader)
	}
	text := make([]byte, length)
	if _, err := io.ReadFull(r, text); err != nil {
		return h, errors.New("damaged header: it ends early")
	}
	h.size = fixed + length
	return h, h.parse(string(text))
}

// npyEntry is one entry of the header's dictionary, a Python literal: a key in quotes of either kind, and a string, a truth
// or a tuple of integers, which Python 2 wrote as 2000L.
var npyEntry = regexp.MustCompile(`^\s*u?['"](descr|fortran_order|shape)['"]\s*:\s*` +
	`(?:u?['"]([^'"]*)['"]|(True|False)|\((\s*(?:\d+L?\s*,\s*)*(?:\d+L?\s*)?)\))\s*(?:,|$)`)

// parse reads the dictionary: three keys, each once, and nothing else.
func (h *npyHeader) parse(text string) error {
	body := strings.TrimSpace(text)
	if !strings.HasPrefix(body, "{") || !strings.HasSuffix(body, "}") {
		return errors.New("damaged header: it is no dictionary")
	}
	body = body[1 : len(body)-1]
	seen := map[string]bool{}
	for strings.TrimSpace(body) != "" {
		m := npyEntry.FindStringSubmatch(body)
		if m == nil || seen[m[1]] {
			return fmt.Errorf("damaged header, or an array of records: %.40q", body)
		}
		seen[m[1]] = true
		if err := h.set(m[1], m[2], m[3], m[4]); err != nil {
			return err
		}
		body = body[len(m[0]):]
	}
	if len(seen) != 3 {
		return errors.New("damaged header: it must have descr, fortran_order and shape")
	}
	return nil
}

// set stores one entry, whose value is a string, a truth or a tuple.
func (h *npyHeader) set(key, text, truth, tuple string) error {
	switch {
	case key == "fortran_order" && truth != "":
		h.fortran = truth == "True"
	case key == "descr" && text != "":
		var err error
		h.kind, err = parseNPYType(text)
		return err
	case key == "shape" && text+truth == "":
		return h.setShape(tuple)
	default:
		return fmt.Errorf("damaged header: %s", key)
	}
	return nil
}

func (h *npyHeader) setShape(tuple string) error {
	count := 1
	for _, word := range strings.Split(tuple, ",") {
		if word = strings.TrimSuffix(strings.TrimSpace(word), "L"); word == "" {
			continue
		}
		n, err := strconv.Atoi(word)
		if err != nil || n > 0 && count > maxNPYNumbers/n {
			return fmt.Errorf("shape (%s): must hold at most 2⁵⁰ numbers", tuple)
		}
		count *= n
		h.shape = append(h.shape, n)
	}
	return nil
}

// bytes is what the numbers of a table take.
func (h *npyHeader) bytes(rows, cols int) int64 {
	return int64(h.kind.width) * int64(rows) * int64(cols)
}

// shaping makes a shape into rows and columns, or refuses it.
type shaping func(h *npyHeader) (rows, cols int, err error)

// numbers takes any shape, as the order of numbers does not matter.
func (h *npyHeader) numbers() (rows, cols int, err error) {
	shape := h.shape
	if len(shape) < 2 {
		shape = append([]int{1, 1}[:2-len(shape)], shape...)
	}
	h.shape, h.fortran = shape, h.fortran && len(shape) == 2
	return h.table()
}

// table checks the shape: rows first, whatever follows is one row.
func (h *npyHeader) table() (rows, cols int, err error) {
	switch {
	case len(h.shape) < 2:
		return 0, 0, fmt.Errorf("shape %v: must have two dimensions or more, one row for each sample", h.shape)
	case h.fortran && len(h.shape) > 2:
		return 0, 0, fmt.Errorf("shape %v in Fortran order: must have two dimensions; numpy.ascontiguousarray converts", h.shape)
	}
	rows, cols = h.shape[0], 1
	for _, n := range h.shape[1:] {
		cols *= n
	}
	if rows == 0 || cols == 0 {
		return 0, 0, fmt.Errorf("shape %v: is empty", h.shape)
	}
	if rows >= 1<<32 || cols >= 1<<31 {
		return 0, 0, fmt.Errorf("shape %v: must have fewer than 2³² rows of fewer than 2³¹ numbers", h.shape)
	}
	return rows, cols, nil
}
