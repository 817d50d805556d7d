package codec

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"math"

	"autoamp/amp"
	"autoamp/datasets"
	"autoamp/kernels"
	"autoamp/train/codec/inference"
	"autoamp/train/codec/rotation"
)

// Decoding says how rows are decoded.
type Decoding struct {
	inference.Settings

	// Unbiased scales linear estimates x̂ so that ⟨x̂, q⟩ is ⟨x, q⟩ on average, for any q (RaBitQ). They have a larger error.
	Unbiased bool
	// Threads is the number of goroutines. Zero is one for each core.
	Threads int
	// Progress hears how far Decode is.
	Progress Progress
}

// Check reports settings that contradict each other.
func (o Decoding) Check() error {
	if err := o.Settings.Check(); err != nil {
		return fmt.Errorf("train: %w", err)
	}
	if o.Unbiased && o.Method != inference.Linear {
		return fmt.Errorf("train: unbiased: only the linear decoder is; decoder = %v", o.Method)
	}
	return nil
}

// DecodedReport is what decode prints.
type DecodedReport struct {
	RotatedReport

	Decoder    string         `json:"decoder"`
	Iterations int            `json:"iterations"`
	Predicted  float64        `json:"predicted_mse"`
	Reference  bool           `json:"reference"`    // there were rows to compare with
	MSE        float64        `json:"mse"`          // per coordinate; 0 where there is no reference
	Relative   Ratio          `json:"relative_mse"` // MSE over the mean square of the rows
	Status     map[string]int `json:"status"`       // rows by the status of their decoding
}

// Decode decodes all rows and writes them to a new .npy file, float32. If reference, the original rows, is given, Decode reports the
// error. A damaged block is an error that names it; then nothing is written.
func (f *RotatedFile) Decode(ctx context.Context, path string, reference datasets.Samples, o Decoding) (*DecodedReport, error) {
	if err := f.checkReference(reference); err != nil {
		return nil, err
	}
	k, err := f.NewRowDecoder(o)
	if err != nil {
		return nil, err
	}
	var sums decodedSums
	err = writeNew(path, func(w io.Writer) error { return f.decode(ctx, w, k, reference, o, &sums) })
	if err != nil {
		return nil, err
	}
	return f.decodedReport(k, o, sums, reference != nil), nil
}

func (f *RotatedFile) decodedReport(k *RowDecoder, o Decoding, sums decodedSums, reference bool) *DecodedReport {
	r := &DecodedReport{
		RotatedReport: f.header.report(f.energies), Decoder: o.Method.String(), Iterations: k.decoder.Iterations(),
		Predicted: k.Predicted(), Reference: reference, Status: map[string]int{},
	}
	for s, n := range sums.status {
		r.Status[s.String()] = n
	}
	if reference {
		r.MSE = sums.error / (float64(r.Rows) * float64(r.Dim))
		if r.Relative = Ratio(sums.error / sums.square); sums.square == 0 {
			r.Relative = Ratio(math.Inf(1))
		}
	}
	return r
}

// checkReference refuses a reference of another shape.
func (f *RotatedFile) checkReference(reference datasets.Samples) error {
	if reference == nil {
		return nil
	}
	if h := f.header; reference.Len() != h.Rows || reference.Dim() != h.Dim() {
		return fmt.Errorf("train: decode: the reference has %d rows of %d numbers, %s has %d of %d", reference.Len(), reference.Dim(), f.path, h.Rows, h.Dim())
	}
	return nil
}

// RowDecoder decodes blocks of a file. It is safe for concurrent use.
type RowDecoder struct {
	file    *RotatedFile
	decoder *inference.Decoder
	options Decoding
	alpha   float64 // of the linear estimate, α·Bᵀy
}

// NewRowDecoder prepares a decoder of the file.
func (f *RotatedFile) NewRowDecoder(o Decoding) (*RowDecoder, error) {
	if err := o.Check(); err != nil {
		return nil, err
	}
	b, err := rotation.New(f.header.Rotation)
	if err != nil {
		return nil, fmt.Errorf("train: decode: %s: %w", f.path, err)
	}
	k, err := inference.New(b, f.header.Law.Prior(), o.Settings)
	if err != nil {
		return nil, err
	}
	mu, sigma2 := amp.HaarChannel(b.Rate())
	return &RowDecoder{f, k, o, mu / (mu*mu + sigma2)}, nil
}

// Predicted returns the error per coordinate that the decoder predicts for the rows of the file.
func (k *RowDecoder) Predicted() float64 {
	return predicted(k.file.header.Side, k.file.energies, k.decoder.MSE(), k.options.Unbiased)
}

// RowWorker decodes blocks on one goroutine.
type RowWorker struct {
	*RowDecoder

	worker *inference.Worker
	buffer []byte
	rows   []float32
	status []amp.Status
}

// NewWorker returns a worker.
func (k *RowDecoder) NewWorker() *RowWorker {
	h := k.file.header
	return &RowWorker{
		RowDecoder: k, worker: k.decoder.NewWorker(),
		rows: make([]float32, h.BlockRows*h.Dim()), status: make([]amp.Status, h.BlockRows),
	}
}

// Block returns the rows of a block, in the units of the data, and their statuses. Both are valid until the next call.
func (w *RowWorker) Block(block int) (rows []float32, status []amp.Status, err error) {
	h := w.file.header
	if w.buffer, err = w.file.ReadBlock(block, w.buffer); err != nil {
		return nil, nil, err
	}
	count, d := h.rowsOf(block), h.Dim()
	rows, status = w.rows[:count*d], w.status[:count]
	w.worker.Decode(rows, w.buffer, h.rowBytes(), status)
	for i := range count {
		row, side := rows[i*d:][:d], w.buffer[i*h.rowBytes()+h.codeBytes():]
		gain := w.gain(row, side)
		if !(gain < math.MaxFloat32) {
			return nil, nil, fmt.Errorf("train: decode: %s: row %d: its norm %.3g is beyond float32", w.file.path, block*h.BlockRows+i, gain)
		}
		kernels.Scale(row, row, float32(gain))
	}
	return rows, status, nil
}

// gain is what a decoded row of mean square 1 is multiplied by.
func (w *RowWorker) gain(row []float32, side []byte) float64 {
	h := w.file.header
	gain := w.file.energies.Root
	if h.Side.Norms {
		gain = h.Scale * normOf(side[0])
		side = side[1:]
	}
	rate := float64(h.Rotation.Bits) / float64(h.Dim())
	factor := math.Sqrt(2 / math.Pi)
	if h.Side.Factors {
		factor = factorOf(side[0])
	}
	switch {
	case w.options.Unbiased: // x̂ = u/(⟨u, z⟩/d), ⟨u, z⟩ = ⟨s, Bz⟩ = factor·n
		return gain / (factor * rate * w.alpha)
	case w.options.Method == inference.Linear && h.Side.Factors: // x̂ = u·⟨u, z⟩/‖u‖²
		if square := kernels.Dot(row, row); square > 0 {
			return gain * factor * float64(h.Rotation.Bits) * w.alpha / square
		}
	}
	return gain
}

// decodedSums are over rows.
type decodedSums struct {
	distortion

	status map[amp.Status]int
}

func (s *decodedSums) add(other decodedSums) {
	s.error += other.error
	s.square += other.square
	if s.status == nil {
		s.status = map[amp.Status]int{}
	}
	for status, n := range other.status {
		s.status[status] += n
	}
}

// decode writes all rows.
func (f *RotatedFile) decode(ctx context.Context, w io.Writer, k *RowDecoder, reference datasets.Samples, o Decoding, sums *decodedSums) error {
	h := f.header
	if _, err := datasets.NewArrayWriter(w, h.Rows, h.Dim()); err != nil {
		return err
	}
	parts := make([]decodedSums, h.Blocks())
	newWork := func() work {
		worker, row := k.NewWorker(), make([]float32, h.Dim())
		return func(block int, buffer []byte) ([]byte, error) {
			rows, status, err := worker.Block(block)
			if err != nil {
				return buffer, err
			}
			parts[block].status = count(status)
			if reference != nil {
				if err := compareRows(reference, row, rows, block*h.BlockRows, &parts[block].distortion); err != nil {
					return buffer, err
				}
			}
			return appendFloats(buffer[:0], rows), nil
		}
	}
	err := inOrder(ctx, h.Blocks(), o.Threads, newWork, func(k int, block []byte) error {
		_, err := w.Write(block)
		o.Progress.done((k+1)*h.BlockRows, h.Rows)
		return err
	})
	for _, p := range parts {
		sums.add(p)
	}
	return err
}

func count(status []amp.Status) map[amp.Status]int {
	counts := map[amp.Status]int{}
	for _, s := range status {
		counts[s]++
	}
	return counts
}

// compareRows adds up the errors of decoded rows, the first of which is number first of the reference.
func compareRows(reference datasets.Samples, row, decoded []float32, first int, d *distortion) error {
	for i := 0; len(decoded) > 0; i, decoded = i+1, decoded[len(row):] {
		if err := reference.Row(row, first+i); err != nil {
			return err
		}
		if err := datasets.CheckFinite(reference, first+i, row); err != nil {
			return fmt.Errorf("train: %w", err)
		}
		d.add(row, decoded[:len(row)])
	}
	return nil
}

// appendFloats appends numbers as a .npy file has them.
func appendFloats(dst []byte, x []float32) []byte {
	for _, v := range x {
		dst = binary.LittleEndian.AppendUint32(dst, math.Float32bits(v))
	}
	return dst
}
