package durabletest

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// recorder is a test that only keeps what it is told.
type recorder struct {
	testing.TB
	failed []string
}

func (r *recorder) Helper() {}

func (r *recorder) Errorf(format string, args ...any) {
	r.failed = append(r.failed, fmt.Sprintf(format, args...))
}

var sink []byte

func TestBudget(t *testing.T) {
	for name, tt := range map[string]struct {
		work func()
		want string
	}{
		"little":            {func() { sink = make([]byte, 1<<20) }, ""},
		"slow":              {func() { time.Sleep(1001 * time.Millisecond) }, "took 1.001s, at most 1s"},
		"large":             {func() { sink = make([]byte, budgetMemory+3000000) }, "bytes of memory, at most 17777216 are allowed"},
		"large for a large": {func() { sink = make([]byte, budgetMemory+50000) }, ""},
	} {
		synctest.Test(t, func(t *testing.T) { // the second passes at once
			r := &recorder{TB: t}
			Budget(r, 1000, 1000, tt.work)
			if got := strings.Join(r.failed, "; "); tt.want == "" && got != "" || !strings.Contains(got, tt.want) {
				t.Errorf("%s: %q, want %q", name, got, tt.want)
			}
		})
	}
}
