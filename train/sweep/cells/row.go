package cells

import (
	"fmt"
	"math"
	"strconv"
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
