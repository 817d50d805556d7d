//go:build unix

// Package slurmtest starts a Slurm of one node for tests.
package slurmtest

import (
	_ "embed"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

//go:embed one-node.sh
var script []byte

// Cluster is a Slurm of one node.
type Cluster struct {
	// Conf is its configuration, the value of SLURM_CONF for its commands.
	Conf string
	t    testing.TB
	dir  string
}

// Start starts a cluster that stops with the test. It skips the test where Slurm is not installed.
func Start(t testing.TB) *Cluster {
	t.Helper()
	for _, program := range []string{"slurmctld", "slurmd", "munged", "sbatch"} {
		if !installed(program) {
			t.Skipf("%s is not found: make slurm installs Slurm on Debian", program)
		}
	}
	dir, err := os.MkdirTemp("", "slurm") // short, for the name of a socket
	if err != nil {
		t.Fatal(err)
	}
	c := &Cluster{Conf: filepath.Join(dir, "slurm.conf"), t: t, dir: dir}
	if err := os.WriteFile(filepath.Join(dir, "one-node.sh"), script, 0o666); err != nil {
		t.Fatal(err)
	}
	ports := freePorts(t)
	t.Cleanup(c.stop)
	c.run("start", ports[0], ports[1])
	c.Until("the node is idle", func() bool { return strings.TrimSpace(c.Command("sinfo", "--noheader", "--format=%T")) == "idle" })
	return c
}

// installed looks for a program, also where only administrators have it in their PATH.
func installed(program string) bool {
	if _, err := exec.LookPath(program); err == nil {
		return true
	}
	_, err := os.Stat(filepath.Join("/usr/sbin", program))
	return err == nil
}

// freePorts are the ports of the two daemons.
func freePorts(t testing.TB) []string {
	t.Helper()
	var ports []string
	for range 2 {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		ports = append(ports, strconv.Itoa(l.Addr().(*net.TCPAddr).Port))
	}
	return ports
}

// run runs the script.
func (c *Cluster) run(what string, args ...string) {
	c.t.Helper()
	out, err := exec.Command("sh", append([]string{filepath.Join(c.dir, "one-node.sh"), what, c.dir}, args...)...).CombinedOutput()
	if err != nil {
		c.t.Fatalf("one-node.sh %s: %v\n%s%s", what, err, out, c.logs())
	}
}

// logs are the last lines of the daemons' logs.
func (c *Cluster) logs() string {
	var out strings.Builder
	for _, name := range []string{"controller.log", "node.log"} {
		data, _ := os.ReadFile(filepath.Join(c.dir, name)) // there may be none yet
		lines := strings.Split(string(data), "\n")
		out.WriteString(name + ":\n" + strings.Join(lines[max(0, len(lines)-30):], "\n") + "\n")
	}
	return out.String()
}

// Command runs a command of Slurm and returns what it prints. A command that fails fails the test.
func (c *Cluster) Command(name string, args ...string) string {
	c.t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Env = append(os.Environ(), "SLURM_CONF="+c.Conf)
	out, err := cmd.CombinedOutput()
	if err != nil {
		c.t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return string(out)
}

// Until waits for a condition, for two minutes at most.
func (c *Cluster) Until(what string, holds func() bool) {
	c.t.Helper()
	for end := time.Now().Add(2 * time.Minute); !holds(); time.Sleep(200 * time.Millisecond) {
		if time.Now().After(end) {
			c.t.Fatalf("%s: not after two minutes\n%s", what, c.logs())
		}
	}
}

// KillNode kills the daemon of the node, and not the jobs that it has started.
func (c *Cluster) KillNode() {
	c.t.Helper()
	if err := syscall.Kill(c.pid("node.pid"), syscall.SIGKILL); err != nil {
		c.t.Fatal(err)
	}
}

// StartNode starts the daemon of the node again.
func (c *Cluster) StartNode() {
	c.t.Helper()
	c.run("node")
}

// pid reads the number of a process; 0 if it has none.
func (c *Cluster) pid(file string) int {
	data, err := os.ReadFile(filepath.Join(c.dir, file))
	if err != nil {
		return 0
	}
	n, _ := strconv.Atoi(strings.TrimSpace(string(data))) // a daemon may be writing it
	return n
}

// stop ends the jobs and the daemons, and removes their files once they are gone.
func (c *Cluster) stop() {
	cancel := exec.Command("scancel", "--user="+strconv.Itoa(os.Getuid()))
	cancel.Env = append(os.Environ(), "SLURM_CONF="+c.Conf)
	_ = cancel.Run() // the controller may not have started
	pids := []int{c.pid("node.pid"), c.pid("controller.pid"), c.pid("munge/pid")}
	c.run("stop")
	for _, pid := range pids {
		for end := time.Now().Add(20 * time.Second); pid > 0 && alive(pid) && time.Now().Before(end); {
			time.Sleep(50 * time.Millisecond)
		}
	}
	_ = os.RemoveAll(c.dir)
}

// alive reports whether a process is there and not a zombie, which nobody may wait for in a container.
func alive(pid int) bool {
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	return err == nil && !strings.Contains(string(stat), ") Z ")
}
