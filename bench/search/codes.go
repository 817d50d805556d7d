package search

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"time"

	"autoamp/train/codec"
)

// encode writes the corpus to a file of codes, which is removed with remove.
func encode(ctx context.Context, c *corpus, e codec.Encoding) (file *codec.RotatedFile, remove func(), err error) {
	dir, err := os.MkdirTemp("", "autoamp-codec-")
	if err != nil {
		return nil, nil, err
	}
	path := filepath.Join(dir, "rows.a1b")
	if _, err = codec.EncodeRotated(ctx, c.rows, path, e); err == nil {
		file, err = codec.OpenRotated(path)
	}
	if err != nil {
		os.RemoveAll(dir)
		return nil, nil, err
	}
	return file, func() {
		file.Close()
		os.RemoveAll(dir)
	}, nil
}

// decode decodes all rows on one core. The time is that of as many blocks of the median time, so that what else runs on the machine now and
// then does not count.
func decode(ctx context.Context, file *codec.RotatedFile, o codec.Decoding) (estimate []float32, predicted, seconds float64, err error) {
	k, err := file.NewRowDecoder(o)
	if err != nil {
		return nil, 0, 0, err
	}
	w, h := k.NewWorker(), file.Header()
	estimate = make([]float32, 0, h.Rows*h.Dim())
	times := make([]float64, h.Blocks())
	for block := range times {
		began := time.Now()
		rows, _, err := w.Block(block)
		if err != nil {
			return nil, 0, 0, err
		}
		times[block] = time.Since(began).Seconds() / float64(len(rows))
		estimate = append(estimate, rows...)
	}
	slices.Sort(times)
	predicted, _, err = k.Predict(ctx)
	return estimate, predicted, times[len(times)/2] * float64(len(estimate)), err
}
