//go:build unix

package main

import (
	"errors"
	"os"
	"strconv"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/sbinet/npyio"
	"gonum.org/v1/gonum/mat"

	"autoamp/kernels"
)

// cmdRows writes a NumPy array of sparse Gaussian numbers: rows FILE N D SEED
func cmdRows(ts *testscript.TestScript, _ bool, args []string) {
	var size [3]int
	for i := range size {
		var err error
		size[i], err = strconv.Atoi(args[i+1])
		ts.Check(err)
	}
	numbers := make([]float32, size[0]*size[1])
	kernels.Sample(numbers, 0, kernels.Law{Kind: kernels.SparseGaussian, P: 0.4}, kernels.Stream{Seed: uint64(size[2])})
	m := mat.NewDense(size[0], size[1], nil)
	for i, v := range numbers {
		m.Set(i/size[1], i%size[1], float64(v))
	}
	f, err := os.Create(ts.MkAbs(args[0]))
	ts.Check(err)
	ts.Check(errors.Join(npyio.Write(f, m), f.Close()))
}

// cmdCut keeps the first bytes of a file: cut FILE N
func cmdCut(ts *testscript.TestScript, _ bool, args []string) {
	size, err := strconv.ParseInt(args[1], 10, 64)
	ts.Check(err)
	ts.Check(os.Truncate(ts.MkAbs(args[0]), size))
}
