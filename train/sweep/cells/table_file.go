package cells

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"io/fs"
	"slices"

	"autoamp/datasets/durable"
)

// checksumColumn is the last column of a file: the CRC-32C of the header and of all rows of the row's cell without this
// column, each line as package csv writes it.
const checksumColumn = "crc32c"

// maxTable bounds a file, in bytes.
const maxTable = 1 << 30

func (t *Table) header() []string {
	return slices.Concat([]string{cellColumn}, t.Columns, []string{checksumColumn})
}

// Write writes the rows of those given cells that have rows, and no others. So the file depends on the set of finished cells,
// and not on the order of their runs.
func (t *Table) Write(d durable.Disk, path string, keys []string) error {
	return durable.WriteFile(d, path, func(w io.Writer) error {
		out := newLineWriter()
		_, err := w.Write(out.line(t.header()))
		for _, key := range keys {
			if err == nil {
				_, err = w.Write(t.lines(out, key))
			}
		}
		return err
	})
}

// lines are the lines of a cell.
func (t *Table) lines(out *lineWriter, key string) []byte {
	var records [][]string
	sum := durable.Sum(out.line(t.header()))
	for _, row := range t.cells[key] {
		record := []string{key}
		for _, column := range t.Columns {
			record = append(record, row.Text(column))
		}
		sum.Write(out.line(record))
		records = append(records, record)
	}
	var text []byte
	for _, record := range records {
		text = append(text, out.line(append(record, sum.String()))...)
	}
	return text
}

// lineWriter makes lines of records.
type lineWriter struct {
	text bytes.Buffer
	csv  *csv.Writer
}

func newLineWriter() *lineWriter {
	w := &lineWriter{}
	w.csv = csv.NewWriter(&w.text)
	return w
}

// line is a record as it stands in the file, until the next call.
func (w *lineWriter) line(record []string) []byte {
	w.text.Reset()
	_ = w.csv.Write(record) // writing to a buffer never fails
	w.csv.Flush()
	return w.text.Bytes()
}

// ReadTable reads a table. A file that does not exist is an empty table. An undamaged table with other columns is from
// another version of the experiment: it gives an empty table too, and other is true. A cell without rows was not run. Any
// other difference from the output of Write is an error.
func ReadTable(path string, columns []string) (t *Table, other bool, err error) {
	t = NewTable(columns)
	data, err := durable.ReadFile(path, maxTable)
	if errors.Is(err, fs.ErrNotExist) {
		return t, false, nil
	}
	if err != nil {
		return nil, false, err
	}
	header, cells, err := parseTable(data)
	other = err == nil && !slices.Equal(header, t.header())
	if other && len(cells) == 0 { // no checksum says that this was a header
		err = errors.New("line 1: damaged, changed or cut off: it is no header of this table")
	}
	if err != nil {
		return nil, false, &DamagedError{path, err, "remove the file, or the rows of that cell, to compute them again"}
	}
	for _, c := range cells {
		if !other {
			t.cells[c.key] = c.rows(columns)
		}
	}
	return t, other, nil
}
