package reproduce

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Status is how an experiment ended.
type Status string

// The statuses.
const (
	Pass   Status = "PASS"
	Fail   Status = "FAIL"
	NotRun Status = "NOT RUN" // something is missing here, for example a data set
)

// Verdict is the judgement on an experiment.
type Verdict struct {
	Experiment string  `json:"experiment"`
	Paper      string  `json:"paper"`
	Claim      string  `json:"claim"`
	Scale      Scale   `json:"scale"`
	Seed       uint64  `json:"seed"`
	Status     Status  `json:"status"`
	Reason     string  `json:"reason,omitempty"` // of NotRun
	Claims     []Claim `json:"claims"`
}

// judge is the verdict on claims: all of them must hold, and there must be one.
func judge(e *Experiment, p Params, claims []Claim) *Verdict {
	v := &Verdict{
		Experiment: e.Name, Paper: e.Paper, Claim: e.Claim, Scale: p.Scale, Seed: p.Seed, Status: Pass, Claims: claims,
	}
	if len(claims) == 0 {
		v.Status = Fail
	}
	for _, c := range claims {
		if !c.Pass {
			v.Status = Fail
		}
	}
	return v
}

// claimJSON is a claim in verdict.json, with its distances; a number that is not finite is null.
type claimJSON struct {
	Claim     string   `json:"claim"`
	Value     *float64 `json:"value"`
	Stderr    *float64 `json:"stderr"`
	Reference *float64 `json:"reference"`
	RefStderr *float64 `json:"reference_stderr"`
	Sigma     *float64 `json:"sigma"`
	Percent   *float64 `json:"percent"`
	Allowed   string   `json:"allowed"`
	Pass      bool     `json:"pass"`
}

// MarshalJSON writes a claimJSON.
func (c Claim) MarshalJSON() ([]byte, error) {
	return json.Marshal(claimJSON{
		c.Text, quotient(c.Value, 1), quotient(c.Stderr, 1), quotient(c.Reference, 1), quotient(c.RefStderr, 1),
		c.Sigma(), c.Percent(), c.Allowed, c.Pass,
	})
}

// claimHeader names the columns of a table of claims.
var claimHeader = []string{"claim", "found ± s.e.", "reference", "σ", "%", "allowed", ""}

// cells is the claim as a line of such a table.
func (c Claim) cells() []string {
	verdict := "PASS"
	if !c.Pass {
		verdict = "FAIL"
	}
	distance := func(x *float64, format string) string {
		if x == nil {
			return "–"
		}
		return fmt.Sprintf(format, *x)
	}
	return []string{
		c.Text, withError(c.Value, c.Stderr), withError(c.Reference, c.RefStderr),
		distance(c.Sigma(), "%+.1f"), distance(c.Percent(), "%+.2f"), c.Allowed, verdict,
	}
}

// withError writes a value and, if it is not 0, its standard error.
func withError(value, stderr float64) string {
	if stderr > 0 {
		return short(value) + " ± " + strconv.FormatFloat(stderr, 'g', 2, 64)
	}
	return short(value)
}

// short writes numbers of order 1 with five decimals, others with four digits.
func short(x float64) string {
	if a := math.Abs(x); a >= 1e-3 && a < 100 {
		return strings.TrimRight(strings.TrimRight(strconv.FormatFloat(x, 'f', 5, 64), "0"), ".")
	}
	return strconv.FormatFloat(x, 'g', 4, 64)
}

// Write prints the verdict with a table of its claims.
func (v *Verdict) Write(w io.Writer) error {
	var s strings.Builder
	fmt.Fprintf(&s, "%s  %s  %s\n", v.Status, v.Experiment, v.Claim)
	if v.Reason != "" {
		fmt.Fprintf(&s, "  %s\n", v.Reason)
	}
	rows := [][]string{claimHeader}
	for _, c := range v.Claims {
		rows = append(rows, c.cells())
	}
	if len(v.Claims) > 0 {
		writeAligned(&s, rows)
	}
	_, err := io.WriteString(w, s.String())
	return err
}

// writeAligned prints rows with columns of equal width, indented.
func writeAligned(w io.Writer, rows [][]string) {
	widths := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, cell := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	for _, row := range rows {
		line := " "
		for i, cell := range row {
			line += " " + cell + strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell)+1)
		}
		fmt.Fprintln(w, strings.TrimRight(line, " "))
	}
}
