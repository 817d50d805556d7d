package runs

import (
	"log/slog"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"autoamp/datasets/durable"
	"autoamp/train/rundir"
)

// stale is how long a run may write nothing before it counts as ended, where the file system has no locks.
const stale = 10 * time.Minute

// judge decides where a run without a summary stands: by its lock, and by the end of its log.
func (r *Run) judge(now time.Time) {
	held, err := durable.InUse(r.Dir)
	line := lastWord(r.Dir)
	end := logValue(line, slog.MessageKey)
	switch {
	case held, end != "failed" && end != "interrupted" && err != nil && now.Sub(r.Changed) < stale:
		r.State = Running
	case end == "failed":
		r.State, r.Reason = Failed, logValue(line, "error")
	default:
		r.State = Interrupted
	}
	if r.State == Running && end == "training" {
		r.session(line)
	}
}

// session takes over when a session began, and at which step, from its first line in the log. A line that does not tell says
// nothing about when it ends.
func (r *Run) session(line string) {
	text, _, _ := strings.Cut(line, " ")
	at, err := time.Parse(time.RFC3339Nano, strings.TrimPrefix(text, slog.TimeKey+"="))
	step, e := strconv.Atoi(logValue(line, "step"))
	if err == nil && e == nil {
		r.Begun, r.BegunStep = at, step
	}
}

// Left estimates how long a run that trains still takes, from what its session has done, or a sweep, from the cells that it has done. It
// reports false where nothing is known.
func (r *Run) Left(now time.Time) (time.Duration, bool) {
	if r.Kind == Sweep {
		return r.Rest, r.Rest > 0
	}
	done, took := r.Step-r.BegunStep, r.Changed.Sub(r.Begun)
	if r.State != Running || r.Begun.IsZero() || done <= 0 || took <= 0 {
		return 0, false
	}
	left := time.Duration(float64(took) / float64(done) * float64(r.Steps-r.Step))
	return max(0, left-max(0, now.Sub(r.Changed))), true
}

// maxLog bounds what is read of the end of a log, in bytes.
const maxLog = 16 << 10

// lastWord returns the last line of a run's log that says how the run went on; empty if there is none.
func lastWord(dir string) string {
	lines, err := durable.LastLines(filepath.Join(dir, rundir.LogFile), maxLog)
	if err != nil {
		return ""
	}
	all := strings.Split(strings.TrimSuffix(string(lines), "\n"), "\n")
	for i := len(all) - 1; i >= 0; i-- {
		switch logValue(all[i], slog.MessageKey) {
		case "training", "interrupted", "failed":
			return all[i]
		}
	}
	return ""
}

// logValue is the value of a key in a line of log/slog's text; empty if there is none.
func logValue(line, key string) string {
	_, after, ok := strings.Cut(line, " "+key+"=")
	if !ok {
		return ""
	}
	if quoted, err := strconv.QuotedPrefix(after); err == nil {
		text, _ := strconv.Unquote(quoted) // a quoted prefix can be unquoted
		return text
	}
	word, _, _ := strings.Cut(after, " ")
	return word
}
