package cpu

import (
	"os"
	"runtime"
	"testing"

	"golang.org/x/sys/unix"
)

// A thread that leaves a core runs on another one, and may use all of its cores afterwards. A thread
// on another core stays there.
func TestLeave(t *testing.T) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var before, after unix.CPUSet
	if err := unix.SchedGetaffinity(0, &before); err != nil {
		t.Fatal(err)
	}
	if before.Count() < 2 {
		t.Skip("needs two cores")
	}
	moved := 0
	for range 100 { // the scheduler may move the thread between the calls
		from := core()
		leave(from)
		if core() != from {
			moved++
		}
	}
	if moved < 50 {
		t.Errorf("left %d of 100 cores", moved)
	}
	stayed := 0
	for range 100 {
		at := core()
		leave(at + 1)
		if core() == at {
			stayed++
		}
	}
	if stayed < 50 {
		t.Errorf("stayed on %d of 100 cores that it was not to leave", stayed)
	}
	if err := unix.SchedGetaffinity(0, &after); err != nil || after != before {
		t.Errorf("may use cores %v afterwards, %v before (%v)", after, before, err)
	}
}

func TestWanting(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{
		"0.52 0.58 0.59 3/467 12345\n": 3,
		"99.10 64.00 1.00 130/20000 7": 130,
		"":                             0,
	} {
		if got := wanting([]byte(text)); got != want {
			t.Errorf("wanting(%q) = %d, want %d", text, got, want)
		}
	}
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil || wanting(text) < 1 {
		t.Errorf("no thread wants to run, though this one does: %q, %v", text, err)
	}
}
