package slurm

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"autoamp/datasets/durable"
)

// Submission is an array job of a directory.
type Submission struct {
	Job     string    `json:"job"`     // its number
	Cluster string    `json:"cluster"` // empty for the only one
	Tasks   string    `json:"tasks"`   // as sbatch has them: 0-3,7
	Script  string    `json:"script"`  // in the folder slurm of the directory
	At      time.Time `json:"at"`
}

// record is submissions.json.
type record struct {
	Submissions []Submission `json:"submissions"` // oldest first
}

const (
	folder     = "slurm"
	recordFile = "submissions.json"
	maxRecord  = 1 << 22
)

// BusyError reports that array jobs of the directory are still in Slurm's queue.
type BusyError struct {
	Jobs  []string
	Tasks int // of them, that are not over
}

func (e *BusyError) Error() string {
	return fmt.Sprintf("slurm: job %s is at it (tasks that are not over: %d): autoamp sweep status shows them, autoamp sweep cancel ends them",
		strings.Join(e.Jobs, ", "), e.Tasks)
}

// Submit submits the array and returns at once. It keeps the script and the number of the job in Dir. A directory with tasks in
// Slurm's queue is a *BusyError.
func Submit(ctx context.Context, disk durable.Disk, a Array) (*Submission, error) {
	if err := a.check(); err != nil {
		return nil, err
	}
	if err := Installed(); err != nil {
		return nil, err
	}
	queue, err := Look(ctx, a.Dir)
	if err != nil {
		return nil, err
	}
	if err := queue.Busy(); err != nil {
		return nil, err
	}
	r, err := readRecord(a.Dir)
	if err != nil {
		return nil, err
	}
	for _, name := range []string{folder, logsFolder} {
		if err := durable.MkdirAll(disk, filepath.Join(a.Dir, name)); err != nil {
			return nil, fmt.Errorf("slurm: %w", err)
		}
	}
	s := Submission{Script: strconv.Itoa(len(r.Submissions)+1) + ".sh", Tasks: Ranges(a.Tasks), At: time.Now().UTC()}
	script := ScriptPath(a.Dir, &s)
	if err := durable.WriteBytes(disk, script, []byte(a.script())); err != nil {
		return nil, fmt.Errorf("slurm: %w", err)
	}
	out, err := command(ctx, "sbatch", "--parsable", script)
	if err != nil {
		return nil, err
	}
	s.Job, s.Cluster, _ = strings.Cut(strings.TrimSpace(out), ";")
	r.Submissions = append(r.Submissions, s)
	if err := durable.WriteJSON(disk, filepath.Join(a.Dir, folder, recordFile), r); err != nil {
		return nil, fmt.Errorf("slurm: job %s is submitted, and its number cannot be stored: %w", s.Job, err)
	}
	return &s, nil
}

// ScriptPath is the script of a submission.
func ScriptPath(dir string, s *Submission) string { return filepath.Join(dir, folder, s.Script) }

// check refuses an array that Slurm could not run.
func (a Array) check() error {
	switch {
	case len(a.Tasks) == 0:
		return errors.New("slurm: there is no task to run")
	case !filepath.IsAbs(a.Dir):
		return fmt.Errorf("slurm: dir = %s: must be an absolute path", a.Dir)
	case strings.ContainsAny(a.Dir+a.Folder, "\n\\"):
		return fmt.Errorf("slurm: dir = %q: must have no line break and no backslash, which sbatch reads otherwise", a.Dir)
	}
	return nil
}

// readRecord reads submissions.json, empty if there is none.
func readRecord(dir string) (*record, error) {
	r := &record{}
	err := durable.ReadJSON(filepath.Join(dir, folder, recordFile), maxRecord, r)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("slurm: %w; remove it once squeue shows no job named %s", err, jobName(dir))
	}
	return r, nil
}

// Used reports whether array jobs of a directory were ever submitted.
func Used(dir string) bool {
	_, err := os.Lstat(filepath.Join(dir, folder, recordFile))
	return err == nil
}

// MaxTasks is the largest number of tasks of an array that the cluster allows.
func MaxTasks(ctx context.Context) (int, error) {
	out, err := command(ctx, "scontrol", "show", "config")
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(out) {
		name, value, _ := strings.Cut(line, "=")
		if strings.TrimSpace(name) == "MaxArraySize" {
			most, err := strconv.Atoi(strings.TrimSpace(value))
			if err != nil || most < 1 {
				return 0, fmt.Errorf("slurm: MaxArraySize = %s: the cluster allows no array jobs", strings.TrimSpace(value))
			}
			return most, nil
		}
	}
	return 0, errors.New("slurm: scontrol show config names no MaxArraySize")
}
