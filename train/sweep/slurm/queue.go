package slurm

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// TaskState is what Slurm says about a task.
type TaskState struct {
	Job    string // its number with the task: 123_4
	State  string // Slurm's word: PENDING, RUNNING, COMPLETING, TIMEOUT, NODE_FAIL, …
	Reason string // why it waits or how it ended; may be empty
	Node   string // where it runs or ran; may be empty
}

// Active reports whether the task is in the queue: it runs, or it will without anybody's doing.
func (s TaskState) Active() bool { return slices.Contains(activeStates, s.State) }

// Live reports whether a process of the task may be at work.
func (s TaskState) Live() bool { return s.Active() && !slices.Contains(waitingStates, s.State) }

// waitingStates are states without a process, activeStates those of the queue.
var (
	waitingStates = []string{"PENDING", "CONFIGURING", "REQUEUED", "REQUEUE_FED", "REQUEUE_HOLD", "SPECIAL_EXIT", "RESV_DEL_HOLD"}
	activeStates  = append([]string{"RUNNING", "COMPLETING", "SUSPENDED", "STOPPED", "STAGE_OUT", "SIGNALING", "RESIZING"}, waitingStates...)
)

// Queue is what Slurm says about the tasks of a directory, at one moment.
type Queue struct {
	tasks map[int]TaskState
}

// Task returns what Slurm says about a task; known is false if it has forgotten the task, or never had it.
func (q *Queue) Task(task int) (state TaskState, known bool) {
	state, known = q.tasks[task]
	return state, known
}

// active returns the numbers of the jobs with active tasks, and the number of those tasks.
func (q *Queue) active() (jobs []string, tasks int) {
	for _, s := range q.tasks {
		if !s.Active() {
			continue
		}
		tasks++
		if job, _, _ := cutTask(s.Job); !slices.Contains(jobs, job) {
			jobs = append(jobs, job)
		}
	}
	slices.Sort(jobs)
	return jobs, tasks
}

// Busy returns a *BusyError if tasks are in the queue.
func (q *Queue) Busy() error {
	if jobs, tasks := q.active(); tasks > 0 {
		return &BusyError{jobs, tasks}
	}
	return nil
}

// Gone reports whether Slurm knows that a task runs nowhere. batch names the task as the holder of a claim does: slurm:123_4.
func (q *Queue) Gone(batch string) bool {
	job, isSlurm := strings.CutPrefix(batch, "slurm:")
	if !isSlurm {
		return false
	}
	for _, s := range q.tasks {
		if s.Job == job {
			return !s.Live()
		}
	}
	return false // of another directory, or forgotten: its signs of life tell
}

// Look asks Slurm about the tasks of a directory: squeue, and sacct about tasks that squeue has forgotten. The queue is empty, and
// no command is run, if no job was ever submitted.
func Look(ctx context.Context, dir string) (*Queue, error) {
	q := &Queue{tasks: map[int]TaskState{}}
	r, err := readRecord(dir)
	if err != nil {
		return nil, err
	}
	for _, jobs := range r.byCluster() {
		history, err := sacct(ctx, jobs)
		if err != nil {
			return nil, err
		}
		queued, err := squeue(ctx, jobs)
		if err != nil {
			return nil, err
		}
		for _, s := range jobs { // oldest first; of a job, squeue is newer than sacct
			q.forget(s)
			maps.Copy(q.tasks, history[s.Job])
			maps.Copy(q.tasks, queued[s.Job])
		}
	}
	return q, nil
}

// forget drops what older jobs say about the tasks of a job: Slurm may know nothing of the newer one, such as one that was cancelled
// before it was to begin.
func (q *Queue) forget(s Submission) {
	maps.DeleteFunc(q.tasks, func(task int, _ TaskState) bool { return inRanges(s.Tasks, task) })
}

// byCluster groups the submissions, each group in the order of time.
func (r *record) byCluster() [][]Submission {
	var groups [][]Submission
	for _, s := range r.Submissions {
		i := slices.IndexFunc(groups, func(g []Submission) bool { return g[0].Cluster == s.Cluster })
		if i < 0 {
			i, groups = len(groups), append(groups, nil)
		}
		groups[i] = append(groups[i], s)
	}
	return groups
}

// byJob holds the states of tasks, by the number of their array job and by task.
type byJob map[string]map[int]TaskState

// set keeps the state of a task.
func (b byJob) set(job string, task int, s TaskState) {
	if b[job] == nil {
		b[job] = map[int]TaskState{}
	}
	b[job][task] = s
}

// squeue returns the tasks of jobs that are in the queue, and those that ended a few minutes ago.
func squeue(ctx context.Context, jobs []Submission) (byJob, error) {
	out, err := command(ctx, "squeue", append(where(jobs), "--array", "--noheader", "--states=all", "--format=%i|%T|%r|%N")...)
	if err != nil && strings.Contains(err.Error(), "Invalid job id") { // all tasks ended long ago
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	states := byJob{}
	for line := range strings.Lines(out) {
		fields := strings.Split(strings.TrimSpace(line), "|")
		if job, task, ok := cutTask(fields[0]); ok && len(fields) == 4 {
			states.set(job, task, TaskState{Job: fields[0], State: fields[1], Reason: unless(fields[2], "None"), Node: fields[3]})
		}
	}
	return states, nil
}

// where selects jobs of one cluster.
func where(jobs []Submission) []string {
	var numbers []string
	for _, s := range jobs {
		numbers = append(numbers, s.Job)
	}
	args := []string{"--jobs=" + strings.Join(numbers, ",")}
	if cluster := jobs[0].Cluster; cluster != "" {
		args = append(args, "--clusters="+cluster)
	}
	return args
}

// sacct returns the last records of tasks in the accounting, none where the cluster keeps no accounts.
func sacct(ctx context.Context, jobs []Submission) (byJob, error) {
	out, err := command(ctx, "sacct", append(where(jobs), "--duplicates", "--allocations", "--noheader", "--parsable2",
		"--format=JobID,State,ExitCode,NodeList,Submit")...)
	if ctx.Err() != nil {
		return nil, err
	}
	if err != nil { // no accounts, or none for this user: squeue alone tells
		return nil, nil
	}
	return parseAccounts(out), nil
}

// parseAccounts reads lines of sacct. A task that was requeued has a record for each of its sessions, with another time of
// submission: the newest counts, and of records with one time the last.
func parseAccounts(out string) byJob {
	states, submitted := byJob{}, map[string]string{}
	for line := range strings.Lines(out) {
		fields := strings.Split(strings.TrimSpace(line), "|")
		job, task, ok := cutTask(fields[0])
		if !ok || len(fields) != 5 || fields[4] < submitted[fields[0]] { // times are written so that letters order them
			continue
		}
		state, reason, _ := strings.Cut(fields[1], " ") // CANCELLED by 1000
		if code, _, _ := strings.Cut(fields[2], ":"); state == "FAILED" {
			reason = "exit status " + code
		}
		submitted[fields[0]] = fields[4]
		states.set(job, task, TaskState{Job: fields[0], State: state, Reason: reason, Node: unless(fields[3], "None assigned")})
	}
	return states
}

// cutTask splits 123_4 into job and task.
func cutTask(text string) (job string, task int, ok bool) {
	job, number, ok := strings.Cut(text, "_")
	task, err := strconv.Atoi(number)
	return job, task, ok && err == nil
}

// unless is a text, or nothing if it is the word for nothing.
func unless(text, nothing string) string {
	if text == nothing {
		return ""
	}
	return text
}

// Cancel ends the jobs of a directory: tasks that run save first. It returns how many tasks were not over.
func Cancel(ctx context.Context, dir string) (int, error) {
	queue, err := Look(ctx, dir)
	if err != nil {
		return 0, err
	}
	jobs, tasks := queue.active()
	if tasks == 0 {
		return 0, nil
	}
	if _, err := command(ctx, "scancel", jobs...); err != nil {
		return 0, fmt.Errorf("%w; scancel %s ends them", err, strings.Join(jobs, " "))
	}
	return tasks, nil
}
