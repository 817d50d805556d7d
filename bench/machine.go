package bench

import (
	"bufio"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
)

// Machine is where a measurement was made.
type Machine struct {
	CPU   string `json:"cpu"`
	Cores int    `json:"cores"` // that this process may use
	OS    string `json:"os"`
	Arch  string `json:"arch"`
}

// ThisMachine is where this process runs.
func ThisMachine() Machine {
	return Machine{CPU: cpuModel(), Cores: runtime.NumCPU(), OS: runtime.GOOS, Arch: runtime.GOARCH}
}

// cpuModel reads the processor's name where Linux keeps it.
func cpuModel() string {
	f, err := os.Open("/proc/cpuinfo")
	if err != nil {
		return "unknown"
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if key, value, ok := strings.Cut(lines.Text(), ":"); ok && strings.TrimSpace(key) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return "unknown"
}

// versions lists the versions of Go and gorgonia in this program.
func versions() map[string]string {
	return map[string]string{"go": runtime.Version(), "gorgonia": gorgoniaVersion()}
}

// gorgoniaVersion is the version of gorgonia in this program.
func gorgoniaVersion() string {
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, dep := range info.Deps {
			if dep.Path == "gorgonia.org/gorgonia" {
				return dep.Version
			}
		}
	}
	return "unknown"
}
