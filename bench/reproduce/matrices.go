package reproduce

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/sbinet/npyio"
	"gonum.org/v1/gonum/mat"

	"autoamp/datasets"
)

// matrices is the folder of an experiment's matrices, each a .npy file.
type matrices string

func (m matrices) path(name string) string { return filepath.Join(string(m), name+".npy") }

func (m matrices) write(name string, a *mat.Dense) error {
	err := os.MkdirAll(string(m), 0o777)
	if err == nil {
		err = datasets.WriteFile(m.path(name), func(w io.Writer) error { return npyio.Write(w, a) })
	}
	if err != nil {
		return fmt.Errorf("reproduce: matrix %s: %w", name, err)
	}
	return nil
}

// Matrix returns a matrix that a cell has left, by its name in Output.Matrices.
func (r *Results) Matrix(name string) (*mat.Dense, error) {
	f, err := os.Open(r.matrices.path(name))
	var a mat.Dense
	if err == nil {
		err = errors.Join(npyio.Read(f, &a), f.Close())
	}
	if err != nil {
		return nil, fmt.Errorf("reproduce: matrix %s: %w; remove table.csv to compute it again", name, err)
	}
	return &a, nil
}
