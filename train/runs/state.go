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

// stateOf decides where a run without a summary stands: by its lock, and by the end of its log.
func stateOf(r Run, now time.Time) (State, string) {
	held, err := durable.InUse(r.Dir)
	end, reason := lastWord(r.Dir)
	switch {
	case held:
		return Running, ""
	case end == "failed":
		return Failed, reason
	case end != "interrupted" && err != nil && now.Sub(r.Changed) < stale:
		return Running, ""
	}
	return Interrupted, ""
}

// maxLog bounds what is read of the end of a log, in bytes.
const maxLog = 16 << 10

// lastWord returns the message of the last line of a run's log that says how the run went on, and its error.
func lastWord(dir string) (message, reason string) {
	lines, err := durable.LastLines(filepath.Join(dir, rundir.LogFile), maxLog)
	if err != nil {
		return "", ""
	}
	all := strings.Split(strings.TrimSuffix(string(lines), "\n"), "\n")
	for i := len(all) - 1; i >= 0; i-- {
		switch message := logValue(all[i], slog.MessageKey); message {
		case "training", "interrupted", "failed":
			return message, logValue(all[i], "error")
		}
	}
	return "", ""
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
