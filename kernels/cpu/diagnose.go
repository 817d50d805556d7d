package cpu

import (
	"autoamp/graph"
	"autoamp/kernels"
)

// diagnose repeats a step whose loss was not finite, without its updates, and names the first
// tensor with a NaN or an infinity: a weight that was not finite before the step, or the first
// result that is not finite. The repeated step gives the same numbers: the failed step ended before
// its updates, and its draws are functions of its number.
func (r *Runner) diagnose(rep int, step uint64) string {
	c := call{r: r, p: r.job.program, t: r.alone[0], w: r.workers[0], rep: rep, step: step}
	for b, buf := range c.p.Buffers {
		if (buf.Kind == graph.Weight || buf.Kind == graph.Input) && kernels.FirstNonFinite(c.whole(b)) >= 0 {
			return buf.Name
		}
	}
	for _, group := range c.p.groups {
		for k := range group {
			if _, update := group[k].Op.(graph.Step); update {
				return "loss"
			}
			c.group(group[k:k+1], group[k].rows, 0)
			if name, bad := c.firstBad(&group[k]); bad {
				return name
			}
		}
	}
	return "loss"
}

func (c *call) firstBad(in *instr) (name string, bad bool) {
	for _, b := range in.Out {
		name = c.p.Buffers[b].Name
		if c.p.Buffers[b].Kind != graph.Reduction {
			if kernels.FirstNonFinite(c.whole(b)) >= 0 {
				return name, true
			}
			continue
		}
		for k := range c.p.Buffers[b].Size() {
			if !finite(c.total(b, k)) {
				return name, true
			}
		}
	}
	return "", false
}
