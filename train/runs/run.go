package runs

import "time"

// State is where a run stands.
type State string

// The states.
const (
	Running     State = "running"     // a process trains
	Finished    State = "finished"    // its summary is there
	Interrupted State = "interrupted" // it was stopped or killed, and can be resumed
	Failed      State = "failed"      // it ended with an error; Reason says which
	Damaged     State = "damaged"     // a file cannot be read; Reason says which and why
	Waiting     State = "waiting"     // a sweep with cells to be done, at which nobody is; a batch system may have them
)

// Kind is what a directory holds.
type Kind string

// The kinds.
const (
	Training Kind = "run"
	Sweep    Kind = "sweep"
)

// Run is what a directory says about its run. A sweep has the settings that all of its cells share; its steps are cells.
type Run struct {
	Dir    string  `json:"dir"`
	Kind   Kind    `json:"kind"`
	State  State   `json:"state"`
	Reason string  `json:"reason,omitempty"` // of Failed and Damaged
	Model  string  `json:"model"`
	Data   string  `json:"data"`  // without the folder of a file
	Dim    int     `json:"d"`     // d
	Rate   float64 `json:"rate"`  // n/d
	Seeds  int     `json:"seeds"` // number of them
	Step   int     `json:"step"`  // optimizer updates that are known to be done
	Steps  int     `json:"steps"` // all
	// Changed is when the run last wrote something.
	Changed time.Time `json:"changed"`
	// Begun is when the session that trains began, and BegunStep its first step; zero where no session trains.
	Begun     time.Time `json:"-"`
	BegunStep int       `json:"-"`
	// Rest is the estimated computing of a sweep at work, divided by its jobs at work: its time if each has a core.
	Rest time.Duration `json:"-"`
	// Settings are the settings by their dotted names, as they stand in config.yaml; nil where it cannot be read.
	Settings map[string]string `json:"settings"`
	Points   []Point           `json:"points"` // by p, in the order of the configuration
	// Converged is the summary's; nil where nothing is judged.
	Converged *bool `json:"converged"`
	// WallS and MsPerStep are the summary's times, 0 before there is one.
	WallS     float64 `json:"wall_s"`
	MsPerStep float64 `json:"ms_per_step"`
}

// Point is what a run has reached at one p: the mean over its seeds. Numbers are nil where they are not known. Of a run that is
// not finished, TestMSE and FiniteD are those of the newest rows of metrics.csv.
type Point struct {
	P             float64  `json:"p"`
	TestMSE       *float64 `json:"test_mse"`
	TestMSEStderr *float64 `json:"test_mse_stderr"`
	Candidate     string   `json:"candidate"` // the encoder that the theory is for
	Limit         *float64 `json:"limit"`     // its error as d → ∞
	FiniteD       *float64 `json:"finite_d"`  // its error at this d
	Gap           *float64 `json:"gap"`       // TestMSE/FiniteD − 1
}
