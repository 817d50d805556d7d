package datasets

import "fmt"

// Samples is a finite data set, read row by row. It is safe for concurrent use.
type Samples interface {
	// Len returns the number N of samples.
	Len() int
	// Dim returns d, the length of a sample.
	Dim() int
	// Row copies the i-th sample into dst, which has length d.
	Row(dst []float32, i int) error
}

// Table is a data set in memory.
type Table struct {
	// Data holds the samples, row-major (N, d).
	Data []float32
	// Cols is d.
	Cols int
}

// Len returns the number of samples.
func (t *Table) Len() int { return len(t.Data) / t.Cols }

// Dim returns d.
func (t *Table) Dim() int { return t.Cols }

// Row copies the i-th sample into dst.
func (t *Table) Row(dst []float32, i int) error {
	if i < 0 || i >= t.Len() || len(dst) != t.Cols {
		return fmt.Errorf("datasets: row %d into %d numbers: the table is %d × %d", i, len(dst), t.Len(), t.Cols)
	}
	copy(dst, t.Data[i*t.Cols:])
	return nil
}

var _ Samples = (*Table)(nil)
