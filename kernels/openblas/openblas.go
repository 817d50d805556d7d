//go:build ((linux && !android) || darwin) && !static

package openblas

import (
	"errors"
	"fmt"
	"runtime"
	"strings"

	"github.com/ebitengine/purego"
)

// files are tried in order: the system's library path first, then the places where Homebrew keeps OpenBLAS, which the macOS
// loader does not search.
func files() []string {
	if runtime.GOOS == "darwin" {
		return []string{
			"libopenblas.dylib",
			"libopenblas.0.dylib",
			"/opt/homebrew/opt/openblas/lib/libopenblas.dylib",
			"/usr/local/opt/openblas/lib/libopenblas.dylib",
		}
	}
	return []string{"libopenblas.so.0", "libopenblas.so", "libopenblasp.so.0"}
}

// Built says that this build opens OpenBLAS: it is for linux or macOS, and not made with -tags static.
const Built = true

// Library is an OpenBLAS. It stays open until the process ends.
type Library struct {
	routines               map[string]uintptr
	setThreads, getThreads uintptr
	version                string
}

// Open opens the first OpenBLAS that has the routines, such as "sgemm_". The error gives, for every file tried, the reason for
// its refusal.
func Open(routines ...string) (*Library, error) {
	var tried []error
	for _, name := range files() {
		handle, err := purego.Dlopen(name, purego.RTLD_NOW|purego.RTLD_LOCAL)
		if err != nil {
			tried = append(tried, err)
			continue
		}
		lib, err := bind(handle, routines)
		if err != nil {
			tried = append(tried, fmt.Errorf("%s: %w", name, err))
			continue
		}
		return lib, nil
	}
	return nil, errors.Join(tried...)
}

// bind looks up the called routines. It refuses libraries with 64-bit integers (INTERFACE64): they have routines of the
// same names, and they would read 32-bit sizes as garbage.
func bind(handle uintptr, routines []string) (*Library, error) {
	lib := &Library{routines: map[string]uintptr{}}
	for _, name := range routines {
		address, err := purego.Dlsym(handle, name)
		if err != nil {
			return nil, err
		}
		lib.routines[name] = address
	}
	var err error
	if lib.setThreads, err = purego.Dlsym(handle, "openblas_set_num_threads"); err != nil {
		return nil, err
	}
	if lib.getThreads, err = purego.Dlsym(handle, "openblas_get_num_threads"); err != nil {
		return nil, err
	}
	config, err := callString(handle, "openblas_get_config")
	if err != nil {
		return nil, err
	}
	if strings.Contains(config, "USE64BITINT") {
		return nil, errors.New("64-bit integer interface: want the 32-bit one (libopenblas, not libopenblas64)")
	}
	core, err := callString(handle, "openblas_get_corename")
	if err != nil {
		return nil, err
	}
	lib.version = version(config, core)
	return lib, nil
}

// callString calls a C function without arguments that returns a constant string.
func callString(handle uintptr, name string) (string, error) {
	fn, err := purego.Dlsym(handle, name)
	if err != nil {
		return "", err
	}
	var f func() string
	purego.RegisterFunc(&f, fn)
	return f(), nil
}

// version shortens a configuration such as "OpenBLAS 0.3.21 NO_AFFINITY … Cooperlake MAX_THREADS=64" to its name and
// number, and adds the core whose kernels run.
func version(config, core string) string {
	words := strings.Fields(config)
	if len(words) > 2 {
		words = words[:2]
	}
	return strings.Join(words, " ") + " (" + core + ")"
}

// Version is such as "OpenBLAS 0.3.21 (Cooperlake)".
func (l *Library) Version() string { return l.version }

// Routine is the address of a routine that Open was asked for. Fortran takes every argument by reference.
func (l *Library) Routine(name string) uintptr { return l.routines[name] }

// SetThreads sets the number of threads of every call of this process, n ≥ 1.
func (l *Library) SetThreads(n int) { purego.SyscallN(l.setThreads, uintptr(n)) }

// Threads is the number of threads that a call uses.
func (l *Library) Threads() int {
	n, _, _ := purego.SyscallN(l.getThreads)
	return int(int32(n))
}
