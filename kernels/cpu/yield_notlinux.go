//go:build !linux

package cpu

// yields is zero, and so a worker sleeps after its spin: Go reaches the scheduler of other systems only by sleeping.
const yields = 0

func yield() {}
