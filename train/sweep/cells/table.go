package cells

import (
	"fmt"
	"slices"
	"strings"
)

// cellColumn is the first column: the key of the cell that a row is from.
const cellColumn = "cell"

// Table is the rows of finished cells by key.
type Table struct {
	Columns []string // besides the cell's key and the checksum
	cells   map[string][]Row
}

// NewTable returns a table without rows.
func NewTable(columns []string) *Table { return &Table{Columns: columns, cells: map[string][]Row{}} }

// Has reports whether a cell is in the table.
func (t *Table) Has(key string) bool { return len(t.cells[key]) > 0 }

// Put stores the rows of a cell, as they will be read back.
func (t *Table) Put(key string, rows []Row) error {
	if len(rows) == 0 {
		return fmt.Errorf("cell %s: no rows", key)
	}
	stored := make([]Row, len(rows))
	for i, row := range rows {
		stored[i] = Row{}
		for column := range row {
			if !slices.Contains(t.Columns, column) {
				return fmt.Errorf("cell %s: column = %q: must be one of %v", key, column, t.Columns)
			}
			if text := strings.ReplaceAll(row.Text(column), "\r\n", "\n"); text != "" { // as package csv reads it
				stored[i][column] = text
			}
		}
	}
	t.cells[key] = stored
	return nil
}

// Rows returns the rows of the given cells in their order.
func (t *Table) Rows(keys []string) []Row {
	var rows []Row
	for _, key := range keys {
		rows = append(rows, t.cells[key]...)
	}
	return rows
}

// Each visits the cells of the table, in no order.
func (t *Table) Each(visit func(key string, rows []Row)) {
	for key, rows := range t.cells {
		visit(key, rows)
	}
}
