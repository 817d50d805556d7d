package reproduce

import (
	"bytes"
	_ "embed"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html/template"

	"autoamp/datasets/durable"
)

//go:embed report.html
var reportHTML string

var reportTemplate = template.Must(template.New("report").Funcs(template.FuncMap{
	"table": newReportTable, "header": func() []string { return claimHeader },
}).Parse(reportHTML))

// report is the data of report.html.
type report struct {
	Settings
	Tally
	Sections []section
}

// reportLine is a line of a table of claims, with the note below it.
type reportLine struct {
	Cells  []string
	Status Status
	Note   string
}

func newReportTable(claims []Claim) []reportLine {
	rows, notes := lines(claims)
	var out []reportLine
	for i, cells := range rows {
		last := len(cells) - 1
		out = append(out, reportLine{Cells: cells[:last], Status: Status(cells[last]), Note: notes[i]})
	}
	return out
}

// section is an experiment in the report.
type section struct {
	*Outcome
	Pictures []picture
	Cells    []reportCell
	Time     string // of all cells
	CPU      string // of computing, on all cores together
}

// picture is a figure as a data URL: the report is one file.
type picture struct {
	Figure
	URL template.URL
}

// reportCell is a cell's settings and time.
type reportCell struct{ Key, Settings, Time string }

// writeReport writes the report on the experiments that have been run so far.
func writeReport(path string, outcomes []*Outcome, s Settings) error {
	r := report{Settings: s, Tally: NewTally(outcomes)}
	for _, o := range InOrder(outcomes) {
		section, err := newSection(o)
		if err != nil {
			return err
		}
		r.Sections = append(r.Sections, section)
	}
	var page bytes.Buffer
	if err := reportTemplate.Execute(&page, r); err != nil {
		return err
	}
	return durable.WriteBytes(s.Disk, path, page.Bytes())
}

func newSection(o *Outcome) (section, error) {
	s := section{Outcome: o, Time: duration(total(o.Cost.Seconds)), CPU: duration(total(o.Cost.CPU))}
	for i, f := range o.Figures {
		url := "data:image/svg+xml;base64," + base64.StdEncoding.EncodeToString(o.svg[i])
		s.Pictures = append(s.Pictures, picture{f, template.URL(url)})
	}
	for _, c := range o.Settings {
		settings, err := json.MarshalIndent(c.Settings, "", "  ")
		if err != nil {
			return s, err
		}
		s.Cells = append(s.Cells, reportCell{c.Key, string(settings), duration(o.Cost.Seconds[c.Key])})
	}
	return s, nil
}

// duration writes seconds for people.
func duration(seconds float64) string {
	switch {
	case seconds < 1:
		return "< 1 s"
	case seconds < 120:
		return fmt.Sprintf("%.0f s", seconds)
	}
	return fmt.Sprintf("%.0f min", seconds/60)
}
