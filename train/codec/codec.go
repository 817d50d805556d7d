package codec

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"

	"github.com/goccy/go-yaml"

	"autoamp/datasets"
	"autoamp/graph"
	"autoamp/train/config"
	"autoamp/train/program"
	"autoamp/train/rundir"
)

// Codec is a trained model as a lossy compressor of rows to one bit for each of its n codes.
//
// The programs of training code the rows, in blocks as large as the batches of training. So a
// decoded row equals the model's output in evaluation, bit by bit. A sign(0) is the coin of the
// model's seed, the block and the place in the block, so that a file is a function of model and
// rows.
//
// Rows are in the units of the training data: for npy:FILE the units of the file, for laws and
// images the units of the model's input.
type Codec struct {
	// Progress hears how far Encode and Decode are.
	Progress Progress

	config  config.Config
	seed    uint64
	rms     float64
	hash    [32]byte
	runner  graph.Runner
	x, code []float32 // a block's, (b, d) and (b, n)
	output  []float32 // (b, d)
}

// Report holds the measurements of encoding or decoding.
type Report struct {
	Rows      int     `json:"rows"`
	Dim       int     `json:"dim"`
	Bits      int     `json:"bits"`  // of a row, n
	Bytes     int64   `json:"bytes"` // of the file of codes
	BitsPer   float64 `json:"bits_per_coordinate"`
	MSE       float64 `json:"mse"`          // per coordinate; 0 where there is no reference
	Relative  Ratio   `json:"relative_mse"` // MSE over the mean square of the rows
	Reference bool    `json:"reference"`    // there were rows to compare with
}

// Ratio is a number that is +Inf where its denominator is 0; JSON has no such number and gets null.
type Ratio float64

// MarshalJSON returns the number, or null if it is not finite.
func (r Ratio) MarshalJSON() ([]byte, error) {
	if x := float64(r); !math.IsInf(x, 0) && !math.IsNaN(x) {
		return json.Marshal(x)
	}
	return []byte("null"), nil
}

// The programs of a codec.
const (
	encodeProgram = 0
	decodeProgram = 1
)

// codecRows is the size of a block for models that were trained without batches.
const codecRows = 256

// Open loads a model from a run directory, its newest checkpoint, or from a checkpoint. The
// replica, counted from 0, chooses among the models that were trained side by side.
func Open(model string, replica int, exec graph.Executor) (*Codec, error) {
	checkpoint, err := rundir.Find(model)
	if err != nil {
		return nil, err
	}
	c := checkpoint.Config
	if c.Data.UnitRows {
		return nil, fmt.Errorf("train: %s: data.unit_rows = true: the model knows no lengths of rows, which a codec needs", checkpoint.Path)
	}
	if c.Model.Name == config.TiedModel {
		return nil, fmt.Errorf("train: %s: the tied model's code is of real numbers: it is no one-bit codec", checkpoint.Path)
	}
	k := &Codec{config: c, rms: c.Data.RMS}
	k.rms = cmp.Or(k.rms, 1)
	replicas := k.config.Replicas()
	if replica < 0 || replica >= len(replicas) {
		return nil, fmt.Errorf("train: replica = %d: must be from 0 to %d, the models of %s", replica, len(replicas)-1, model)
	}
	if err := k.load(exec, replicas[replica]); err != nil {
		return nil, err
	}
	if err := k.restore(checkpoint, replica); err != nil {
		k.Close()
		return nil, err
	}
	return k, nil
}

// load compiles the encoder and the decoder and makes room for a block.
func (k *Codec) load(exec graph.Executor, replica graph.Replica) error {
	g := k.config.Graph()
	g.Batch = cmp.Or(g.Batch, codecRows)
	model, err := graph.New(g)
	if err != nil {
		return fmt.Errorf("train: model: %w", err)
	}
	encoder, err := model.Compile(graph.Options{Keep: []string{graph.Code, graph.Output}})
	if err != nil {
		return fmt.Errorf("train: encoder: %w", err)
	}
	decoder, err := model.Compile(graph.Options{FromCode: true, Keep: []string{graph.Output}})
	if err != nil {
		return fmt.Errorf("train: decoder: %w", err)
	}
	k.seed = replica.Seed
	k.x, k.code, k.output = make([]float32, g.Batch*g.Dim), make([]float32, g.Batch*g.Code), make([]float32, g.Batch*g.Dim)
	k.runner, err = exec.Load([]graph.Replica{replica}, encoder, decoder)
	return err
}

// restore reads the weights and hashes them.
func (k *Codec) restore(checkpoint *rundir.Checkpoint, replica int) error {
	tensors, err := program.Tensors(k.config)
	if err != nil {
		return err
	}
	architecture, err := yaml.Marshal(k.config.Model) // fields that a later version adds are left out where they do not apply
	if err != nil {
		return fmt.Errorf("train: model: %w", err)
	}
	sum := sha256.New()
	fmt.Fprintf(sum, "%s\nrows %d seed %d rms %x\n", architecture, k.rows(), k.seed, math.Float64bits(k.rms))
	err = checkpoint.LoadTensors(replica, tensors, func(b graph.Buffer, values []float32) error {
		if b.Kind != graph.Weight {
			return nil
		}
		fmt.Fprintf(sum, "%s %v\n", b.Name, b.Shape)
		return errors.Join(binary.Write(sum, binary.LittleEndian, values), k.runner.Write(b.Name, 0, values))
	})
	sum.Sum(k.hash[:0])
	return err
}

// Dim returns d.
func (k *Codec) Dim() int { return k.config.Model.Dim }

func (k *Codec) rows() int { return len(k.x) / k.Dim() }

// header returns the header of a file with the given number of rows.
func (k *Codec) header(rows int) Header {
	return Header{Dim: k.Dim(), Bits: k.config.Model.Code(), BlockRows: k.rows(), Rows: rows, Model: k.hash}
}

// Close releases the model.
func (k *Codec) Close() error { return k.runner.Close() }

// run runs a program on the block and reads its output.
func (k *Codec) run(program, block int) error {
	if err := k.runner.Run(program, uint64(block), 1, make([]float64, 1)); err != nil {
		return fmt.Errorf("train: block %d: %w", block, err)
	}
	return k.runner.Read(graph.Output, 0, k.output)
}

// decoded writes row i of the block in the units of the data into dst.
func (k *Codec) decoded(dst []float32, i int) error {
	for j, v := range k.output[i*k.Dim():][:k.Dim()] {
		dst[j] = float32(float64(v) * k.rms)
		if x := float64(dst[j]); math.IsNaN(x) || math.IsInf(x, 0) {
			return fmt.Errorf("a decoded number is %g times the data's root mean square, %g: beyond float32", v, k.rms)
		}
	}
	return nil
}

// readBlock reads rows of a data set into x, in the units of the model, and fills up with zeros.
func (k *Codec) readBlock(s datasets.Samples, first, count int) error {
	d := k.Dim()
	for i := range count {
		row := k.x[i*d:][:d]
		if err := s.Row(row, first+i); err != nil {
			return err
		}
		if err := datasets.CheckFinite(s, first+i, row); err != nil {
			return fmt.Errorf("train: encode: %w", err)
		}
		for j, v := range row {
			row[j] = float32(float64(v) / k.rms)
		}
	}
	clear(k.x[count*d:])
	return k.checkEnergy(s, first, count)
}

// checkEnergy refuses the rows of a block if the block's squared error could overflow float32. Its error names the largest row.
func (k *Codec) checkEnergy(s datasets.Samples, first, count int) error {
	const most = math.MaxFloat32 / 4 // (x − x̂)² is at most 2x² + 2x̂²
	d, worst := k.Dim(), 0
	var total, largest float64
	for i := range count {
		var square float64
		for _, v := range k.x[i*d:][:d] {
			square += float64(v) * float64(v)
		}
		total += square
		if square > largest {
			worst, largest = i, square
		}
	}
	if total <= most {
		return nil
	}
	return fmt.Errorf("train: encode: %s: the root of its sum of squares is %.3g: must be below %.3g, so that the squares of a block add up in float32",
		datasets.Origin(s, first+worst), k.rms*math.Sqrt(largest), k.rms*math.Sqrt(most/float64(k.rows())))
}

// check refuses rows of another dimension.
func (k *Codec) check(s datasets.Samples) error {
	if s.Dim() != k.Dim() {
		return fmt.Errorf("train: the rows have %d numbers, the model codes %d", s.Dim(), k.Dim())
	}
	return nil
}

// distortion adds up errors, in float64.
type distortion struct{ error, square float64 }

func (d *distortion) add(row, decoded []float32) {
	for j, v := range row {
		e := float64(v) - float64(decoded[j])
		d.error += e * e
		d.square += float64(v) * float64(v)
	}
}

func (k *Codec) report(rows int, d distortion, reference bool) *Report {
	h, numbers := k.header(rows), float64(rows)*float64(k.Dim())
	r := &Report{
		Rows: rows, Dim: h.Dim, Bits: h.Bits, Bytes: h.Size(), BitsPer: 8 * float64(h.Size()) / numbers, Reference: reference,
	}
	if reference {
		r.MSE = d.error / numbers
		if r.Relative = Ratio(d.error / d.square); d.square == 0 {
			r.Relative = Ratio(math.Inf(1))
		}
	}
	return r
}

// stopped reports a cancelled context.
func stopped(ctx context.Context, block int) error {
	if ctx.Err() == nil {
		return nil
	}
	return fmt.Errorf("train: stopped before block %d, nothing is written: %w", block, ctx.Err())
}
