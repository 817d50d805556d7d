package cpu

import (
	"fmt"
	"math"
	"sync"
	"time"

	"autoamp/graph"
	"autoamp/kernels"
)

// Runner runs loaded programs on the CPU.
//
// One replica per worker runs at a time, each wholly on its worker, without any waiting. All
// workers together run the replicas that remain, or a single replica: every worker takes its share
// of the rows of each instruction, and workers wait for each other only at the program's barriers.
// The remaining replicas of a small model run on one worker each if that is faster, see pace.
// Results are the same bits in any case and for any number of workers, as long as the products are
// those of package kernels.
type Runner struct {
	replicas []graph.Replica
	programs []*program
	memory   memory
	arenas   [][]float32            // temporaries: one for each worker that runs alone
	kept     []map[string][]float32 // by replica: weights, state, inputs, outputs
	data     map[string][]float32   // data sets

	workers []*worker
	alone   []*team // one team for each worker alone
	all     *team
	start   []chan struct{}
	done    sync.WaitGroup
	job     job

	profile map[*graph.Instr]time.Duration // nil unless wanted; of worker 0
}

// job is the work of one call of Run.
type job struct {
	program *program
	first   uint64
	steps   int
	losses  []float64
	apart   bool  // replicas that do not fill all workers run on one worker each
	failed  []int // by replica: the number, from 0, of the step with a loss that was not finite, or −1
	core    int   // of the first worker, which wakes the others
}

// hire makes the workers and starts all workers except the first. The caller of Run is the first worker.
//
// Linux wakes a thread on the core of the thread that wakes it where no other core seems idle, and
// on a virtual machine a core that has halted does not: the hypervisor has taken it away. After a
// pause of 0.2 ms both workers of a team would share one core, for 10 to 50 ms of a step of 0.3 ms.
// So a worker leaves that core.
func (r *Runner) hire(gemmers []gemmer, auto, profile bool) {
	floats, widest := 0, 0
	for _, p := range r.programs {
		floats = max(floats, p.floats)
		for _, b := range p.Buffers {
			if b.Kind == graph.Reduction {
				widest = max(widest, b.Size())
			}
		}
	}
	for _, p := range r.programs {
		p.pace.worthTrying = len(gemmers) > 1 && p.Flops() < smallFlops && len(r.replicas)%len(gemmers) != 0
	}
	newTeam := func(workers ...*worker) *team {
		return &team{workers: workers, gate: newBarrier(len(workers)), sums: [2][]float64{make([]float64, floats), make([]float64, floats)}}
	}
	r.job.failed = make([]int, len(r.replicas))
	if profile {
		r.profile = map[*graph.Instr]time.Duration{}
	}
	for i, g := range gemmers {
		w := &worker{rank: i, product: g, denoise: new(kernels.DenoiseWorkspace), scratch: make([]float32, widest)}
		if auto {
			w.signs = kernels.NewSignWorkspace(kernels.BestLevel())
			w.zeros = sparseWorkspace(g)
		}
		r.workers = append(r.workers, w)
		r.alone = append(r.alone, newTeam(w))
	}
	r.all = newTeam(r.workers...)
	for _, w := range r.workers[1:] {
		start := make(chan struct{}, 1)
		r.start = append(r.start, start)
		go func() {
			for range start {
				if !r.job.apart || w.rank < len(r.replicas) { // it has work
					leave(r.job.core)
				}
				r.work(w)
				r.done.Done()
			}
		}()
	}
}

// solo is the number of replicas that run each on one worker alone.
func (r *Runner) solo(workers int) int { return len(r.replicas) - len(r.replicas)%workers }

// Run runs a program; see graph.Runner.
func (r *Runner) Run(program int, first uint64, steps int, losses []float64) error {
	if program < 0 || program >= len(r.programs) {
		return fmt.Errorf("cpu: run: program %d of %d", program, len(r.programs))
	}
	if len(losses) != steps*len(r.replicas) {
		return fmt.Errorf("cpu: run: %d losses, want steps·replicas = %d", len(losses), steps*len(r.replicas))
	}
	p := r.programs[program]
	r.job = job{program: p, first: first, steps: steps, losses: losses, failed: r.job.failed, apart: p.pace.choose() == apart, core: core()}
	for i := range r.job.failed {
		r.job.failed[i] = -1
	}
	began := time.Now()
	r.done.Add(len(r.start))
	for _, s := range r.start {
		s <- struct{}{}
	}
	r.work(r.workers[0])
	r.done.Wait()
	p.pace.took(time.Since(began), steps)
	return r.failure()
}

// work is one worker's part of a job.
func (r *Runner) work(w *worker) {
	alone := r.solo(len(r.workers))
	if r.job.apart {
		alone = len(r.replicas)
	}
	for rep := w.rank; rep < alone; rep += len(r.workers) {
		r.train(r.alone[w.rank], 0, rep)
	}
	if alone < len(r.replicas) {
		r.all.gate.wait() // the arenas are everybody's from here on
		for rep := alone; rep < len(r.replicas); rep++ {
			r.train(r.all, w.rank, rep)
		}
	}
}

// train runs all steps of one replica as the i-th worker of a team.
func (r *Runner) train(t *team, i, rep int) {
	for s := range r.job.steps {
		if !r.step(t, i, rep, s) {
			return
		}
	}
}

// step runs one step of one replica and reports whether its loss was finite. All workers of a
// team come to the same answer, since they add up the same sums.
func (r *Runner) step(t *team, i, rep, s int) bool {
	p := r.job.program
	w := t.workers[i]
	c := &w.call
	*c = call{r: r, p: p, t: t, w: w, rep: rep, step: r.job.first + uint64(s), parity: s & 1}
	c.setRates()
	for g, group := range p.groups {
		if group[0].Barrier {
			t.gate.wait()
			if g == p.check && !finite(c.total(p.Loss, 0)) {
				r.report(c, i, s)
				return false
			}
		}
		c.group(group, p.tile[g], i)
	}
	t.gate.wait()
	return r.report(c, i, s)
}

// report stores the loss of a step.
func (r *Runner) report(c *call, i, s int) bool {
	loss := c.total(c.p.Loss, 0)
	if i == 0 {
		r.job.losses[s*len(r.replicas)+c.rep] = loss
		if !finite(loss) {
			r.job.failed[c.rep] = s
		}
	}
	return finite(loss)
}

func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }

// failure returns the error of the first replica whose loss was not finite.
func (r *Runner) failure() error {
	for rep, s := range r.job.failed {
		if s >= 0 {
			step := r.job.first + uint64(s)
			return &graph.NonFiniteError{Step: step, Replica: rep, Tensor: r.diagnose(rep, step)}
		}
	}
	return nil
}

// Read copies a tensor; see graph.Runner.
func (r *Runner) Read(tensor string, replica int, dst []float32) error {
	src, err := r.find(tensor, replica, len(dst))
	copy(dst, src)
	return err
}

// View returns a tensor itself; see graph.Viewer.
func (r *Runner) View(tensor string, replica, size int) ([]float32, error) {
	return r.find(tensor, replica, size)
}

// Write replaces a tensor; see graph.Runner.
func (r *Runner) Write(tensor string, replica int, src []float32) error {
	dst, err := r.find(tensor, replica, len(src))
	copy(dst, src)
	return err
}

func (r *Runner) find(tensor string, replica, size int) ([]float32, error) {
	if replica < 0 || replica >= len(r.replicas) {
		return nil, fmt.Errorf("cpu: replica %d of %d", replica, len(r.replicas))
	}
	data, ok := r.kept[replica][tensor]
	if !ok && replica == 0 {
		data, ok = r.data[tensor]
	}
	if !ok {
		return nil, fmt.Errorf("cpu: no tensor %q", tensor)
	}
	if len(data) != size {
		return nil, fmt.Errorf("cpu: tensor %q has %d elements, not %d", tensor, len(data), size)
	}
	return data, nil
}

// Close ends the workers and frees the buffers. A second Close does nothing.
func (r *Runner) Close() error {
	for _, s := range r.start {
		close(s)
	}
	r.start, r.replicas, r.arenas, r.kept, r.data, r.programs = nil, nil, nil, nil, nil, nil
	return r.memory.free()
}

// Profile returns the time that the first worker spent in each instruction of a program, in
// program order; nil unless Settings.Profile was set.
func (r *Runner) Profile(program int) []InstrTime {
	if r.profile == nil {
		return nil
	}
	var times []InstrTime
	for _, group := range r.programs[program].groups {
		for i := range group {
			times = append(times, InstrTime{Instr: fmt.Sprint(group[i].Op), Time: r.profile[&group[i].Instr]})
		}
	}
	return times
}

var (
	_ graph.Runner = (*Runner)(nil)
	_ graph.Viewer = (*Runner)(nil)
)
