//go:build gpu

package cuda

import "autoamp/kernels"

// runSteps launches steps of a program that one block runs.
func (l *loaded) runSteps(steps int) error {
	m := l.block
	law, err := kernels.ParseLaw(m.sample.Law)
	if err != nil {
		return err
	}
	at := func(t trained) weightTensors { return weightTensors{l.tensor(t.w), l.tensor(t.m), l.tensor(t.v)} }
	u := l.update
	args := shallow{
		encoder: at(m.encoder), decoder: at(m.decoder), theta: at(m.theta), schedule: l.schedule(),
		batch: int32(m.batch), d: int32(m.d), n: int32(m.n), law: int32(law), family: int32(m.family), project: number(len(l.projections) > 0),
		stream: m.sample.Stream, coins: coins, scale: float32(2 / float64(m.batch*m.d)), tau: float32(m.tau),
		beta1: float32(u.Beta1), beta2: float32(u.Beta2), epsilon: float32(u.Epsilon), tile: int32(m.tile),
	}
	f, err := l.r.e.function(m.shape().kernel)
	if err != nil {
		return err
	}
	return launchShared(f, m.shape().kernel, l.r.stream, [3]int{1, len(l.r.replicas), 1}, [2]int{threads, 1}, m.sharedBytes(),
		args, l.states(), l.lawTable(), l.r.address(l.r.memory.ring), int32(l.r.memory.capacity), int32(steps))
}
