package cells

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"autoamp/datasets/durable"
)

// Holder is who has a claim.
type Holder struct {
	Host string `json:"host"`
	PID  int    `json:"pid"`
	// Process tells apart processes that have the same PID: it names the start of the machine, the namespace of PIDs and the
	// start of the process. It is empty where the system does not tell.
	Process string `json:"process"`
	// Batch names the job of a batch system, with its task: "slurm:123_4". Empty means none.
	Batch string    `json:"batch"`
	Task  int       `json:"task"` // of the plan, -1 for none
	Began time.Time `json:"began"`
}

// ThisHolder is this process.
func ThisHolder(batch string, task int) Holder {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	return Holder{Host: host, PID: os.Getpid(), Process: processName(os.Getpid()), Batch: batch, Task: task, Began: time.Now().UTC()}
}

// processName names a process of this machine, and is empty if there is none, or where there is no /proc.
func processName(pid int) string {
	boot, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return ""
	}
	space, err := os.Readlink("/proc/self/ns/pid")
	if err != nil {
		return ""
	}
	stat, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "stat"))
	if err != nil {
		return ""
	}
	// The command in parentheses may hold spaces. The start is the 22nd field, the 20th after the command; the first of these is
	// the state.
	fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))
	if len(fields) < 20 || fields[0] == "Z" {
		return ""
	}
	return strings.TrimSpace(string(boot)) + "/" + space + "/" + fields[19]
}

// namespace is the part of a process's name that all processes of a machine and namespace share.
func namespace(process string) string {
	i := strings.LastIndexByte(process, '/')
	return process[:max(i, 0)]
}

// here reports whether a holder is a process of this machine, so that this process can tell whether it lives.
func (h Holder) here(me Holder) bool {
	return h.Process != "" && namespace(h.Process) == namespace(me.Process)
}

// Alive reports whether a process of this machine is there. known is false for a process of another machine.
func (h Holder) Alive(me Holder) (alive, known bool) {
	if !h.here(me) {
		return false, false
	}
	return processName(h.PID) == h.Process, true
}

// Progress is how far the holder of a claim is.
type Progress struct {
	Cells   int       `json:"cells"` // of the job
	Step    int       `json:"step"`
	Steps   int       `json:"steps"`   // 0 before the first step
	Seconds float64   `json:"seconds"` // since the claim
	Updated time.Time `json:"updated"`
}

const (
	holderFile   = "holder.json"
	progressFile = "progress.json"
)

// maxClaim bounds the files of a claim, in bytes.
const maxClaim = 1 << 16

// readHolder reads the holder of a claim.
func readHolder(dir string) (h Holder, err error) {
	err = durable.ReadJSON(filepath.Join(dir, holderFile), maxClaim, &h)
	return h, err
}
