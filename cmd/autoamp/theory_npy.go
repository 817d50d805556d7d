package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"

	"github.com/sbinet/npyio"

	"autoamp/amp"
)

// empiricalLaw reads npy:FILE as a law. share is the share of samples that are not zero.
func empiricalLaw(file string) (law *amp.Empirical, share float64, samples int, err error) {
	values, err := readNumbers(file)
	if err != nil {
		return nil, 0, 0, err
	}
	if law, err = amp.NewEmpirical(values, 0); err != nil {
		return nil, 0, 0, fmt.Errorf("npy:%s: %w", file, err)
	}
	filled := 0
	for _, x := range values {
		if x != 0 {
			filled++
		}
	}
	return law, float64(filled) / float64(len(values)), len(values), nil
}

// readNumbers reads all numbers of a NumPy array, whatever its shape.
func readNumbers(file string) ([]float64, error) {
	info, err := os.Stat(file)
	if err != nil {
		return nil, &usageError{err: fmt.Errorf("data = npy:%s: %w", file, err), hint: "give a .npy file as npy:FILE"}
	}
	if !info.Mode().IsRegular() || info.Size() > maxNumbers {
		return nil, npyError(file, fmt.Sprintf("%d bytes, %v", info.Size(), info.Mode()), "must be a regular file of at most 4 GiB")
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, &usageError{err: fmt.Errorf("data = npy:%s: %w", file, err)}
	}
	values, err := parseNumbers(data)
	if err != nil {
		return nil, &usageError{err: fmt.Errorf("npy:%s: %w", file, err), hint: "numpy.save writes such files"}
	}
	return values, nil
}

// maxNumbers bounds the size of a file in bytes.
const maxNumbers = 4 << 30

// npyError names a file, what it holds and what is allowed.
func npyError(file, value, allowed string) error {
	return usagef("npy:%s: %s: %s", file, value, allowed)
}

// parseNumbers reads a .npy file. The library trusts headers, so they are checked here: its panics on a damaged one
// become errors, and a body that is shorter than the shape says, which it would fill up with zeros, is refused.
func parseNumbers(data []byte) (values []float64, err error) {
	defer func() {
		if p := recover(); p != nil {
			values, err = nil, fmt.Errorf("damaged header: %v", p)
		}
	}()
	// Version 2 has a length of four bytes, which could ask for gigabytes.
	if len(data) >= 12 && data[6] == 2 && int(data[8])|int(data[9])<<8|int(data[10])<<16|int(data[11])<<24 > len(data) {
		return nil, errors.New("damaged header: longer than the file")
	}
	body := bytes.NewReader(data)
	r, err := npyio.NewReader(body)
	if err != nil {
		return nil, fmt.Errorf("not a NumPy array: %w", err)
	}
	count := 1
	for _, n := range r.Header.Descr.Shape {
		if n < 0 || n > 0 && count > maxNumbers/n {
			return nil, fmt.Errorf("shape %v: must hold at most 4 GiB", r.Header.Descr.Shape)
		}
		count *= n
	}
	read, size := numbers(r)
	if read == nil {
		return nil, fmt.Errorf("dtype %q: must be float64, float32, an integer or bool", r.Header.Descr.Type)
	}
	if body.Len() != count*size {
		return nil, fmt.Errorf("shape %v: must have %d bytes of numbers, there are %d", r.Header.Descr.Shape, count*size, body.Len())
	}
	return read()
}

// numbers returns the reader for a file's type and the size of a number; nil for types that are no real numbers.
func numbers(r *npyio.Reader) (read func() ([]float64, error), size int) {
	switch npyio.TypeFrom(r.Header.Descr.Type) {
	case npyio.TypeFrom("f8"):
		return into[float64](r), 8
	case npyio.TypeFrom("f4"):
		return into[float32](r), 4
	case npyio.TypeFrom("u1"):
		return into[uint8](r), 1
	case npyio.TypeFrom("i1"):
		return into[int8](r), 1
	case npyio.TypeFrom("u2"):
		return into[uint16](r), 2
	case npyio.TypeFrom("i2"):
		return into[int16](r), 2
	case npyio.TypeFrom("u4"):
		return into[uint32](r), 4
	case npyio.TypeFrom("i4"):
		return into[int32](r), 4
	case npyio.TypeFrom("u8"):
		return into[uint64](r), 8
	case npyio.TypeFrom("i8"):
		return into[int64](r), 8
	case npyio.TypeFrom("b1"):
		return truths(r), 1
	}
	return nil, 0
}

// into reads numbers of type T.
func into[T float64 | float32 | uint8 | int8 | uint16 | int16 | uint32 | int32 | uint64 | int64](r *npyio.Reader) func() ([]float64, error) {
	return func() ([]float64, error) {
		var raw []T
		if err := r.Read(&raw); err != nil {
			return nil, err
		}
		values := make([]float64, len(raw))
		for i, x := range raw {
			values[i] = float64(x)
		}
		return values, nil
	}
}

// truths reads booleans as 0 and 1.
func truths(r *npyio.Reader) func() ([]float64, error) {
	return func() ([]float64, error) {
		var raw []bool
		if err := r.Read(&raw); err != nil {
			return nil, err
		}
		values := make([]float64, len(raw))
		for i, x := range raw {
			if x {
				values[i] = 1
			}
		}
		return values, nil
	}
}
