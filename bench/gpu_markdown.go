package bench

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Markdown writes the table for people.
func (r *GPUResult) Markdown(w io.Writer) error {
	var s strings.Builder
	fmt.Fprintf(&s, "# Time of a training step on a GPU\n\n"+
		"One online-SGD step of the denoising sign autoencoder: fresh sparse Gaussian data (p = 0.4), forward, backward,\n"+
		"Adam; r = 1. Milliseconds per step of all models together: median (10th to 90th percentile) over turns, one\n"+
		"contestant after the other in the same run, and the median relative to autoamp's first precision.\n\n"+
		"- predicted: the range that the model of autoamp bench suite --predict gives, made before anything was measured; below and\n"+
		"  above say on which side of it the median is.\n"+
		"- TFLOP/s: the matrix products' operations, of autoamp those executed, over the time of the step.\n"+
		"- products: the same over the time that the elementwise passes leave, and its share of a large product.\n"+
		"- GB/s: what all instructions read and write, each operand once, over the time of the step.\n"+
		"- elementwise: the step without its products, what it reads and writes, and its share of a large copy.\n\n")
	fmt.Fprintf(&s, "%s, %d cores, %s.\n", r.Machine.CPU, r.Machine.Cores, r.Date.Format("2 January 2006"))
	for _, name := range slices.Sorted(maps.Keys(r.Versions)) {
		fmt.Fprintf(&s, "- %s: %s\n", name, r.Versions[name])
	}
	r.writeCeilings(&s)
	r.writeRows(&s)
	r.writeReplicas(&s)
	_, err := io.WriteString(w, s.String())
	return err
}

func (r *GPUResult) writeCeilings(s *strings.Builder) {
	for i, precision := range r.precisions() {
		if i == 0 {
			s.WriteString("\n## The device at its best\n\n| precision | large product, TFLOP/s | large copy, GB/s |\n|---|---|---|\n")
		}
		c := r.Ceilings[precision]
		fmt.Fprintf(s, "| %s | %s | %s |\n", precision, digits(c.ProductTFLOPS), digits(c.CopyGBs))
	}
}

func (r *GPUResult) writeRows(s *strings.Builder) {
	for i, row := range r.Rows {
		if i == 0 || row.Cell != r.Rows[i-1].Cell {
			fmt.Fprintf(s, "\n## d = %d, batch %d%s\n\n"+
				"| contestant | ms per step | predicted | ratio | TFLOP/s | products | GB/s | elementwise |\n|---|---|---|---|---|---|---|---|\n",
				row.Dim, row.Batch, models(row.Cell))
		}
		if row.Absent != "" {
			fmt.Fprintf(s, "| %s | absent: %s | | | | | | |\n", row.name(), strings.ReplaceAll(row.Absent, "|", "/"))
			continue
		}
		fmt.Fprintf(s, "| %s | %s (%s–%s) | %s | %s | %s | %s | %s | %s |\n", row.name(),
			fine(row.Ms.Median), fine(row.Ms.P10), fine(row.Ms.P90), row.predicted(), known(row.Ratio, "×"), known(row.TFLOPS, ""),
			row.products(), known(row.GBs, ""), row.elementwise())
	}
}

func models(c Cell) string {
	if c.Replicas <= 1 {
		return ""
	}
	return fmt.Sprintf(", %d models", c.Replicas)
}

// fine writes milliseconds with a tenth of a microsecond where they are few.
func fine(ms float64) string {
	if ms < 1 {
		return strconv.FormatFloat(ms, 'f', 4, 64)
	}
	return digits(ms)
}

// predicted is the modelled time with its range, and what is to be looked at: a measured time outside the range.
func (r GPURow) predicted() string {
	switch {
	case r.Predicted == nil:
		return "–"
	case r.Ms.Median < r.Predicted.Low:
		return r.Predicted.between() + ", **below**"
	case r.Ms.Median > r.Predicted.High:
		return r.Predicted.between() + ", **above**"
	}
	return r.Predicted.between()
}

// known writes a number, or a dash for zero.
func known(x float64, unit string) string {
	if x == 0 {
		return "–"
	}
	return digits(x) + unit
}

func (r Rates) products() string {
	if r.ProductTFLOPS == 0 {
		return "–"
	}
	return digits(r.ProductTFLOPS) + share(r.ProductShare)
}

func (r Rates) elementwise() string {
	if r.ElementwiseMs == 0 {
		return "–"
	}
	return fmt.Sprintf("%s ms, %s GB/s", fine(r.ElementwiseMs), digits(r.ElementwiseGBs)) + share(r.CopyShare)
}

func share(x float64) string {
	if x == 0 {
		return ""
	}
	return fmt.Sprintf(", %.0f %%", 100*x)
}

// writeReplicas compares models side by side with PyTorch's that are trained one by one, their step being one CUDA graph.
func (r *GPUResult) writeReplicas(s *strings.Builder) {
	began := false
	for _, row := range r.Rows {
		one := Cell{Model: row.Model, Dim: row.Dim, Batch: row.Batch}
		alone := faster(r.find(TorchCompiledGraph, one), r.find(TorchGraph, one))
		if row.Replicas <= 1 || row.Absent != "" {
			continue
		}
		if !began {
			s.WriteString("\n## Models side by side\n\n| d, batch | models | contestant | µs per step and model | throughput, PyTorch as one graph one by one = 1 |\n" +
				"|---|---|---|---|---|\n")
			began = true
		}
		perModel := row.Ms.Median / float64(row.Replicas)
		ratio := 0.0
		if alone != nil {
			ratio = alone.Ms.Median / perModel
		}
		fmt.Fprintf(s, "| %d, %d | %d | %s | %s | %s |\n", row.Dim, row.Batch, row.Replicas, row.name(), digits(1e3*perModel), known(ratio, "×"))
	}
}

// faster is the faster of two rows, which may be nil.
func faster(a, b *GPURow) *GPURow {
	if a == nil || b != nil && b.Ms.Median < a.Ms.Median {
		return b
	}
	return a
}

// find returns the first measured row of a contestant in a cell; nil if there is none.
func (r *GPUResult) find(contestant string, c Cell) *GPURow {
	for i, row := range r.Rows {
		if row.Contestant == contestant && row.Cell == c && row.Absent == "" {
			return &r.Rows[i]
		}
	}
	return nil
}
