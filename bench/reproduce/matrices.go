package reproduce

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"

	"github.com/sbinet/npyio"
	"gonum.org/v1/gonum/mat"

	"autoamp/datasets/durable"
)

// matrices is the folder of an experiment's matrices, each a .npz file, as numpy.savez writes it: a zip archive of one array,
// stored with its CRC-32.
type matrices string

// maxMatrix bounds a matrix's file, in bytes.
const maxMatrix = 8 << 30

func (m matrices) path(name string) string { return filepath.Join(string(m), name+".npz") }

func (m matrices) write(d durable.Disk, name string, a *mat.Dense) error {
	err := makeFolder(d, string(m))
	if err == nil {
		err = durable.WriteFile(d, m.path(name), func(w io.Writer) error {
			archive := zip.NewWriter(w)
			member, err := archive.CreateHeader(&zip.FileHeader{Name: name + ".npy", Method: zip.Store})
			if err != nil {
				return err
			}
			return errors.Join(npyio.Write(member, a), archive.Close())
		})
	}
	if err != nil {
		return fmt.Errorf("reproduce: matrix %s: %w", name, err)
	}
	return nil
}

// makeFolder makes a folder if there is none, in one that there is.
func makeFolder(d durable.Disk, path string) error {
	if err := d.Mkdir(path, 0o777); err != nil {
		if errors.Is(err, fs.ErrExist) {
			return nil
		}
		return err
	}
	return d.SyncDir(filepath.Dir(path))
}

// Matrix returns a matrix that a cell has left, by its name in Output.Matrices. While cells are missing, one that is not there yet is
// empty.
func (r *Results) Matrix(name string) (*mat.Dense, error) {
	path := r.matrices.path(name)
	data, err := durable.ReadFile(path, maxMatrix)
	if durable.Exhausted(err) {
		return nil, err
	}
	if errors.Is(err, fs.ErrNotExist) {
		if r.partial {
			return &mat.Dense{}, nil
		}
		err = errors.New("there is no such file")
	}
	var a *mat.Dense
	if err == nil {
		a, err = parseMatrix(data)
	}
	return a, damaged(path, err, "remove the rows of its cell, or all, from table.csv to compute it again")
}

// parseMatrix reads the only member of an archive, once its checksum is right.
func parseMatrix(data []byte) (*mat.Dense, error) {
	archive, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, err
	}
	if len(archive.File) != 1 || archive.File[0].Method != zip.Store {
		return nil, fmt.Errorf("an archive of %d members: must be one array, not compressed", len(archive.File))
	}
	member, err := archive.File[0].Open()
	if err != nil {
		return nil, err
	}
	defer member.Close()
	array, err := io.ReadAll(member)
	if err != nil {
		return nil, err
	}
	var a mat.Dense
	return &a, npyio.Read(bytes.NewReader(array), &a)
}
