package cells

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"

	"autoamp/datasets/durable"
)

// storedCell is a cell in the file.
type storedCell struct {
	key         string
	first, last int // lines, from 1
	records     [][]string
	stored, sum durable.Checksum // the checksum in the file, and the checksum of the rows in the file
}

// parseTable reads a table with any columns, and checks every cell. Errors name line and cell.
func parseTable(data []byte) (header []string, cells []*storedCell, err error) {
	lines := &lineReader{data: data, csv: csv.NewReader(bytes.NewReader(data)), out: newLineWriter()}
	header, err = lines.next()
	if err == io.EOF {
		err = errors.New("line 1: the file is empty")
	}
	if err != nil {
		return nil, nil, err
	}
	empty := durable.Sum(lines.out.line(header))
	begun := map[string]bool{}
	for {
		record, err := lines.next()
		if err == io.EOF {
			return header, cells, checkCells(cells)
		}
		if err != nil {
			return nil, nil, err
		}
		if key := record[0]; len(cells) == 0 || cells[len(cells)-1].key != key {
			if begun[key] {
				return nil, nil, lines.fault(errors.New("the cell stands in two places"))
			}
			begun[key] = true
			cells = append(cells, &storedCell{key: key, first: lines.number, sum: empty})
		}
		if err := cells[len(cells)-1].add(record, lines); err != nil {
			return nil, nil, lines.fault(err)
		}
	}
}

// add adds a row, the newest of the lines, to a cell.
func (c *storedCell) add(record []string, lines *lineReader) error {
	last := len(record) - 1
	var stored durable.Checksum
	if err := stored.UnmarshalText([]byte(record[last])); err != nil {
		return fmt.Errorf("column %s: %w", checksumColumn, err)
	}
	if len(c.records) > 0 && stored != c.stored {
		return fmt.Errorf("column %s is %v, and %v in the line before it", checksumColumn, stored, c.stored)
	}
	c.sum.Write(lines.out.line(record[:last]))
	c.records, c.stored, c.last = append(c.records, record), stored, lines.number
	return nil
}

// checkCells compares the checksums of all cells with the checksums in the file. If there are several cells and all are wrong,
// the error names the header first.
func checkCells(cells []*storedCell) error {
	var first error
	wrong := 0
	for _, c := range cells {
		if err := c.sum.Check(c.stored); err != nil {
			if wrong++; first == nil {
				first = fmt.Errorf("lines %d to %d, cell %s: %w", c.first, c.last, c.key, err)
			}
		}
	}
	if wrong > 1 && wrong == len(cells) {
		return fmt.Errorf("line 1, the header, or every cell: %w", cells[0].sum.Check(cells[0].stored))
	}
	return first
}

// rows are the rows of a cell by column.
func (c *storedCell) rows(columns []string) []Row {
	rows := make([]Row, len(c.records))
	for i, record := range c.records {
		rows[i] = Row{}
		for j, column := range columns {
			if text := record[j+1]; text != "" {
				rows[i][column] = text
			}
		}
	}
	return rows
}

// lineReader reads records that stand exactly as package csv writes them: no other line ends, quotes or empty lines.
type lineReader struct {
	data   []byte
	csv    *csv.Reader
	out    *lineWriter
	number int    // of the newest record's first line, from 1
	height int    // its lines
	cell   string // of the newest line, empty for the header's
}

// next returns a record of at least two fields.
func (l *lineReader) next() ([]string, error) {
	begin := l.csv.InputOffset()
	record, err := l.csv.Read()
	text := l.data[begin:l.csv.InputOffset()]
	if err == io.EOF && len(text) == 0 {
		return nil, err
	}
	header := l.number == 0
	l.number += max(l.height, 1)
	l.height = bytes.Count(text, []byte("\n"))
	var malformed *csv.ParseError
	switch {
	case errors.As(err, &malformed):
		err = malformed.Err
	case err == nil && len(record) < 2:
		err = errors.New("one column")
	case !bytes.Equal(text, l.out.line(record)):
		err = errors.New("its line end, quotes or spaces are not as they were written")
	}
	if err != nil {
		return nil, l.fault(err)
	}
	if !header {
		l.cell = record[0]
	}
	return record, nil
}

// fault returns an error that names the newest line and its cell, or the cell before it.
func (l *lineReader) fault(err error) error {
	place := fmt.Sprintf("line %d", l.number)
	if l.cell != "" {
		place += ", cell " + l.cell
	}
	return fmt.Errorf("%s: damaged, changed or cut off: %w", place, err)
}
