package codec

import (
	"fmt"
	"strconv"
	"strings"
)

// Rows is a range of rows of a file, from First to before Last. The zero value is all rows.
type Rows struct{ First, Last int }

// ParseRows reads a range such as 100:200, which are rows 100 to 199, counted from 0.
func ParseRows(text string) (Rows, error) {
	first, last, _ := strings.Cut(text, ":")
	r := Rows{}
	var errs [2]error
	r.First, errs[0] = strconv.Atoi(first)
	r.Last, errs[1] = strconv.Atoi(last)
	if errs != [2]error{} || r.First < 0 || r.Last <= r.First {
		return Rows{}, fmt.Errorf("rows = %s: must be FIRST:END with 0 ≤ FIRST < END, such as 100:200 for rows 100 to 199", text)
	}
	return r, nil
}

// Len returns the number of rows; 0 means all.
func (r Rows) Len() int { return r.Last - r.First }

// of returns the range in a file with a number of rows.
func (r Rows) of(rows int) (Rows, error) {
	if r == (Rows{}) {
		return Rows{0, rows}, nil
	}
	if r.First < 0 || r.Last <= r.First || r.Last > rows {
		return r, fmt.Errorf("rows = %d:%d: must be within 0:%d, the rows of the file", r.First, r.Last, rows)
	}
	return r, nil
}

// blocks returns the first block with rows of the range, and the number of such blocks.
func (r Rows) blocks(blockRows int) (first, count int) {
	first = r.First / blockRows
	return first, (r.Last-1)/blockRows - first + 1
}

// in returns the part of a block, from its row from to before its row to, that is in the range.
func (r Rows) in(block, blockRows int) (from, to int) {
	at := block * blockRows
	return max(r.First-at, 0), min(r.Last-at, blockRows)
}
