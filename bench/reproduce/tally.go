package reproduce

import "fmt"

// Tally counts how experiments ended, and their claims.
type Tally struct {
	Pass        int `json:"pass"`        // experiments
	Deviates    int `json:"deviates"`    // experiments
	Fail        int `json:"fail"`        // experiments
	NotRun      int `json:"not_run"`     // experiments
	Regressions int `json:"regressions"` // comparisons with our own earlier runs
	Claims      struct {
		Pass     int `json:"pass"`
		Deviates int `json:"deviates"`
		Fail     int `json:"fail"` // with the regressions that fail
	} `json:"claims"`
}

// NewTally counts the verdicts of outcomes.
func NewTally(outcomes []*Outcome) Tally {
	var t Tally
	of := map[Status]*int{Pass: &t.Pass, Deviates: &t.Deviates, Fail: &t.Fail, NotRun: &t.NotRun}
	for _, o := range outcomes {
		v := o.Verdict
		*of[v.Status]++
		t.Regressions += len(v.Regressions)
		t.Claims.Pass += v.Count(Pass)
		t.Claims.Deviates += v.Count(Deviates)
		t.Claims.Fail += v.Count(Fail)
	}
	return t
}

// String writes the tally in words.
func (t Tally) String() string {
	text := fmt.Sprintf("%d PASS, %d DEVIATES, %d FAIL", t.Pass, t.Deviates, t.Fail)
	if t.NotRun > 0 {
		text += fmt.Sprintf(", %d NOT RUN", t.NotRun)
	}
	return text + fmt.Sprintf("; of the claims %d PASS, %d DEVIATES, %d FAIL; %d regressions", t.Claims.Pass, t.Claims.Deviates, t.Claims.Fail, t.Regressions)
}
