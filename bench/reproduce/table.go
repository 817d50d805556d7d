package reproduce

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Row is one line of a table by column: float64, int, uint64 or string. A value that was read from a file is a string.
type Row map[string]any

// Num is the number in a column, NaN where it is empty or no number.
func (r Row) Num(column string) float64 {
	switch v := r[column].(type) {
	case float64:
		return v
	case int:
		return float64(v)
	case uint64:
		return float64(v)
	case string:
		if x, err := strconv.ParseFloat(v, 64); err == nil {
			return x
		}
	}
	return math.NaN()
}

// Text is the text of a column, as it stands in the file.
func (r Row) Text(column string) string {
	switch v := r[column].(type) {
	case string:
		return v
	case float64:
		switch {
		case math.IsNaN(v):
			return ""
		case v == 0:
			return "0" // −0 is no other setting
		}
		return strconv.FormatFloat(v, 'g', -1, 64)
	case nil:
		return ""
	}
	return fmt.Sprint(r[column])
}

// Where returns the rows that match all pairs. A pair is a column and its value.
func Where(rows []Row, pairs ...any) []Row {
	return slices.DeleteFunc(slices.Clone(rows), func(r Row) bool {
		for i := 0; i+1 < len(pairs); i += 2 {
			column := pairs[i].(string)
			if r.Text(column) != (Row{"": pairs[i+1]}).Text("") {
				return true
			}
		}
		return false
	})
}

// Pick returns the first of Where's rows. If there is none, Pick returns a row without columns: its numbers are NaN, and no
// claim accepts NaN.
func Pick(rows []Row, pairs ...any) Row {
	if found := Where(rows, pairs...); len(found) > 0 {
		return found[0]
	}
	return Row{}
}

// Distinct returns the numbers in a column, each once, in the order of the rows.
func Distinct(rows []Row, column string) []float64 {
	var out []float64
	for _, r := range rows {
		if x := r.Num(column); !math.IsNaN(x) && !slices.Contains(out, x) {
			out = append(out, x)
		}
	}
	return out
}

// cellColumn is the first column: the key of the cell that a row is from.
const cellColumn = "cell"

// Key is a cell's name with a hash of its settings, so that a cell never takes rows of other settings.
func (c *Cell) Key() (string, error) {
	settings, err := json.Marshal(c.Settings)
	if err != nil {
		return "", fmt.Errorf("reproduce: settings of %s: %w", c.Name, err)
	}
	sum := sha256.Sum256(settings)
	return c.Name + "-" + hex.EncodeToString(sum[:4]), nil
}

// table is the rows of finished cells by key.
type table struct {
	columns []string
	cells   map[string][]Row
}

// put stores the rows of a cell, as they will be read back.
func (t *table) put(key string, rows []Row) error {
	if len(rows) == 0 {
		return fmt.Errorf("reproduce: cell %s: no rows", key)
	}
	stored := make([]Row, len(rows))
	for i, row := range rows {
		stored[i] = Row{}
		for column := range row {
			if !slices.Contains(t.columns, column) {
				return fmt.Errorf("reproduce: cell %s: column = %q: must be one of %v", key, column, t.columns)
			}
			if text := strings.ReplaceAll(row.Text(column), "\r\n", "\n"); text != "" { // as package csv reads it
				stored[i][column] = text
			}
		}
	}
	t.cells[key] = stored
	return nil
}

// rows returns the rows of the given cells in their order.
func (t *table) rows(keys []string) []Row {
	var rows []Row
	for _, key := range keys {
		rows = append(rows, t.cells[key]...)
	}
	return rows
}
