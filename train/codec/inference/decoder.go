package inference

import (
	"context"
	"fmt"
	"math"
	"runtime"
	"sync"
	"sync/atomic"

	"autoamp/amp"
	"autoamp/kernels"
	"autoamp/train/codec/rotation"
)

// Decoder decodes the codes of one rotation. It is safe for concurrent use.
type Decoder struct {
	rotation *rotation.Rotation
	law      amp.Prior
	steps    steps
	mse      float64
	second   steps      // what decodes rows that steps fail on; nil for methods that do not fail
	status   amp.Status // of rows that nothing contradicts
}

// steps are what a method does with a block of codes, y (rows, n) in w.y, until w.x (rows, d) is the estimate.
type steps interface {
	run(w *Worker)
}

// New prepares a decoder for rows of mean square 1 whose coordinates have the law.
func New(b *rotation.Rotation, law amp.Prior, s Settings) (*Decoder, error) {
	if err := s.Check(); err != nil {
		return nil, fmt.Errorf("train: %w", err)
	}
	d := &Decoder{rotation: b, law: law}
	if s.Method >= RIGAMP {
		d.second, _ = newDenoiser(law, b)
	}
	var err error
	switch s.Method {
	case Denoiser:
		d.steps, d.mse = newDenoiser(law, b)
	case RIGAMP:
		err = d.prepareRIGAMP(law, s)
	case VAMP:
		err = d.prepareVAMP(law, s)
	default:
		d.steps, d.mse = newLinear(b)
	}
	if err != nil {
		return nil, fmt.Errorf("train: %w", err)
	}
	return d, nil
}

// MSE returns the theory's error per coordinate for rows of mean square 1: for linear and denoiser with the correction of order 1/d, for
// the others the state evolution's, the limit as d → ∞. Predict corrects that.
func (d *Decoder) MSE() float64 { return d.mse }

// Iterations returns T, the number of products with Bᵀ: 1 for linear and denoiser.
func (d *Decoder) Iterations() int {
	switch s := d.steps.(type) {
	case *vamp:
		return len(s.passes) + 1
	case *rigamp:
		return len(s.iterations)
	}
	return 1
}

// Worker decodes blocks of codes on one goroutine.
type Worker struct {
	decoder *Decoder
	product rotation.Worker
	n, d    int
	rows    int // of a block
	y, z    []float32
	x       []float32
	room    [][]float32 // of the steps, by number
	packed  []byte
}

// blockNumbers is about the size of a block's vectors: those of an iteration stay in the second-level cache.
const blockNumbers = 8192

// NewWorker returns a worker.
func (d *Decoder) NewWorker() *Worker {
	n, dim := d.rotation.Dims()
	rows := max(1, blockNumbers/max(n, dim))
	return &Worker{
		decoder: d, product: d.rotation.NewWorker(), n: n, d: dim, rows: rows,
		y: make([]float32, rows*n), z: make([]float32, rows*n), x: make([]float32, rows*dim), packed: make([]byte, (n+7)/8),
	}
}

// vector returns vector number k of the steps, of the given length, as it was left.
func (w *Worker) vector(k, length int) []float32 {
	for len(w.room) <= k {
		w.room = append(w.room, nil)
	}
	if cap(w.room[k]) < length {
		w.room[k] = make([]float32, w.rows*max(w.n, w.d))
	}
	return w.room[k][:length]
}

// Decode writes the estimates of len(status) rows, dst (rows, d), and how each was found. Rows that rigamp or vamp fail on, which their
// codes show, have the denoiser's estimate where its code is nearer to theirs.
//
// The codes begin every stride bytes. A code has ⌈n/8⌉ bytes, the first bit lowest.
func (w *Worker) Decode(dst []float32, codes []byte, stride int, status []amp.Status) {
	all := w.rows
	for len(status) > 0 {
		rows := min(all, len(status))
		w.block(dst[:rows*w.d], codes, stride, status[:rows])
		dst, status = dst[rows*w.d:], status[rows:]
		codes = codes[min(rows*stride, len(codes)):]
	}
}

// block decodes the rows of one block.
func (w *Worker) block(dst []float32, codes []byte, stride int, status []amp.Status) {
	y, z, x := w.y, w.z, w.x
	defer func() { w.y, w.z, w.x = y, z, x }()
	rows := len(status)
	w.y, w.z, w.x = y[:rows*w.n], z[:rows*w.n], dst
	for i := range rows {
		kernels.UnpackSigns(w.y[i*w.n:][:w.n], codes[i*stride:])
	}
	w.decoder.steps.run(w)
	if w.decoder.second == nil {
		for i := range status {
			status[i] = w.decoder.status
		}
		return
	}
	w.product.Forward(w.z, w.x)
	for i := range status {
		wrong := 0
		if status[i], wrong = w.judge(codes[i*stride:], i); status[i] == amp.Contradicted || status[i] == amp.Diverged {
			w.again(codes[i*stride:], i, wrong)
		}
	}
}

// judge compares the code of row i's estimate with the row's code, and returns the number of signs that differ.
func (w *Worker) judge(code []byte, i int) (status amp.Status, wrong int) {
	if kernels.FirstNonFinite(w.x[i*w.d:][:w.d]) >= 0 {
		return amp.Diverged, w.n + 1
	}
	if wrong = w.wrongSigns(code, i); float64(wrong) > amp.AllowedSigns(w.decoder.mse, w.n) {
		return amp.Contradicted, wrong
	}
	return w.decoder.status, wrong
}

// again decodes row i by the denoiser, and takes that estimate if its code is nearer to the row's.
func (w *Worker) again(code []byte, i, wrong int) {
	y, z, x := w.y, w.z, w.x
	w.y, w.z, w.x = y[i*w.n:][:w.n], z[i*w.n:][:w.n], w.vector(0, w.d)
	w.decoder.second.run(w)
	w.product.Forward(w.z, w.x)
	if w.wrongSigns(code, 0) < wrong {
		copy(x[i*w.d:], w.x)
	}
	w.y, w.z, w.x = y, z, x
}

// Batch decodes rows of codes, ⌈n/8⌉ bytes each, into dst (rows, d) on a number of goroutines, all cores' for 0, and returns a status
// for each row.
func (d *Decoder) Batch(ctx context.Context, dst []float32, codes []byte, threads int) ([]amp.Status, error) {
	n, dim := d.rotation.Dims()
	size := (n + 7) / 8
	rows := len(codes) / size
	if len(codes) != rows*size || len(dst) != rows*dim {
		return nil, fmt.Errorf("train: decode: %d bytes of codes into %d numbers: want %d bytes and %d numbers a row", len(codes), len(dst), size, dim)
	}
	if threads == 0 {
		threads = runtime.GOMAXPROCS(0)
	}
	status := make([]amp.Status, rows)
	var next atomic.Int64
	var group sync.WaitGroup
	for range threads {
		group.Go(func() {
			w := d.NewWorker()
			for ctx.Err() == nil {
				first := (int(next.Add(1)) - 1) * w.rows
				if first >= rows {
					return
				}
				last := min(rows, first+w.rows)
				w.Decode(dst[first*dim:last*dim], codes[first*size:last*size], size, status[first:last])
			}
		})
	}
	group.Wait()
	return status, ctx.Err()
}

// channelNoise is the noise of Bᵀy/μ for rows of mean square 1 at this d: 1/(μ²/σ²), with a μ² that is larger by 1/(2·max(n, d))
// of itself than as d → ∞, and μ² + σ² the same (amp/finitedim.go).
func channelNoise(b *rotation.Rotation) float64 {
	n, d := b.Dims()
	mu, sigma2 := amp.HaarChannel(b.Rate())
	noise := sigma2 / (mu * mu)
	return math.Max((1+noise)*(1-1/(2*float64(max(n, d))))-1, noise/2)
}
