package datasets

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"path/filepath"
	"slices"

	"autoamp/datasets/durable"
)

// A whitening map on disk, all numbers little-endian:
//
//	magic, d and rank as uint32, mean and eigenvalues as float64, matrix as float32, SHA-256 of all that
//
// Its name is the SHA-256 of the images and settings that it was computed from.
//
// The number in the magic is the version of the file and of FitWhitening: a change of either raises it.
const whiteningMagic = "autoamp whitening 2\n"

// maxWhitening bounds the dimension of a file that is read: 4 GiB of matrix.
const maxWhitening = 1 << 15

// whitening returns the map of the training table from the cache, or computes it and stores it there. A cache that
// cannot be read or written is no error: the log says so.
func (c *collection) whitening(ctx context.Context, train *Table, s ImageSettings) (*Whitening, error) {
	path, err := whiteningPath(train, s)
	if err != nil {
		s.Log.Warn("no cache for the whitening map", "error", err)
		return FitWhitening(ctx, train, s.Cut)
	}
	w, err := readWhitening(path, train.Cols)
	if err == nil {
		return w, nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		s.Log.Warn("the cached whitening map is computed again", "error", err)
	}
	s.Log.Info("computing the whitening map", "images", train.Len(), "dim", train.Cols)
	if w, err = FitWhitening(ctx, train, s.Cut); err != nil {
		return nil, fmt.Errorf("%w (%s, classes %d)", err, c.name, s.Classes)
	}
	if err := store(path, w.write); err != nil {
		s.Log.Warn("the whitening map is not kept", "error", err)
	}
	return w, nil
}

// whiteningPath names the file of a map by all that decides it: the training images as they are, whatever was done to them
// before, the cut, and the version in whiteningMagic.
func whiteningPath(train *Table, s ImageSettings) (string, error) {
	dir := s.Cache
	if dir == "" {
		var err error
		if dir, err = whiteningDirectory(); err != nil {
			return "", err
		}
	}
	sum := sha256.New()
	fmt.Fprintf(sum, "%s%d %g\n", whiteningMagic, train.Cols, s.Cut)
	raw := make([]byte, 4*train.Cols)
	for row := range slices.Chunk(train.Data, train.Cols) {
		for j, v := range row {
			binary.LittleEndian.PutUint32(raw[4*j:], math.Float32bits(v))
		}
		sum.Write(raw)
	}
	return filepath.Join(dir, hex.EncodeToString(sum.Sum(nil)[:16])+".whitening"), nil
}

// write writes the file.
func (w *Whitening) write(out io.Writer) error {
	sum := sha256.New()
	buffered := bufio.NewWriterSize(io.MultiWriter(out, sum), 1<<20)
	_, err := buffered.WriteString(whiteningMagic)
	for _, part := range []any{uint32(len(w.Mean)), uint32(w.Rank), w.Mean, w.Eigenvalues, w.Matrix} {
		err = errors.Join(err, binary.Write(buffered, binary.LittleEndian, part))
	}
	if err = errors.Join(err, buffered.Flush()); err != nil {
		return err
	}
	_, err = out.Write(sum.Sum(nil))
	return err
}

// readWhitening reads the map of dimension d. A file that is not exactly what write wrote is an error.
func readWhitening(path string, d int) (*Whitening, error) {
	f, err := durable.OpenRegular(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	w, err := parseWhitening(f, d)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return w, nil
}

func parseWhitening(r io.Reader, d int) (*Whitening, error) {
	if d > maxWhitening {
		return nil, fmt.Errorf("dimension %d: must be at most %d", d, maxWhitening)
	}
	head := len(whiteningMagic)
	size := head + 8 + 16*d + 4*d*d
	data, err := readAtMost(r, int64(size+sha256.Size))
	if err != nil {
		return nil, err
	}
	if len(data) != size+sha256.Size {
		return nil, fmt.Errorf("%d bytes, want %d: damaged", len(data), size+sha256.Size)
	}
	if sum := sha256.Sum256(data[:size]); !bytes.Equal(sum[:], data[size:]) || string(data[:head]) != whiteningMagic {
		return nil, errors.New("checksum differs: damaged")
	}
	var cols, rank uint32
	w := &Whitening{Mean: make([]float64, d), Eigenvalues: make([]float64, d), Matrix: make([]float32, d*d)}
	body := bytes.NewReader(data[head:size])
	for _, part := range []any{&cols, &rank, w.Mean, w.Eigenvalues, w.Matrix} {
		if err := binary.Read(body, binary.LittleEndian, part); err != nil {
			return nil, err
		}
	}
	if int(cols) != d || int(rank) > d {
		return nil, fmt.Errorf("dimension %d and rank %d, want %d", cols, rank, d)
	}
	w.Rank = int(rank)
	return w, nil
}
