package slurm

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Options are options of sbatch that a user has chosen, in their order: partition=gpu, gres=gpu:1.
type Options []Option

// Option is an option of sbatch. Value is empty for one that has none.
type Option struct{ Name, Value string }

// passed are the options that a user may choose; those with true have a value.
var passed = map[string]bool{
	"account": true, "partition": true, "qos": true, "time": true, "reservation": true, "constraint": true, "nice": true,
	"gres": true, "gpus": true, "gpus-per-task": true, "cpus-per-task": true, "mem": true, "mem-per-cpu": true, "mem-per-gpu": true, "tmp": true,
	"licenses": true, "nodelist": true, "exclude": true, "exclusive": false, "hint": true, "comment": true, "mail-type": true,
	"mail-user": true, "begin": true, "clusters": true, "container": true, "priority": true, "prefer": true, "switches": true,
}

// decided are the options that autoamp decides, with the remedy for a user who wants to.
var decided = map[string]string{
	"array":        "autoamp numbers the tasks; --jobs limits how many run at a time",
	"signal":       "autoamp has the signal sent 120 s before the end of the time, to save",
	"requeue":      "autoamp asks for it",
	"no-requeue":   "a task whose time is over is requeued to go on",
	"open-mode":    "the log of a task goes on after it was requeued",
	"output":       "the log of task I is logs/I.log in the sweep's directory",
	"error":        "the log of task I is logs/I.log in the sweep's directory",
	"job-name":     "autoamp finds its jobs by their name",
	"chdir":        "tasks run where autoamp was called",
	"nodes":        "a task is one process: choose cpus-per-task, and --jobs for the number of tasks at a time",
	"ntasks":       "a task is one process: choose cpus-per-task, and --jobs for the number of tasks at a time",
	"wait":         "autoamp sweep status shows how far the sweep is",
	"wrap":         "autoamp writes the script",
	"parsable":     "autoamp reads the number of the job",
	"dependency":   "a sweep has no order of tasks: wait for the other job first",
	"export":       "a task has the environment of the command that submits it",
	"get-user-env": "a task has the environment of the command that submits it",
}

// short are the one-letter options of sbatch.
var short = map[string]string{
	"A": "account", "p": "partition", "q": "qos", "t": "time", "C": "constraint", "G": "gpus", "c": "cpus-per-task", "L": "licenses",
	"w": "nodelist", "x": "exclude", "a": "array", "o": "output", "e": "error", "J": "job-name", "D": "chdir", "N": "nodes", "n": "ntasks",
	"W": "wait", "d": "dependency", "b": "begin", "M": "clusters",
}

// ParseOptions reads NAME=VALUE,NAME=VALUE. A piece without = belongs to the value before it, as in partition=a,b, unless it is an
// option without a value. Names are those of sbatch, with or without dashes.
func ParseOptions(text string) (Options, error) {
	var options Options
	for i, piece := range strings.Split(text, ",") {
		name, value, valued := strings.Cut(piece, "=")
		name = longName(name, valued)
		if takesValue, known := passed[name]; !valued && i > 0 && (takesValue || !known) && decided[name] == "" {
			options[len(options)-1].Value += "," + piece
			continue
		}
		option := Option{name, value}
		if err := options.check(option, valued); err != nil {
			return nil, fmt.Errorf("slurm = %q: %w", text, err)
		}
		options = append(options, option)
	}
	if err := options.checkTogether(); err != nil {
		return nil, fmt.Errorf("slurm = %q: %w", text, err)
	}
	return options, nil
}

// longName is the name of an option without dashes in front. A letter stands for an option where it has a value, else it may be part
// of another value.
func longName(name string, valued bool) string {
	name = strings.TrimLeft(strings.TrimSpace(name), "-")
	if long, ok := short[name]; ok && valued {
		return long
	}
	return name
}

// check checks one option beside those before it.
func (o Options) check(option Option, valued bool) error {
	takesValue, known := passed[option.Name]
	reason := decided[option.Name]
	switch {
	case option.Name == "":
		return fmt.Errorf("must be like partition=gpu,time=4:00:00")
	case reason != "":
		return fmt.Errorf("%s: %s; leave it out", option.Name, reason)
	case !known:
		return fmt.Errorf("%s: is not passed on to sbatch; there are %s", option.Name, strings.Join(names(), ", "))
	case o.Get(option.Name) != nil:
		return fmt.Errorf("%s: is given twice", option.Name)
	case takesValue && option.Value == "":
		return fmt.Errorf("%s: needs a value, %s=VALUE", option.Name, option.Name)
	case !takesValue && valued:
		return fmt.Errorf("%s = %s: takes no value", option.Name, option.Value)
	case strings.ContainsFunc(option.Value, func(r rune) bool { return r < ' ' || r == 0x7f }):
		return fmt.Errorf("%s = %q: must have no control characters", option.Name, option.Value)
	}
	return nil
}

// checkTogether checks the options that have to do with others or with autoamp.
func (o Options) checkTogether() error {
	for _, pair := range [][2]string{{"mem", "mem-per-cpu"}, {"mem", "mem-per-gpu"}, {"mem-per-cpu", "mem-per-gpu"}, {"gpus", "gpus-per-task"}} {
		if o.Get(pair[0]) != nil && o.Get(pair[1]) != nil {
			return fmt.Errorf("%s contradicts %s: choose one", pair[0], pair[1])
		}
	}
	if gres := o.Get("gres"); gres != nil && strings.HasPrefix(gres.Value, "gpu") && (o.Get("gpus") != nil || o.Get("gpus-per-task") != nil) {
		return fmt.Errorf("gres = %s contradicts gpus: choose one", gres.Value)
	}
	limit := o.Get("time")
	if limit == nil {
		return nil
	}
	seconds, ok := parseTime(limit.Value)
	switch {
	case !ok:
		return fmt.Errorf("time = %s: must be minutes, minutes:seconds, hours:minutes:seconds or days-hours[:minutes[:seconds]]", limit.Value)
	case seconds <= 2*warning:
		return fmt.Errorf("time = %s: must be more than %d minutes: a task saves in the last %d", limit.Value, 2*warning/60, warning/60)
	}
	return nil
}

// Get returns an option, nil if it was not chosen.
func (o Options) Get(name string) *Option {
	for i := range o {
		if o[i].Name == name {
			return &o[i]
		}
	}
	return nil
}

// GPU reports whether the options ask for a GPU.
func (o Options) GPU() bool {
	gres := o.Get("gres")
	return o.Get("gpus") != nil || o.Get("gpus-per-task") != nil || gres != nil && strings.Contains(gres.Value, "gpu")
}

// Seconds is the time limit, infinite if there is none.
func (o Options) Seconds() float64 {
	limit := o.Get("time")
	if limit == nil {
		return math.Inf(1)
	}
	seconds, _ := parseTime(limit.Value) // ParseOptions has checked it
	return float64(seconds)
}

// names lists the options that are passed on.
func names() []string {
	var out []string
	for name := range passed {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

// parseTime reads a time limit of Slurm, in seconds. An unlimited time is the largest number.
func parseTime(text string) (seconds int, ok bool) {
	if slices.Contains([]string{"infinite", "unlimited"}, strings.ToLower(text)) {
		return 1 << 31, true
	}
	days, clock, hasDays := strings.Cut(text, "-")
	if !hasDays {
		days, clock = "0", text
	}
	parts := strings.Split(clock, ":")
	units := []int{60, 1} // minutes:seconds
	if hasDays || len(parts) > 2 {
		units = []int{3600, 60, 1} // hours:minutes:seconds
	}
	if len(parts) > len(units) {
		return 0, false
	}
	for i, part := range append([]string{days}, parts...) {
		n, err := strconv.ParseUint(part, 10, 31)
		if err != nil {
			return 0, false
		}
		seconds += int(n) * append([]int{24 * 3600}, units...)[i]
	}
	return seconds, true
}
