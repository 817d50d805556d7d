package machine

import (
	"bufio"
	"os"
	"runtime"
	"strings"
)

// Machine is where a measurement was made.
type Machine struct {
	CPU   string `json:"cpu"`
	Cores int    `json:"cores"` // that this process may use
	OS    string `json:"os"`
	Arch  string `json:"arch"`
}

// This is the machine that this process runs on.
func This() Machine {
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
