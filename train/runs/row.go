package runs

import "time"

// Row is a line of the registry: a run at one p, or a sweep.
type Row struct {
	Dir           string   `json:"dir"`
	Kind          Kind     `json:"kind"`
	State         State    `json:"state"`
	Reason        string   `json:"reason,omitempty"` // of a run that failed or is damaged
	Model         string   `json:"model"`
	Data          string   `json:"data"`
	P             *float64 `json:"p"` // null where it is not known, or differs between cells
	D             int      `json:"d"`
	Rate          float64  `json:"rate"`
	Seeds         int      `json:"seeds"`
	TestMSE       *float64 `json:"test_mse"`        // of the newest evaluation
	TestMSEStderr *float64 `json:"test_mse_stderr"` // its standard error
	Candidate     string   `json:"candidate"`       // the encoder that the theory is for
	Limit         *float64 `json:"limit"`           // its error as d → ∞
	FiniteD       *float64 `json:"finite_d"`        // its error at this d
	Gap           *float64 `json:"gap"`             // test_mse/finite_d − 1
	Step          int      `json:"step"`            // updates done; cells of a sweep
	Steps         int      `json:"steps"`           // all
	AgeS          float64  `json:"age_s"`           // seconds since the run last wrote something

	settings map[string]string
}

// Rows lists runs, a row for each p and at least one for each run. Ages are counted until now.
func Rows(runs []Run, now time.Time) []Row {
	rows := []Row{}
	for _, r := range runs {
		row := Row{
			Dir: r.Dir, Kind: r.Kind, State: r.State, Reason: r.Reason, Model: r.Model, Data: r.Data, D: r.Dim, Rate: r.Rate, Seeds: r.Seeds,
			Step: r.Step, Steps: r.Steps, AgeS: max(0, now.Sub(r.Changed).Seconds()), settings: r.Settings,
		}
		for _, p := range r.Points {
			rows = append(rows, row.at(p))
		}
		if len(r.Points) == 0 {
			rows = append(rows, row)
		}
	}
	return rows
}

// at is the row with a point's numbers.
func (r Row) at(p Point) Row {
	r.P, r.TestMSE, r.TestMSEStderr, r.Candidate = &p.P, p.TestMSE, p.TestMSEStderr, p.Candidate
	r.Limit, r.FiniteD, r.Gap = p.Limit, p.FiniteD, p.Gap
	return r
}
