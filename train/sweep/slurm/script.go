package slurm

import (
	"fmt"
	"path/filepath"
	"strconv"
	"strings"

	"autoamp/datasets/durable"
)

// warning is how many seconds before the end of its time a task hears that it should save.
const warning = 120

// logsFolder holds the logs of tasks.
const logsFolder = "logs"

// Array is the array job of a sweep.
type Array struct {
	// Dir is the sweep's directory. All nodes see it under this absolute path.
	Dir string
	// Tasks are the numbers of the tasks to run, ascending.
	Tasks []int
	// Limit is the number of tasks at a time. Zero means as many as Slurm lets run.
	Limit   int
	Options Options
	// Work is the command of a task, the program first. The script appends --task and the number.
	Work []string
	// Threads adds --threads and the number of CPUs that Slurm gives a task.
	Threads bool
	// Folder is where Work runs.
	Folder string
}

// options are the options of sbatch: those that this package decides, and those of the user.
func (a Array) options() Options {
	array := Ranges(a.Tasks)
	if a.Limit > 0 {
		array += "%" + strconv.Itoa(a.Limit)
	}
	return append(Options{
		{"job-name", jobName(a.Dir)},
		{"array", array},
		{"nodes", "1"},
		{"ntasks", "1"},
		{"requeue", ""},
		{"signal", fmt.Sprintf("B:USR1@%d", warning)},
		{"open-mode", "append"},
		{"output", strings.ReplaceAll(filepath.Join(a.Dir, logsFolder), "%", "%%") + "/%a.log"},
		{"chdir", a.Folder},
	}, a.Options...)
}

// body runs the worker in the background, because a shell hears signals only between commands and in wait. When the time is nearly
// over, Slurm sends USR1 to the shell alone, which passes it on. scancel and preemption send TERM to both: then it is not for the
// script to bring the task back. A worker that hears twice ends at once.
const body = `
heard=no requeue=no
trap 'heard=yes requeue=yes; kill -s USR1 "$worker" 2>/dev/null' USR1
trap 'heard=yes requeue=no' TERM
%s &
worker=$!
wait "$worker"
status=$?
while test "$heard" = yes; do # the signal ended wait, and the worker may still be saving
	heard=no
	wait "$worker"
	again=$?
	test "$again" = 127 || status=$again
done
if test "$status" = 130 && test "$requeue" = yes; then
	echo "autoamp: the time of the job is over: to be continued" >&2
	scontrol requeue "${SLURM_ARRAY_JOB_ID}_${SLURM_ARRAY_TASK_ID}"
fi
exit "$status"
`

// script is the text of the array job.
func (a Array) script() string {
	lines := []string{"#!/bin/sh"}
	for _, o := range a.options() {
		line := "#SBATCH --" + o.Name
		if o.Value != "" {
			line += "=" + quote(o.Value)
		}
		lines = append(lines, line)
	}
	var words []string
	for _, word := range a.Work {
		words = append(words, quote(word))
	}
	command := strings.Join(words, " ") + ` --task "$SLURM_ARRAY_TASK_ID"`
	if a.Threads {
		command += ` --threads "${SLURM_CPUS_ON_NODE:-1}"`
	}
	return strings.Join(lines, "\n") + "\n" + strings.Replace(body, "%s", command, 1)
}

// quote makes a word safe for a shell, and for sbatch, which reads the options of a script like one.
func quote(word string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("_./:@%+=,-[]", r)
	}
	if word != "" && strings.TrimFunc(word, plain) == "" && strings.IndexFunc(word, func(r rune) bool { return !plain(r) }) < 0 {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

// Ranges writes ascending numbers as sbatch has them: 0-3,7.
func Ranges(numbers []int) string {
	var parts []string
	for i := 0; i < len(numbers); {
		end := i
		for end+1 < len(numbers) && numbers[end+1] == numbers[end]+1 {
			end++
		}
		part := strconv.Itoa(numbers[i])
		if end > i {
			part += "-" + strconv.Itoa(numbers[end])
		}
		parts = append(parts, part)
		i = end + 1
	}
	return strings.Join(parts, ",")
}

// inRanges reports whether a number is one of those that Ranges wrote.
func inRanges(text string, n int) bool {
	for part := range strings.SplitSeq(text, ",") {
		from, to, isRange := strings.Cut(part, "-")
		if !isRange {
			to = from
		}
		first, err := strconv.Atoi(from)
		last, err2 := strconv.Atoi(to)
		if err == nil && err2 == nil && first <= n && n <= last {
			return true
		}
	}
	return false
}

// jobName names the jobs of a directory: it is found by a hash of its path.
func jobName(dir string) string { return "autoamp-" + durable.Sum([]byte(dir)).String() }
