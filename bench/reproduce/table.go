package reproduce

import (
	"maps"
	"math"
	"slices"

	"autoamp/train/sweep/cells"
)

// Row is one line of a table by column: float64, int, uint64 or string. A value that was read from a file is a string.
type Row = cells.Row

// Where returns the rows that match all pairs. A pair is a column and its value. Numbers match however they are written: 1000000 is 1e+06.
func Where(rows []Row, pairs ...any) []Row {
	return slices.DeleteFunc(slices.Clone(rows), func(r Row) bool {
		for i := 0; i+1 < len(pairs); i += 2 {
			column, value := pairs[i].(string), Row{"": pairs[i+1]}
			if r.Text(column) != value.Text("") && r.Num(column) != value.Num("") {
				return true
			}
		}
		return false
	})
}

// Beside returns a copy of a row that stands on the cells of another row too: a number that is made of both goes into it.
func Beside(row, other Row) Row {
	row = maps.Clone(row)
	row[cellOfRow] = bothOrigins(row.Text(cellOfRow), other.Text(cellOfRow))
	return row
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
