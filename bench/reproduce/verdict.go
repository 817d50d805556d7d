package reproduce

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Status is how a claim or an experiment ended.
type Status string

// The statuses.
const (
	Pass Status = "PASS"
	Fail Status = "FAIL"
	// Deviates: what the paper claims does not hold here. The reason is stated, and it is tested.
	Deviates Status = "DEVIATES"
	NotRun   Status = "NOT RUN" // something is missing here, for example a data set
)

// Statuses lists them in the order of lists and reports: deviations first.
func Statuses() []Status { return []Status{Deviates, Fail, Pass, NotRun} }

// Heading says which experiment was judged, and how.
type Heading struct {
	Experiment string `json:"experiment"`
	Paper      string `json:"paper"`
	Claim      string `json:"claim"`
	Scale      Scale  `json:"scale"`
	Seed       uint64 `json:"seed"`
	Status     Status `json:"status"`
	Reason     string `json:"reason,omitempty"` // of NotRun, and of Fail where something is left to run
	// Again are the cells, without the seeds in their names, that were run again with other seeds, since claims on them failed.
	Again []string `json:"again,omitempty"`
}

// Verdict is the judgement on an experiment.
type Verdict struct {
	Heading
	Claims      []Claim `json:"claims"`      // deviations first
	Regressions []Claim `json:"regressions"` // comparisons with our own earlier runs
}

// judge is the verdict on claims. There must be one that is no regression. A claim or a regression that fails is a failure; a
// claim that deviates is a deviation.
func judge(e *Experiment, p Params, claims []Claim) *Verdict {
	v := &Verdict{
		Heading: Heading{Experiment: e.Name, Paper: e.Paper, Claim: e.Claim, Scale: p.Scale, Seed: p.Seed, Status: Pass},
		Claims:  []Claim{}, Regressions: []Claim{},
	}
	for _, c := range claims {
		if c.Regression() {
			v.Regressions = append(v.Regressions, c)
		} else {
			v.Claims = append(v.Claims, c)
		}
	}
	slices.SortStableFunc(v.Claims, func(a, b Claim) int { return a.Outcome().rank() - b.Outcome().rank() })
	switch {
	case len(v.Claims) == 0 || v.Count(Fail) > 0:
		v.Status = Fail
	case v.Count(Deviates) > 0:
		v.Status = Deviates
	}
	return v
}

// rank is the place of a status in Statuses.
func (s Status) rank() int { return slices.Index(Statuses(), s) }

// InOrder is the outcomes in the order of their statuses: deviations first.
func InOrder(outcomes []*Outcome) []*Outcome {
	return slices.SortedStableFunc(slices.Values(outcomes), func(a, b *Outcome) int { return a.Verdict.Status.rank() - b.Verdict.Status.rank() })
}

// Count is the number of claims that ended so. Regressions count where they fail.
func (v *Verdict) Count(s Status) int {
	n := 0
	for _, c := range v.Claims {
		if c.Outcome() == s {
			n++
		}
	}
	for _, c := range v.Regressions {
		if c.Outcome() == s && s == Fail {
			n++
		}
	}
	return n
}

// StoredClaim is a claim in verdict.json, with its distances; a number that is not finite is null.
type StoredClaim struct {
	Claim     string        `json:"claim"`
	Outcome   Status        `json:"outcome"`
	Note      string        `json:"note,omitempty"`
	Value     *float64      `json:"value"`
	Stderr    *float64      `json:"stderr"`
	Seeds     int           `json:"seeds"`
	Criterion Criterion     `json:"criterion"`
	Reference *float64      `json:"reference"`
	RefStderr *float64      `json:"reference_stderr"`
	Kind      Kind          `json:"kind"`
	Effect    *float64      `json:"effect"`
	Tolerance *float64      `json:"tolerance"`
	Sigma     *float64      `json:"sigma"`
	Percent   *float64      `json:"percent"`
	Corrected []StoredClaim `json:"corrected,omitempty"`
	First     *StoredClaim  `json:"first,omitempty"` // the finding of the first run, where the claim was tried again
}

// MarshalJSON writes a StoredClaim.
func (c Claim) MarshalJSON() ([]byte, error) { return json.Marshal(c.stored()) }

func (c Claim) stored() StoredClaim {
	number := func(x float64) *float64 { return quotient(x, 1) }
	s := StoredClaim{
		Claim: c.Text, Outcome: c.Outcome(), Note: c.remark(), Value: number(c.Found.Value), Stderr: number(c.Found.Stderr),
		Seeds: c.Found.Seeds, Criterion: c.Criterion, Reference: number(c.Reference.Value), RefStderr: number(c.Reference.Stderr),
		Kind: c.Reference.Kind, Effect: number(c.Effect), Tolerance: number(c.Tolerance()), Sigma: c.Sigma(), Percent: c.Percent(),
	}
	for _, corrected := range c.Corrected {
		s.Corrected = append(s.Corrected, corrected.stored())
	}
	if c.First != nil {
		first := c.First.stored()
		s.First = &first
	}
	return s
}

// claimHeader names the columns of a table of claims.
var claimHeader = []string{"claim", "found ± s.e.", "reference", "kind", "σ", "%", "allowed", "effect", ""}

// cells is the claim as a line of such a table.
func (c Claim) cells() []string {
	distance := func(x *float64, format string) string {
		if x == nil {
			return "–"
		}
		return fmt.Sprintf(format, *x)
	}
	return []string{
		c.Text, withError(c.Found), withError(c.Reference.Estimate), string(c.Reference.Kind), distance(c.Sigma(), "%+.1f"),
		distance(c.Percent(), "%+.2f"), c.allowed(), short(c.Effect), string(c.Outcome()),
	}
}

// allowed is the criterion in words.
func (c Claim) allowed() string {
	tolerance := strconv.FormatFloat(c.Tolerance(), 'g', 2, 64)
	if c.Criterion == IsEqual {
		return "within " + tolerance
	}
	return string(c.Criterion) + ", by more than " + tolerance
}

// withError writes a value and, if it is not 0, its standard error.
func withError(e Estimate) string {
	if e.Stderr > 0 {
		return short(e.Value) + " ± " + strconv.FormatFloat(e.Stderr, 'g', 2, 64)
	}
	return short(e.Value)
}

// short writes numbers of order 1 with five decimals, others with four digits.
func short(x float64) string {
	if a := math.Abs(x); a >= 1e-3 && a < 100 {
		return strings.TrimRight(strings.TrimRight(strconv.FormatFloat(x, 'f', 5, 64), "0"), ".")
	}
	return strconv.FormatFloat(x, 'g', 4, 64)
}

// remark is the note, behind what the first run found if the claim was tried again.
func (c Claim) remark() string {
	if c.First == nil {
		return c.Note()
	}
	first := fmt.Sprintf("found with other seeds, since the first %d failed: %s, beside %s, allowed %s", c.First.Found.Seeds, withError(c.First.Found),
		withError(c.First.Reference.Estimate), c.First.allowed())
	for _, note := range []string{c.First.unfit(), c.Note()} {
		if note != "" {
			first += "; " + note
		}
	}
	return first
}

// lines are the claims of a table, each followed by its note and by the claims that test the note.
func lines(claims []Claim) (rows [][]string, notes map[int]string) {
	notes = map[int]string{}
	for _, c := range claims {
		if note := c.remark(); note != "" {
			notes[len(rows)] = note
		}
		rows = append(rows, c.cells())
		if c.Outcome() != Deviates {
			continue
		}
		for _, corrected := range c.Corrected {
			cells := corrected.cells()
			cells[0] = "↳ " + cells[0]
			rows = append(rows, cells)
		}
	}
	return rows, notes
}

// Write prints the verdict with a table of its claims.
func (v *Verdict) Write(w io.Writer) error {
	var s strings.Builder
	fmt.Fprintf(&s, "%s  %s  %s\n", v.Status, v.Experiment, v.Claim)
	if v.Reason != "" {
		fmt.Fprintf(&s, "  %s\n", v.Reason)
	}
	if len(v.Claims) > 0 {
		writeClaims(&s, v.Claims)
	}
	if len(v.Regressions) > 0 {
		fmt.Fprintln(&s, "  beside our own earlier runs, which says nothing about the paper:")
		writeClaims(&s, v.Regressions)
	}
	_, err := io.WriteString(w, s.String())
	return err
}

func writeClaims(w io.Writer, claims []Claim) {
	rows, notes := lines(claims)
	text := aligned(append([][]string{claimHeader}, rows...))
	fmt.Fprintln(w, text[0])
	for i, line := range text[1:] {
		fmt.Fprintln(w, line)
		if note := notes[i]; note != "" {
			fmt.Fprintf(w, "    %s\n", note)
		}
	}
}

// aligned writes rows with columns of equal width, indented.
func aligned(rows [][]string) []string {
	widths := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, cell := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	var lines []string
	for _, row := range rows {
		line := " "
		for i, cell := range row {
			line += " " + cell + strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell)+1)
		}
		lines = append(lines, strings.TrimRight(line, " "))
	}
	return lines
}
