package train

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"autoamp/datasets"
	"autoamp/graph"
)

// ErrOtherModel says that a file of codes was not written by this model.
var ErrOtherModel = errors.New("was encoded by another model")

// Encode writes the codes of all rows to a new file. It reports the error of what Decode will
// return. Memory is that of one block.
func (k *Codec) Encode(ctx context.Context, rows datasets.Samples, path string) (*CodecReport, error) {
	if err := k.check(rows); err != nil {
		return nil, err
	}
	var d distortion
	err := writeNew(path, func(w io.Writer) error {
		out, err := datasets.NewCodesWriter(w, k.header(rows.Len()))
		if err != nil {
			return err
		}
		for block, first := 0, 0; first < rows.Len(); block, first = block+1, first+k.rows() {
			if err := errors.Join(stopped(ctx, block), k.encode(out, rows, block, &d)); err != nil {
				return err
			}
		}
		return out.Close()
	})
	if err != nil {
		return nil, err
	}
	return k.report(rows.Len(), d, true), nil
}

// encode writes the codes of one block and adds up their errors.
func (k *Codec) encode(out *datasets.CodesWriter, rows datasets.Samples, block int, d *distortion) error {
	first := block * k.rows()
	count := min(k.rows(), rows.Len()-first)
	if err := k.readBlock(rows, first, count); err != nil {
		return err
	}
	if err := k.runner.Write("x", 0, k.x); err != nil {
		return err
	}
	if err := k.run(encodeProgram, block); err != nil {
		return err
	}
	if err := k.runner.Read(graph.Code, 0, k.code); err != nil {
		return err
	}
	if err := k.compare(rows, first, count, d); err != nil {
		return err
	}
	return out.Write(k.code)
}

// compare adds up the errors of the block's output.
func (k *Codec) compare(rows datasets.Samples, first, count int, d *distortion) error {
	row, decoded := make([]float32, k.Dim()), make([]float32, k.Dim())
	for i := range count {
		if err := rows.Row(row, first+i); err != nil {
			return err
		}
		k.decoded(decoded, i)
		d.add(row, decoded)
	}
	return nil
}

// Decode writes the rows that a file of codes stands for to a new .npy file, float32. With a
// reference, the original rows, it reports the error. A file of another model wraps
// ErrOtherModel; a damaged one names block and bytes, and nothing is written.
func (k *Codec) Decode(ctx context.Context, codes, path string, reference datasets.Samples) (*CodecReport, error) {
	f, err := os.Open(codes)
	if err != nil {
		return nil, fmt.Errorf("train: decode: %w", err)
	}
	defer f.Close()
	in, err := datasets.NewCodesReader(bufio.NewReaderSize(f, 1<<20))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", codes, err)
	}
	rows := in.Header().Rows
	if want := k.header(rows); in.Header() != want {
		got := in.Header()
		return nil, fmt.Errorf("train: decode: %s: %w, %x; this one is %x", codes, ErrOtherModel, got.Model[:8], want.Model[:8])
	}
	if reference != nil {
		if err := k.check(reference); err != nil {
			return nil, err
		}
		if reference.Len() != rows {
			return nil, fmt.Errorf("train: decode: the reference has %d rows, %s has %d", reference.Len(), codes, rows)
		}
	}
	var d distortion
	if err := writeNew(path, func(w io.Writer) error { return k.decode(ctx, in, w, reference, &d) }); err != nil {
		return nil, err
	}
	return k.report(rows, d, reference != nil), nil
}

// decode writes all blocks.
func (k *Codec) decode(ctx context.Context, in *datasets.CodesReader, w io.Writer, reference datasets.Samples, d *distortion) error {
	out, err := datasets.NewArrayWriter(w, in.Header().Rows, k.Dim())
	if err != nil {
		return err
	}
	row := make([]float32, k.Dim())
	for block := 0; ; block++ {
		count, err := in.Next(k.code)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err = errors.Join(err, stopped(ctx, block)); err != nil {
			return err
		}
		if err := k.runner.Write(graph.Code, 0, k.code); err != nil {
			return err
		}
		if err := k.run(decodeProgram, block); err != nil {
			return err
		}
		for i := range count {
			k.decoded(row, i)
			if err := out.Write(row); err != nil {
				return err
			}
		}
		if reference != nil {
			if err := k.compare(reference, block*k.rows(), count, d); err != nil {
				return err
			}
		}
	}
}

// writeNew writes a file that does not exist yet, whole or not at all.
func writeNew(path string, write func(io.Writer) error) error {
	if exists(path) {
		return fmt.Errorf("train: out = %s: exists; choose another name or remove it", path)
	}
	err := datasets.WriteFile(path, func(w io.Writer) error {
		buffer := bufio.NewWriterSize(w, 1<<20)
		return errors.Join(write(buffer), buffer.Flush())
	})
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}
