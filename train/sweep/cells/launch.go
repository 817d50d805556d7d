package cells

import "autoamp/datasets/durable"

// Launch is how the jobs of a directory are to be run.
type Launch struct {
	Launcher string  // local, slurm, kubernetes
	Version  string  // of this program
	Replicas int     // largest number of cells of a program, where jobs are programs
	Seconds  float64 // estimated time of a task
	Tasks    int     // at most
	// Batch names the job of a batch system that launches. Empty means none.
	Batch string
	// Dead tells whether the holder of a claim is gone. See Claims.
	Dead func(Holder) bool
}

// Plan divides jobs that come from some text into tasks.
func (l Launch) Plan(text []byte, jobs []*Job) *Plan {
	return &Plan{
		File: durable.Sum(text), Jobs: len(jobs), Replicas: l.Replicas, Launcher: l.Launcher, Version: l.Version,
		First: Pack(jobs, l.Seconds, l.Tasks),
	}
}
