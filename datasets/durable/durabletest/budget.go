package durabletest

import (
	"fmt"
	"runtime/metrics"
	"testing"
	"time"
)

// The time that an input of a fuzz target may take, and the memory, in bytes, of one without bytes.
const (
	budgetTime   = time.Second
	budgetMemory = 16 << 20
)

// Budget runs work on an input of size bytes and fails the test if that takes more than a second, or allocates more than
// 16 MiB and factor bytes for each byte of the input. Work that does not end ends the process after ten seconds, so that
// the input is kept. The memory of other goroutines counts too: nothing else must run.
func Budget(t testing.TB, size, factor int, work func()) {
	t.Helper()
	hung := time.AfterFunc(10*budgetTime, func() { panic(fmt.Sprintf("an input of %d bytes hangs", size)) })
	defer hung.Stop()
	began, before := time.Now(), allocated()
	work()
	took, memory := time.Since(began), allocated()-before
	if took > budgetTime {
		t.Errorf("an input of %d bytes took %v, at most %v are allowed", size, took, budgetTime)
	}
	if most := uint64(budgetMemory) + uint64(size)*uint64(factor); memory > most {
		t.Errorf("an input of %d bytes took %d bytes of memory, at most %d are allowed", size, memory, most)
	}
}

// allocated is all memory that was ever allocated, in bytes.
func allocated() uint64 {
	sample := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}
