package codec

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"autoamp/datasets"
	"autoamp/datasets/durable"
	"autoamp/graph"
)

// ErrOtherModel reports that another model wrote a file of codes.
var ErrOtherModel = errors.New("was encoded by another model")

// Encode writes the codes of all rows to a new file. It reports the error of the rows that Decode
// will return. It holds one block in memory.
func (k *Codec) Encode(ctx context.Context, rows datasets.Samples, path string) (*Report, error) {
	if err := k.check(rows); err != nil {
		return nil, err
	}
	var d distortion
	err := writeNew(path, func(w io.Writer) error {
		out, err := NewWriter(w, k.header(rows.Len()))
		if err != nil {
			return err
		}
		for block, first := 0, 0; first < rows.Len(); block, first = block+1, first+k.rows() {
			if err := errors.Join(stopped(ctx, block), k.encode(out, rows, block, &d)); err != nil {
				return err
			}
			k.Progress.done(first+k.rows(), rows.Len())
		}
		return out.Close()
	})
	if err != nil {
		return nil, err
	}
	return k.report(rows.Len(), d, true), nil
}

// encode writes the codes of one block and adds up their errors.
func (k *Codec) encode(out *Writer, rows datasets.Samples, block int, d *distortion) error {
	first := block * k.rows()
	count := min(k.rows(), rows.Len()-first)
	if err := k.readBlock(rows, first, count); err != nil {
		return err
	}
	if err := k.runner.Write("x", 0, k.x); err != nil {
		return err
	}
	if err := k.run(encodeProgram, block); err != nil {
		return fmt.Errorf("%s to %d: %w", datasets.Origin(rows, first), first+count-1, err)
	}
	if err := k.runner.Read(graph.Code, 0, k.code); err != nil {
		return err
	}
	if err := k.compare(rows, first, count, d); err != nil {
		return err
	}
	return out.Write(k.code)
}

// compare adds up the errors of the block's output, and refuses rows that are not finite.
func (k *Codec) compare(rows datasets.Samples, first, count int, d *distortion) error {
	row, decoded := make([]float32, k.Dim()), make([]float32, k.Dim())
	for i := range count {
		if err := rows.Row(row, first+i); err != nil {
			return err
		}
		if err := errors.Join(datasets.CheckFinite(rows, first+i, row), k.decoded(decoded, i)); err != nil {
			return fmt.Errorf("train: %w", err)
		}
		d.add(row, decoded)
	}
	return nil
}

// Decode decodes a file of codes and writes its rows to a new .npy file, float32. If reference, the
// original rows, is given, Decode reports the error. The error for a file of another model wraps
// ErrOtherModel. The error for a damaged file names the block and the bytes; then nothing is
// written.
func (k *Codec) Decode(ctx context.Context, codes, path string, reference datasets.Samples) (*Report, error) {
	f, err := durable.OpenRegular(codes)
	if err != nil {
		return nil, fmt.Errorf("train: decode: %w", err)
	}
	defer f.Close()
	in, err := NewReader(bufio.NewReaderSize(f, 1<<20))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", codes, err)
	}
	if err := k.checkCodes(codes, in.Header(), reference); err != nil {
		return nil, err
	}
	var d distortion
	if err := writeNew(path, func(w io.Writer) error { return k.decode(ctx, codes, in, w, reference, &d) }); err != nil {
		return nil, err
	}
	return k.report(in.Header().Rows, d, reference != nil), nil
}

// checkCodes refuses codes of another model, and a reference with another shape than the codes.
func (k *Codec) checkCodes(codes string, got Header, reference datasets.Samples) error {
	if want := k.header(got.Rows); got != want {
		return fmt.Errorf("train: decode: %s: %w, %x; this one is %x", codes, ErrOtherModel, got.Model[:8], want.Model[:8])
	}
	if reference == nil {
		return nil
	}
	if err := k.check(reference); err != nil {
		return err
	}
	if reference.Len() != got.Rows {
		return fmt.Errorf("train: decode: the reference has %d rows, %s has %d", reference.Len(), codes, got.Rows)
	}
	return nil
}

// decode writes all blocks.
func (k *Codec) decode(ctx context.Context, codes string, in *Reader, w io.Writer, reference datasets.Samples, d *distortion) error {
	out, err := datasets.NewArrayWriter(w, in.Header().Rows, k.Dim())
	if err != nil {
		return err
	}
	for block := 0; ; block++ {
		count, err := in.Next(k.code)
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return fmt.Errorf("%s: %w", codes, err)
		}
		if err := errors.Join(stopped(ctx, block), k.decodeBlock(out, block, count)); err != nil {
			return err
		}
		if reference != nil {
			if err := k.compare(reference, block*k.rows(), count, d); err != nil {
				return err
			}
		}
		k.Progress.done((block+1)*k.rows(), in.Header().Rows)
	}
}

// decodeBlock decodes the block that lies in code and writes its rows.
func (k *Codec) decodeBlock(out *datasets.ArrayWriter, block, count int) error {
	if err := k.runner.Write(graph.Code, 0, k.code); err != nil {
		return err
	}
	if err := k.run(decodeProgram, block); err != nil {
		return err
	}
	row := make([]float32, k.Dim())
	for i := range count {
		if err := k.decoded(row, i); err != nil {
			return fmt.Errorf("train: block %d: %w", block, err)
		}
		if err := out.Write(row); err != nil {
			return err
		}
	}
	return nil
}

// writeNew writes a file that does not exist yet, whole or not at all. An error of write that is not an error of the file
// passes unchanged.
func writeNew(path string, write func(io.Writer) error) error {
	if _, err := os.Lstat(path); err == nil {
		return fmt.Errorf("train: out = %s: exists; choose another name or remove it", path)
	}
	if err := durable.MkdirAll(durable.OS, filepath.Dir(path)); err != nil {
		return fmt.Errorf("train: out = %s: %w", path, err)
	}
	var failed error // of write
	err := durable.WriteFile(durable.OS, path, func(w io.Writer) error {
		buffer := bufio.NewWriterSize(output{w, path}, 1<<20)
		if failed = write(buffer); failed == nil {
			failed = buffer.Flush()
		}
		return failed
	})
	if err == nil || failed != nil {
		return failed
	}
	return fmt.Errorf("train: out = %s: %w", path, err)
}

// output is the file that is written: its errors name it.
type output struct {
	w    io.Writer
	path string
}

func (o output) Write(p []byte) (int, error) {
	n, err := o.w.Write(p)
	if err != nil {
		err = fmt.Errorf("train: out = %s: %w", o.path, err)
	}
	return n, err
}
