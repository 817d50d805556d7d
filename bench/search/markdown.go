package search

import (
	"fmt"
	"io"
	"strings"
)

// Markdown writes the tables for people.
func (r *Result) Markdown(w io.Writer) error {
	var s strings.Builder
	fmt.Fprintf(&s, "%d rows of %d numbers, %d queries, %s rotation; law of a coordinate: %s.\n", r.Rows, r.Dim, r.Queries, r.Kind, r.Law)
	fmt.Fprintf(&s, "Errors are of the rows' mean square. Recall is of the ten nearest by inner product.\n\n")
	fmt.Fprintf(&s, "| decoder | rate | bits per coordinate | MSE | predicted | cosine error | recall@10 | rows/s and core |\n|---|---|---|---|---|---|---|---|\n")
	for _, l := range r.Lines {
		predicted := "–"
		if l.Predicted != nil {
			predicted = fmt.Sprintf("%.4f", *l.Predicted)
		}
		fmt.Fprintf(&s, "| %s | %.4g | %.4f | %.4f | %s | %.4f | %.3f | %.3g |\n", l.Decoder, l.Rate, l.Bits, l.MSE, predicted, l.Cosine, l.Recall, l.Decoded)
	}
	fmt.Fprintf(&s, "\nOne core, rate 1, in memory:\n\n| step | GB/s of float32 | µs per row |\n|---|---|---|\n")
	for _, v := range r.Speed {
		fmt.Fprintf(&s, "| %s | %.3g | %.3g |\n", v.What, v.Rate, v.PerRow)
	}
	if r.Absent != "" {
		fmt.Fprintf(&s, "\nNumPy is absent: %s\n", r.Absent)
	}
	_, err := io.WriteString(w, s.String())
	return err
}
