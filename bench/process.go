package bench

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"strings"
	"time"
)

// Pythons are the interpreters in which a peer is looked for: the first of the path, and the one for which Debian has packages.
func Pythons() []string { return []string{"python3", "/usr/bin/python3"} }

// FindPython returns the first interpreter that finds a module; empty if there is none. It does not import the module: on a cold
// disk that can take a minute.
func FindPython(ctx context.Context, candidates []string, module string) string {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	for _, name := range candidates {
		path, err := exec.LookPath(name)
		if err != nil {
			continue
		}
		program := "import importlib.util, sys; sys.exit(importlib.util.find_spec(sys.argv[1]) is None)"
		if exec.CommandContext(ctx, path, "-c", program, module).Run() == nil {
			return path
		}
	}
	return ""
}

// process is a peer in Python that answers every line with one line of JSON.
type process struct {
	name   string // for errors
	cmd    *exec.Cmd
	in     io.WriteCloser
	out    io.ReadCloser
	lines  *bufio.Reader
	stderr strings.Builder
	// patience is the longest wait for an answer, after which the process is killed. Zero means for ever.
	patience time.Duration
	ended    bool
}

// startProcess starts a peer and reads its first line, the peer's description of itself.
func startProcess(ctx context.Context, name string, patience time.Duration, about any, python string, args, env []string) (*process, error) {
	p := &process{name: name, patience: patience, cmd: exec.CommandContext(ctx, python, args...)}
	p.cmd.Stderr = &p.stderr
	p.cmd.Env = append(os.Environ(), env...)
	p.cmd.WaitDelay = 5 * time.Second // for children of a killed peer that hold its standard error
	var err error
	if p.in, err = p.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	if p.out, err = p.cmd.StdoutPipe(); err != nil {
		return nil, err
	}
	p.lines = bufio.NewReader(p.out)
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("bench: %s: %w", name, err)
	}
	if err := p.read(about); err != nil {
		return nil, err
	}
	return p, nil
}

// ask sends a line and reads the answer. A process that fails to answer is ended.
func (p *process) ask(line string, answer any) error {
	if p.ended {
		return fmt.Errorf("bench: %s: %w", p.name, os.ErrProcessDone)
	}
	if _, err := fmt.Fprintln(p.in, line); err != nil {
		return p.fail(err)
	}
	return p.read(answer)
}

func (p *process) read(v any) error {
	timer := time.AfterFunc(cmp.Or(p.patience, time.Duration(math.MaxInt64)), p.kill)
	line, err := p.lines.ReadBytes('\n')
	if !timer.Stop() {
		err = fmt.Errorf("no answer within %v", p.patience)
	}
	if err == nil {
		err = json.Unmarshal(line, v)
	}
	if err != nil {
		return p.fail(err)
	}
	return nil
}

// kill ends the process at once. Its children may hold its standard output.
func (p *process) kill() {
	p.cmd.Process.Kill()
	p.out.Close()
}

// fail ends the process and adds the last line that it wrote on its standard error.
func (p *process) fail(err error) error {
	p.kill()
	p.Close()
	lines := strings.Split(strings.TrimSpace(p.stderr.String()), "\n")
	return fmt.Errorf("bench: %s: %w: %s", p.name, err, lines[len(lines)-1])
}

// Close ends the process: it leaves when its input ends.
func (p *process) Close() error {
	if p.ended {
		return nil
	}
	p.ended = true
	return errors.Join(p.in.Close(), p.cmd.Wait())
}
