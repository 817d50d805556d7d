package cells

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"

	"autoamp/datasets/durable"
)

// Plan divides the jobs into tasks. A task is jobs that follow one another.
type Plan struct {
	// File is the checksum of what the jobs come from. Jobs is their number.
	File durable.Checksum `json:"file"`
	Jobs int              `json:"jobs"`
	// Replicas is the largest number of cells of a job.
	Replicas int    `json:"replicas"`
	Launcher string `json:"launcher"` // local, slurm, kubernetes
	Version  string `json:"version"`  // of autoamp
	// First holds the first job of every task.
	First []int `json:"first"`
}

// Pack makes tasks of about a number of seconds, at most most of them. A single job may be longer.
func Pack(jobs []*Job, seconds float64, most int) []int {
	var total float64
	for _, job := range jobs {
		total += job.Seconds
	}
	seconds = max(seconds, total/float64(max(most, 1)))
	var first []int
	var sum float64
	for i, job := range jobs {
		if len(first) == 0 || sum+job.Seconds > seconds && len(first) < most {
			first, sum = append(first, i), 0
		}
		sum += job.Seconds
	}
	return first
}

// Task returns the jobs of a task.
func (p *Plan) Task(task int, jobs []*Job) ([]*Job, error) {
	if task < 0 || task >= len(p.First) {
		return nil, fmt.Errorf("task = %d: must be from 0 to %d", task, len(p.First)-1)
	}
	end := len(jobs)
	if task+1 < len(p.First) {
		end = p.First[task+1]
	}
	return jobs[p.First[task]:end], nil
}

// maxPlan bounds plan.json, in bytes.
const maxPlan = 64 << 20

// WritePlan writes plan.json.
func (d Directory) WritePlan(p *Plan) error {
	return durable.WriteJSON(d.Disk, filepath.Join(d.Path, PlanFile), p)
}

// ReadPlan reads plan.json; nil if there is none.
func (d Directory) ReadPlan() (*Plan, error) {
	path := filepath.Join(d.Path, PlanFile)
	p := &Plan{}
	err := durable.ReadJSON(path, maxPlan, p)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, &DamagedError{path, err, "remove it and launch again; no result is lost"}
	}
	return p, nil
}

// Same reports whether two plans divide the same jobs in the same way for the same version, whoever launches them.
func (p *Plan) Same(other *Plan) bool {
	return p.File == other.File && p.Jobs == other.Jobs && p.Replicas == other.Replicas && p.Version == other.Version &&
		slices.Equal(p.First, other.First)
}
