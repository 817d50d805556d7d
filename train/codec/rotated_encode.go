package codec

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"math"

	"autoamp/datasets"
	"autoamp/kernels"
	"autoamp/train/codec/law"
	"autoamp/train/codec/rotation"
)

// Encoding says how rows are encoded by a rotation.
type Encoding struct {
	// Kind and Seed are the rotation's; Rate is r = n/d, positive. n is rounded, and at least 1.
	Kind rotation.Kind
	Seed uint64
	Rate float64
	// Laws are the candidates for the law of a coordinate, as law.ParseNames returns them. Nil is all.
	Laws []string
	// Side says what is stored beside the code of a row.
	Side Side
	// Threads is the number of goroutines. Zero is one for each core.
	Threads int
	// Progress hears how far the rows are, once their law is known.
	Progress Progress
}

// spec is the rotation for rows of d numbers.
func (e Encoding) spec(d int) (rotation.Spec, error) {
	if !(e.Rate > 0) || math.IsInf(e.Rate, 0) {
		return rotation.Spec{}, fmt.Errorf("train: rate = %g: must be positive", e.Rate)
	}
	n := math.Max(1, math.Round(e.Rate*float64(d)))
	s := rotation.Spec{Kind: e.Kind, Bits: int(math.Min(n, math.MaxInt32)), Dim: d, Seed: e.Seed}
	if err := s.Check(); err != nil {
		return s, fmt.Errorf("train: %w", err)
	}
	return s, nil
}

// Encoded is what EncodeRotated did.
type Encoded struct {
	Header   *RotatedHeader
	Energies Energies
}

// EncodeRotated writes the codes of all rows to a new file: the signs of a rotation of each row. It needs no model. A row with a
// number that is not finite is refused, and nothing is written.
func EncodeRotated(ctx context.Context, rows datasets.Samples, path string, e Encoding) (*Encoded, error) {
	spec, err := e.spec(rows.Dim())
	if err != nil {
		return nil, err
	}
	if e.Laws == nil {
		e.Laws, _ = law.ParseNames(law.Auto)
	}
	sample, err := survey(rows, e.Laws, e.Side.Norms)
	if err != nil {
		return nil, err
	}
	b, err := rotation.New(spec)
	if err != nil {
		return nil, fmt.Errorf("train: %w", err)
	}
	h := &RotatedHeader{Rotation: spec, Rows: rows.Len(), BlockRows: rotatedRows, Side: e.Side, Law: sample.law, Scale: sample.scale}
	if err := h.check(); err != nil {
		return nil, fmt.Errorf("train: encode: %w", err)
	}
	out := &Encoded{Header: h}
	err = writeNew(path, func(w io.Writer) error { return out.write(ctx, w, rows, b, e) })
	if err != nil {
		return nil, err
	}
	return out, nil
}

// write writes the file and adds up the energies.
func (e *Encoded) write(ctx context.Context, w io.Writer, rows datasets.Samples, b *rotation.Rotation, o Encoding) error {
	h := e.Header
	if _, err := w.Write(h.encode()); err != nil {
		return err
	}
	energies := make([]Energies, h.Blocks()) // sums
	newWork := func() work {
		r := newRotator(h, rows, b)
		return func(k int, buffer []byte) (result []byte, err error) {
			result, energies[k], err = r.block(k, buffer[:0])
			return result, err
		}
	}
	emit := func(k int, block []byte) error {
		_, err := w.Write(block)
		o.Progress.done((k+1)*h.BlockRows, h.Rows)
		return err
	}
	if err := inOrder(ctx, h.Blocks(), o.Threads, newWork, emit); err != nil {
		return err
	}
	for _, s := range energies {
		e.Energies.Mean += s.Mean / float64(h.Rows)
		e.Energies.Root += s.Root / float64(h.Rows)
	}
	_, err := w.Write(h.encodeEnd(e.Energies))
	return err
}

// rotator encodes blocks on one goroutine.
type rotator struct {
	header *RotatedHeader
	rows   datasets.Samples
	worker rotation.Worker
	x, z   []float32 // (BlockRows, d), (BlockRows, n)
	energy []float64 // of the rows of the block
	norm   []float64 // the root of the mean square of a row as it is rotated
}

func newRotator(h *RotatedHeader, rows datasets.Samples, b *rotation.Rotation) *rotator {
	return &rotator{
		header: h, rows: rows, worker: b.NewWorker(), energy: make([]float64, h.BlockRows), norm: make([]float64, h.BlockRows),
		x: make([]float32, h.BlockRows*h.Rotation.Dim), z: make([]float32, h.BlockRows*h.Rotation.Bits),
	}
}

// block appends the codes of a block and their checksum to dst, and returns the sums of its energies.
func (r *rotator) block(k int, dst []byte) ([]byte, Energies, error) {
	h := r.header
	count := h.rowsOf(k)
	d, n := h.Rotation.Dim, h.Rotation.Bits
	var sums Energies
	for i := range count {
		e, rotated, err := r.read(r.x[i*d:][:d], k*h.BlockRows+i)
		if err != nil {
			return dst, sums, err
		}
		r.energy[i], r.norm[i] = e, math.Sqrt(rotated)
		sums.Mean += e
		sums.Root += math.Sqrt(e)
	}
	r.worker.Forward(r.z[:count*n], r.x[:count*d])
	for i := range count {
		dst = r.appendRow(dst, r.z[i*n:][:n], i)
	}
	return binary.LittleEndian.AppendUint32(dst, blockSum(k, dst)), sums, nil
}

const (
	// plainEnergy bounds the mean squares whose rows are rotated as they are; others are scaled first, because float32 would
	// overflow or lose digits. A code does not depend on the scale.
	plainEnergy = 1e24
)

// read reads a row and returns the mean square of its numbers, and of those that are rotated.
func (r *rotator) read(row []float32, i int) (e, rotated float64, err error) {
	if err := r.rows.Row(row, i); err != nil {
		return 0, 0, err
	}
	e = kernels.Dot(row, row) / float64(len(row))
	if e > 1/plainEnergy && e < plainEnergy {
		return e, e, r.checkNorm(e, i)
	}
	if err := datasets.CheckFinite(r.rows, i, row); err != nil {
		return 0, 0, fmt.Errorf("train: encode: %w", err)
	}
	if e = meanSquare(row); e == 0 {
		return 0, 0, nil
	}
	for j, v := range row {
		row[j] = float32(float64(v) / math.Sqrt(e))
	}
	return e, 1, r.checkNorm(e, i)
}

// checkNorm refuses a row that is too long for the scale of norms.
func (r *rotator) checkNorm(e float64, i int) error {
	if norm := math.Sqrt(e) / r.header.Scale; r.header.Side.Norms && norm > largestNorm {
		return fmt.Errorf("train: encode: %s: its root mean square is %.3g: must be at most %d times the sampled rows', %.3g, so that its norm can be stored",
			datasets.Origin(r.rows, i), math.Sqrt(e), largestNorm, r.header.Scale)
	}
	return nil
}

// appendRow appends the code of row i of the block, and what is stored beside it.
func (r *rotator) appendRow(dst []byte, z []float32, i int) []byte {
	h := r.header
	at := len(dst)
	dst = append(dst, make([]byte, h.codeBytes())...)
	kernels.PackSigns(dst[at:], z)
	if h.Side.Norms {
		dst = append(dst, normLevel(math.Sqrt(r.energy[i])/h.Scale))
	}
	if h.Side.Factors {
		dst = append(dst, factorLevel(factor(z, r.norm[i])))
	}
	return dst
}

// factor is ⟨z, sign z⟩/n = ‖z‖₁/n in units of the row's norm, 0 for a row of zeros.
func factor(z []float32, norm float64) float64 {
	if norm == 0 {
		return 0
	}
	sum := 0.0
	for _, v := range z {
		sum += math.Abs(float64(v))
	}
	return sum / float64(len(z)) / norm
}
