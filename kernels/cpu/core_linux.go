package cpu

import (
	"runtime"
	"sync"
	"unsafe"

	"golang.org/x/sys/unix"
)

// core is the core that this thread runs on.
func core() int {
	var c uint32
	_, _, _ = unix.RawSyscall(unix.SYS_GETCPU, uintptr(unsafe.Pointer(&c)), 0, 0)
	return int(c)
}

// leave moves this thread to another core if it runs on core c and may use another. Linux moves it
// before the first call returns, within about 50 µs.
func leave(c int) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var all unix.CPUSet
	if core() != c || unix.SchedGetaffinity(0, &all) != nil || all.Count() < 2 {
		return
	}
	others := all
	others.Clear(c)
	_ = unix.SchedSetaffinity(0, &others)
	_ = unix.SchedSetaffinity(0, &all)
}

// loadavg is a file descriptor of the kernel's count of threads, open for the life of the process,
// because a step allocates nothing; negative where there is none.
var loadavg = sync.OnceValue(func() int {
	file, err := unix.Open("/proc/loadavg", unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return -1
	}
	return file
})

// crowded reports whether more threads of the machine want to run than this process has cores.
func crowded() bool {
	var text [64]byte
	n, err := unix.Pread(loadavg(), text[:], 0)
	return err != nil || wanting(text[:n]) > runtime.NumCPU()
}

// wanting is the number of threads that run or want to, by /proc/loadavg: after the load over one,
// five and fifteen minutes come that number, a slash, and the number of all threads.
func wanting(loadavg []byte) int {
	spaces, n := 0, 0
	for _, c := range loadavg {
		switch {
		case c == ' ':
			spaces++
		case c == '/':
			return n
		case spaces == 3:
			n = 10*n + int(c-'0')
		}
	}
	return n
}
