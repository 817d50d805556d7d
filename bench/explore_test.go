package bench_test

import (
	"fmt"
	"testing"
	"time"

	"autoamp/bench"
	"autoamp/datasets"
	"autoamp/kernels/cpu"
)

func TestExploreMNIST(t *testing.T) {
	exec, _ := cpu.New(cpu.Settings{})
	l, err := datasets.Load("mnist", "/work/shared/data/mnist")
	if err != nil {
		t.Fatal(err)
	}
	images, test := l.Train.Select([]int{4, 9}).Table(), l.Test.Select([]int{4, 9}).Table()
	images.Data = images.Data[:6000*784]
	for _, steps := range []int{1000, 6000} {
		for _, h := range [][]int{{250}, {500}, {500, 250}, {500, 500}} {
			b := time.Now()
			r, err := bench.RangamaniMNIST(t.Context(), exec, bench.Panel{Hidden: h, Steps: steps, Seed: 1}, images, test)
			if err != nil {
				t.Fatal(err)
			}
			last := r.Rows[len(r.Rows)-1]
			fmt.Println(h, steps, last, time.Since(b))
		}
	}
}
