// Package traintest holds functions that the tests of several rooms of package train share.
package traintest

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/sbinet/npyio"
	"gonum.org/v1/gonum/mat"

	"autoamp/datasets"
	"autoamp/kernels"
	"autoamp/kernels/cpu"
)

// NewCPU is the CPU's executor.
func NewCPU(t *testing.T, threads int) *cpu.Executor {
	t.Helper()
	e, err := cpu.New(cpu.Settings{Threads: threads})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// StoreLaw writes rows of independent coordinates as a .npy file. It writes with another library
// than autoamp's reader. The first empty coordinates are zero, the others are multiplied by scale.
func StoreLaw(t *testing.T, law kernels.Law, rows, dim, empty int, scale float64) string {
	t.Helper()
	source, err := datasets.Synthetic(law, dim, 11, datasets.Training)
	if err != nil {
		t.Fatal(err)
	}
	numbers := make([]float32, rows*dim)
	if err := source.Fill(numbers, 0); err != nil {
		t.Fatal(err)
	}
	m := mat.NewDense(rows, dim, nil)
	for i, v := range numbers {
		if i%dim >= empty {
			m.Set(i/dim, i%dim, scale*float64(v))
		}
	}
	path := filepath.Join(t.TempDir(), "rows.npy")
	f, err := os.Create(path)
	if err == nil {
		err = errors.Join(npyio.Write(f, m), f.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
	return "npy:" + path
}
