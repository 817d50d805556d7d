// Package budget holds fuzz targets to a time and a memory for each input.
package budget

import (
	"fmt"
	"runtime/metrics"
	"testing"
	"time"
)

// Seconds is the time that an input may take.
const Seconds = 1

// Base is the memory that an input of no bytes may take, in bytes.
const Base = 16 << 20

// Check runs work on an input of size bytes and fails the test if that takes more than a second, or allocates more than
// 16 MiB and factor bytes for each byte of the input. Work that does not end ends the process after ten seconds, so that
// the input is kept. The memory of other goroutines counts too: nothing else must run.
func Check(t testing.TB, size, factor int, work func()) {
	t.Helper()
	hung := time.AfterFunc(10*Seconds*time.Second, func() { panic(fmt.Sprintf("an input of %d bytes hangs", size)) })
	defer hung.Stop()
	began, before := time.Now(), allocated()
	work()
	took, memory := time.Since(began), allocated()-before
	if took > Seconds*time.Second {
		t.Errorf("an input of %d bytes took %v, at most %d s are allowed", size, took, Seconds)
	}
	if most := uint64(Base) + uint64(size)*uint64(factor); memory > most {
		t.Errorf("an input of %d bytes took %d bytes of memory, at most %d are allowed", size, memory, most)
	}
}

// allocated is all memory that was ever allocated, in bytes.
func allocated() uint64 {
	sample := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}
