package bench

import (
	"bufio"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
)

// torchStep is the peer's program; it is passed to Python on the command line, so that the
// suite runs without a source tree.
//
//go:embed peers/torch_step.py
var torchStep string

// errNoTorch: none of the interpreters can import torch.
var errNoTorch = errors.New("no Python that can import torch (Debian: apt install python3-torch); name one with --python")

// findTorch returns the first interpreter that can import torch.
func findTorch(ctx context.Context, candidates []string) (string, error) {
	for _, name := range candidates {
		path, err := exec.LookPath(name)
		if err != nil {
			continue
		}
		if exec.CommandContext(ctx, path, "-c", "import torch").Run() == nil {
			return path, nil
		}
	}
	return "", errNoTorch
}

// torchProcess is a PyTorch peer that waits for its turns.
type torchProcess struct {
	about torchAbout
	cmd   *exec.Cmd
	in    io.WriteCloser
	out   *bufio.Reader
	err   *strings.Builder
}

// torchAbout is what the peer says about itself.
type torchAbout struct {
	Torch  string `json:"torch"`
	Python string `json:"python"`
	Adam   string `json:"adam"`
}

// startTorch starts a peer in mode "eager" or "hand" and waits until it is warm.
func startTorch(ctx context.Context, python, mode string, cell Cell) (*torchProcess, error) {
	t := &torchProcess{err: &strings.Builder{}}
	t.cmd = exec.CommandContext(ctx, python, "-c", torchStep, "--serve", "--mode", mode, "--model", cell.model(),
		"--dim", strconv.Itoa(cell.Dim), "--batch", strconv.Itoa(cell.Batch), "--threads", strconv.Itoa(cell.Threads))
	t.cmd.Stderr = t.err
	// torch.set_num_threads does not reach an OpenBLAS with threads of its own, which would
	// then use all cores; the environment does.
	threads := strconv.Itoa(cell.Threads)
	t.cmd.Env = append(os.Environ(), "OPENBLAS_NUM_THREADS="+threads, "OMP_NUM_THREADS="+threads, "MKL_NUM_THREADS="+threads)
	var err error
	if t.in, err = t.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := t.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	t.out = bufio.NewReader(out)
	if err := t.cmd.Start(); err != nil {
		return nil, fmt.Errorf("bench: torch: %w", err)
	}
	if err := t.read(&t.about); err != nil {
		t.Close()
		return nil, err
	}
	return t, nil
}

// Run does steps in the peer. The few bytes through a pipe cost microseconds beside a chunk.
func (t *torchProcess) Run(steps int) error {
	if _, err := fmt.Fprintln(t.in, steps); err != nil {
		return t.failure(err)
	}
	var done struct {
		Ms float64 `json:"ms"`
	}
	return t.read(&done)
}

func (t *torchProcess) read(v any) error {
	line, err := t.out.ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(line, v)
	}
	return t.failure(err)
}

func (t *torchProcess) failure(err error) error {
	if err == nil {
		return nil
	}
	lines := strings.Split(strings.TrimSpace(t.err.String()), "\n")
	return fmt.Errorf("bench: torch: %w: %s", err, lines[len(lines)-1])
}

// Close ends the process: it leaves when its input ends.
func (t *torchProcess) Close() error {
	return errors.Join(t.in.Close(), t.cmd.Wait())
}
