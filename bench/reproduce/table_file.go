package reproduce

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"

	"autoamp/datasets/durable"
)

// checksumColumn is the last column of table.csv: the CRC-32C of the header and of all rows of the row's cell without this
// column, each line as package csv writes it.
const checksumColumn = "crc32c"

// maxTable bounds table.csv, in bytes.
const maxTable = 1 << 30

func (t *table) header() []string {
	return slices.Concat([]string{cellColumn}, t.columns, []string{checksumColumn})
}

// write writes the rows of the given cells that are there, and no others: the file depends on what was run, not on when.
func (t *table) write(d durable.Disk, path string, keys []string) error {
	return durable.WriteFile(d, path, func(w io.Writer) error {
		if _, err := w.Write(line(t.header())); err != nil {
			return err
		}
		for _, key := range keys {
			if _, err := w.Write(t.lines(key)); err != nil {
				return err
			}
		}
		return nil
	})
}

// lines are the lines of a cell.
func (t *table) lines(key string) []byte {
	var records [][]string
	sum := durable.Sum(line(t.header()))
	for _, row := range t.cells[key] {
		record := []string{key}
		for _, column := range t.columns {
			record = append(record, row.Text(column))
		}
		sum.Write(line(record))
		records = append(records, record)
	}
	var text []byte
	for _, record := range records {
		text = append(text, line(append(record, sum.String()))...)
	}
	return text
}

// line is a record as it stands in the file.
func line(record []string) []byte {
	var text bytes.Buffer
	w := csv.NewWriter(&text)
	_ = w.Write(record) // a buffer takes everything
	w.Flush()
	return text.Bytes()
}

// readTable reads a table. One that does not exist is empty. A whole table with other columns is from another version of the
// experiment: it is empty as well, and other is true. A cell that is missing was not run. Everything else that write did not
// write is refused.
func readTable(path string, columns []string) (t *table, other bool, err error) {
	t = &table{columns: columns, cells: map[string][]Row{}}
	data, err := durable.ReadFile(path, maxTable)
	if errors.Is(err, fs.ErrNotExist) {
		return t, false, nil
	}
	if err != nil {
		return nil, false, fmt.Errorf("reproduce: %w", err)
	}
	header, cells, err := parseTable(data)
	if err == nil && !slices.Equal(header, t.header()) {
		if len(cells) == 0 { // no checksum says that this was a header
			err = errors.New("line 1: damaged, changed or cut off: no header of this table")
		}
		return t, true, refuseDamaged(path, err, "remove it to compute it again")
	}
	for _, c := range cells {
		t.cells[c.key] = c.rows(columns)
	}
	return t, false, refuseDamaged(path, err, "remove the file, or the rows of that cell, to compute them again")
}

// storedCell is a cell in the file.
type storedCell struct {
	key         string
	first, last int // lines, from 1
	records     [][]string
	stored, sum durable.Checksum // as it stands there, and of what stands there
}

// parseTable reads table.csv, whatever its columns are, and checks every cell. Errors name line and cell.
func parseTable(data []byte) (header []string, cells []*storedCell, err error) {
	lines := &lineReader{data: data, csv: csv.NewReader(bytes.NewReader(data))}
	header, _, err = lines.next()
	if err == io.EOF {
		return nil, nil, errors.New("line 1: the file is empty")
	}
	if err != nil {
		return nil, nil, err
	}
	begun := map[string]bool{}
	for {
		record, number, err := lines.next()
		if err == io.EOF {
			return header, cells, checkCells(cells)
		}
		if err != nil {
			return nil, nil, err
		}
		if len(cells) == 0 || cells[len(cells)-1].key != record[0] {
			if begun[record[0]] {
				return nil, nil, fmt.Errorf("line %d, cell %s: stands in two places", number, record[0])
			}
			begun[record[0]] = true
			cells = append(cells, &storedCell{key: record[0], first: number, sum: durable.Sum(line(header))})
		}
		if err := cells[len(cells)-1].add(record, number); err != nil {
			return nil, nil, err
		}
	}
}

// add adds a row to a cell.
func (c *storedCell) add(record []string, number int) error {
	last := len(record) - 1
	var stored durable.Checksum
	if err := stored.UnmarshalText([]byte(record[last])); err != nil {
		return fmt.Errorf("line %d, cell %s: column %s: %w", number, c.key, checksumColumn, err)
	}
	if len(c.records) > 0 && stored != c.stored {
		return fmt.Errorf("line %d, cell %s: damaged, changed or from another run: column %s is %v, and %v in the line before it",
			number, c.key, checksumColumn, stored, c.stored)
	}
	c.sum.Write(line(record[:last]))
	c.records, c.stored, c.last = append(c.records, record), stored, number
	return nil
}

// checkCells compares the checksums of all cells with those that stand there. If all of several are wrong it is the header.
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
	data []byte
	csv  *csv.Reader
	cell string // of the newest line
}

// next returns a record of at least two fields, and its line from 1.
func (l *lineReader) next() ([]string, int, error) {
	begin := l.csv.InputOffset()
	number := 1 + bytes.Count(l.data[:begin], []byte("\n"))
	record, err := l.csv.Read()
	var malformed *csv.ParseError
	switch {
	case err == io.EOF && begin == int64(len(l.data)):
		return nil, 0, io.EOF
	case errors.As(err, &malformed):
		number, err = malformed.StartLine, malformed.Err
	case err == nil && len(record) < 2:
		err = errors.New("one column")
	case err == io.EOF, err == nil && !bytes.Equal(l.data[begin:l.csv.InputOffset()], line(record)):
		err = errors.New("its line end, quotes or spaces are not as they were written")
	}
	if err != nil {
		return nil, 0, fmt.Errorf("%s: damaged, changed or cut off: %w", l.place(number), err)
	}
	if number > 1 {
		l.cell = record[0]
	}
	return record, number, nil
}

// place names a line and the cell that it is in or after.
func (l *lineReader) place(number int) string {
	if l.cell == "" {
		return fmt.Sprintf("line %d", number)
	}
	return fmt.Sprintf("line %d, cell %s", number, l.cell)
}
