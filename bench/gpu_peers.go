package bench

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"
)

// The peers' programs on a GPU; they are passed to Python on the command line, so that the suite
// runs without a source tree.
var (
	//go:embed peers/torch_gpu.py
	torchGPU string
	//go:embed peers/jax_gpu.py
	jaxGPU string
)

// frameworks are the modules to import and the programs that do.
var frameworks = map[string]string{"torch": torchGPU, "jax": jaxGPU}

// gpuPeer is a contestant in Python: a framework and a mode of its program.
type gpuPeer struct{ contestant, framework, mode string }

// The contestants that run a step of PyTorch as one CUDA graph.
const (
	TorchGraph         = "torch, step as one graph"
	TorchCompiledGraph = "torch.compile, step as one graph"
)

// gpuPeers lists them in the order of the table, the most important first: time may run out.
func gpuPeers() []gpuPeer {
	return []gpuPeer{
		{TorchEager, "torch", "eager"},
		{TorchGraph, "torch", "captured"},
		{TorchCompiledGraph, "torch", "graph"},
		{"torch.compile, step as one graph, tf32", "torch", "graph-tf32"},
		{"jax jit", "jax", "jit"},
		{"jax jit of the loop", "jax", "loop"},
		{"jax jit, tf32", "jax", "jit-tf32"},
		{"torch.compile, CUDA graphs", "torch", "compile"},
		{"torch eager, tf32", "torch", "eager-tf32"},
	}
}

// gpuServers keeps one process for each framework, which builds one model after another.
type gpuServers struct {
	python   []string
	device   string // cuda, or cpu for tests
	patience time.Duration
	versions map[string]string
	running  map[string]*process
	missing  map[string]error
}

// start makes a model of a peer's in its framework's process.
func (g *gpuServers) start(ctx context.Context, peer gpuPeer, cell Cell) (stepper, error) {
	p, err := g.process(ctx, peer.framework)
	if err != nil {
		return nil, err
	}
	line, err := json.Marshal(map[string]any{
		"mode": peer.mode, "dim": cell.Dim, "batch": cell.Batch, "replicas": max(1, cell.Replicas),
	})
	if err != nil {
		return nil, err
	}
	m := peerModel{p}
	if err := m.ask(string(line)); err != nil {
		return nil, errors.Join(err, m.Close())
	}
	return m, nil
}

// process returns the process of a framework, started anew if the last one died.
func (g *gpuServers) process(ctx context.Context, framework string) (*process, error) {
	if p := g.running[framework]; p != nil && !p.ended {
		return p, nil
	}
	if err := g.missing[framework]; err != nil {
		return nil, err
	}
	python := FindPython(ctx, g.python, framework)
	if python == "" {
		g.missing[framework] = fmt.Errorf("no Python that can import %s; name one with --python", framework)
		return nil, g.missing[framework]
	}
	var about map[string]string
	p, err := startProcess(ctx, framework, g.patience, &about, python, []string{"-c", frameworks[framework], "--device", g.device}, nil)
	if err != nil {
		g.missing[framework] = err
		return nil, err
	}
	for name, version := range about {
		g.versions[name] = version
	}
	g.running[framework] = p
	return p, nil
}

// Close ends the processes.
func (g *gpuServers) Close() error {
	var errs []error
	for _, p := range g.running {
		errs = append(errs, p.Close())
	}
	return errors.Join(errs...)
}

// peerModel is the model that a process holds.
type peerModel struct{ *process }

// answer is the reply of a process to a line.
type answer struct {
	Ms    float64 `json:"ms"`
	Error string  `json:"error"`
}

func (m peerModel) ask(line string) error {
	var a answer
	if err := m.process.ask(line, &a); err != nil {
		return err
	}
	if a.Error != "" {
		return fmt.Errorf("bench: %s: %s", m.name, a.Error)
	}
	return nil
}

// Run does steps.
func (m peerModel) Run(steps int) error { return m.ask(strconv.Itoa(steps)) }

// Close makes the process forget the model. Other contestants need the memory.
func (m peerModel) Close() error {
	if m.ended {
		return nil
	}
	return m.ask("null")
}
