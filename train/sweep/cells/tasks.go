package cells

import "slices"

// TasksOf lists the tasks that have some of the jobs, ascending. all are the jobs that the plan divides.
func (p *Plan) TasksOf(some, all []*Job) []int {
	wanted := make(map[string]bool, len(some))
	for _, job := range some {
		wanted[job.ID] = true
	}
	var tasks []int
	for i, job := range all {
		if task := p.taskAt(i); wanted[job.ID] && (len(tasks) == 0 || tasks[len(tasks)-1] != task) {
			tasks = append(tasks, task)
		}
	}
	return tasks
}

// taskAt is the task of the i-th job.
func (p *Plan) taskAt(i int) int {
	task, starts := slices.BinarySearch(p.First, i)
	if !starts {
		task--
	}
	return task
}
