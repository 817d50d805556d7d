//go:build gpu

package cuda

import (
	"context"
	"encoding/binary"
	"errors"
	"math"
	"math/rand/v2"
	"time"

	"gorgonia.org/cu"
)

// Ceilings measures two highest speeds of the device: the bytes per second, read and written, of a copy on the device, and
// the operations per second of a square product by cuBLAS. The product uses the arithmetic of the executor's precision, for Auto
// that of the programs that were loaded last; for Split it multiplies bf16 with sums in float32. Each speed is the fastest of
// a few runs of several milliseconds. Ceilings takes a second or two and up to 8 GiB of the device's memory.
func (e *Executor) Ceilings(ctx context.Context) (copyBytes, productFlops float64, err error) {
	leave, err := e.enter()
	if err != nil {
		return 0, 0, err
	}
	defer leave()
	stream, err := cu.MakeStream(cu.NonBlocking)
	if err != nil {
		return 0, 0, checkCu(err, "make a stream")
	}
	defer func() { err = errors.Join(err, checkCu(stream.Destroy(), "destroy a stream")) }()
	free, _, err := cu.MemInfo()
	if err != nil {
		return 0, 0, checkCu(err, "ask for free memory")
	}
	m := meter{e: e, ctx: ctx, stream: stream, free: min(free/2, 8<<30)}
	if copyBytes, err = m.grow(1<<20, m.copy); err != nil {
		return 0, 0, err
	}
	productFlops, err = m.grow(256, m.product)
	return copyBytes, productFlops, err
}

// meter measures ceilings.
type meter struct {
	e      *Executor
	ctx    context.Context
	stream cu.Stream
	free   int64 // bytes that it may use
}

// longEnough is the time of an operation whose launch takes a negligible part of it.
const longEnough = 2 * time.Millisecond

// grow doubles the size of an operation until the operation takes long enough or has the largest size, and returns its rate.
func (m meter) grow(size int64, measure func(size int64) (rate float64, took time.Duration, last bool, err error)) (float64, error) {
	for {
		rate, took, last, err := measure(size)
		if err != nil || last || took >= longEnough {
			return rate, err
		}
		size *= 2
	}
}

// copy measures copies of some bytes.
func (m meter) copy(bytes int64) (rate float64, took time.Duration, last bool, err error) {
	base, free, err := m.allocate(2 * bytes)
	if err != nil {
		return 0, 0, false, err
	}
	defer func() { err = errors.Join(err, free()) }()
	took, err = m.best(func() error {
		return checkCu(cu.MemcpyDtoDAsync(base+cu.DevicePtr(bytes), base, bytes, m.stream), "copy on the device")
	})
	return 2 * float64(bytes) / took.Seconds(), took, 4*bytes > m.free, err
}

// maxSide is the side of the largest product.
const maxSide = 16384

// product measures products of square matrices.
func (m meter) product(side int64) (rate float64, took time.Duration, last bool, err error) {
	of, width, compute := float32Element, int64(4), computeFloat32
	switch m.e.current() {
	case TF32:
		compute = computeTF32
	case Split:
		of, width = bfloat16Element, 2
	}
	operand, result := side*side*width, side*side*4
	workspace := workspaceBytes(result)
	base, free, err := m.allocate(2*operand + result + workspace)
	if err != nil {
		return 0, 0, false, err
	}
	defer func() { err = errors.Join(err, free()) }()
	if err := m.fill(base, 2*operand, of); err != nil {
		return 0, 0, false, err
	}
	handle, err := m.e.blas.newHandle(m.stream)
	if err != nil {
		return 0, 0, false, err
	}
	defer func() { err = errors.Join(err, handle.destroy()) }()
	if err := handle.setWorkspace(uint64(base)+uint64(2*operand+result), workspace); err != nil {
		return 0, 0, false, err
	}
	at := func(bytes int64, of element) matrix {
		return matrix{data: uint64(base) + uint64(bytes), of: of, ld: int(side)}
	}
	took, err = m.best(func() error {
		n := int(side)
		return handle.gemm(false, false, n, n, n, at(0, of), at(operand, of), false, at(2*operand, float32Element), 1, compute)
	})
	next := 4 * (2*operand + result)
	return 2 * math.Pow(float64(side), 3) / took.Seconds(), took, 2*side > maxSide || next > m.free, err
}

// allocate takes device memory until free is called.
func (m meter) allocate(bytes int64) (base cu.DevicePtr, free func() error, err error) {
	base, err = cu.MemAlloc(bytes)
	if err := checkCu(err, "allocate "+size(bytes)); err != nil {
		return 0, nil, err
	}
	return base, func() error { return checkCu(cu.MemFree(base), "free device memory") }, nil
}

// best is the shortest time of an operation, over runs of ten.
func (m meter) best(enqueue func() error) (time.Duration, error) {
	const operations, runs = 10, 3
	shortest := time.Duration(math.MaxInt64)
	for range runs + 1 { // the first one warms up
		if err := m.ctx.Err(); err != nil {
			return 0, err
		}
		began := time.Now()
		for range operations {
			if err := enqueue(); err != nil {
				return 0, err
			}
		}
		if err := checkCu(m.stream.Synchronize(), "measure the device"); err != nil {
			return 0, err
		}
		shortest = min(shortest, time.Since(began)/operations)
	}
	return shortest, nil
}

// fill writes normal numbers: a product of zeros costs less power, and so runs faster than other products. They repeat
// after a stretch that is no multiple of a row.
func (m meter) fill(base cu.DevicePtr, bytes int64, of element) error {
	const distinct = 1<<20 + 8
	random := rand.New(rand.NewPCG(1, 2))
	var numbers []byte
	for int64(len(numbers)) < min(4*distinct, bytes) {
		bits := math.Float32bits(float32(random.NormFloat64()))
		if of == bfloat16Element {
			numbers = binary.LittleEndian.AppendUint16(numbers, uint16(bits>>16))
		} else {
			numbers = binary.LittleEndian.AppendUint32(numbers, bits)
		}
	}
	staging, err := newPinned(len(numbers))
	if err != nil {
		return err
	}
	copy(view[byte](staging, 0, len(numbers)), numbers)
	done := int64(len(numbers))
	err = checkCu(cu.MemcpyHtoDAsync(base, staging.p, done, m.stream), "copy to the device")
	for err == nil && done < bytes {
		n := min(done, bytes-done)
		err = checkCu(cu.MemcpyDtoDAsync(base+cu.DevicePtr(done), base, n, m.stream), "copy on the device")
		done += n
	}
	return errors.Join(err, checkCu(m.stream.Synchronize(), "fill matrices"), staging.free())
}
