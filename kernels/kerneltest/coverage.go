package kerneltest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"runtime"
	"sync"
	"testing"

	"autoamp/graph"
)

// coverage collects the types of the ops that the tests have loaded.
type coverage struct {
	mu  sync.Mutex
	ops map[string]bool
}

// record opens executors that report the programs that they load.
func (c *coverage) record(open func(t *testing.T) graph.Executor) func(t *testing.T) graph.Executor {
	return func(t *testing.T) graph.Executor { return recorder{open(t), c} }
}

// recorder is an executor that reports the programs that it loads.
type recorder struct {
	graph.Executor
	seen *coverage
}

// Load reports the programs' ops if they could be loaded.
func (r recorder) Load(replicas []graph.Replica, programs ...*graph.Program) (graph.Runner, error) {
	runner, err := r.Executor.Load(replicas, programs...)
	if err != nil {
		return nil, err
	}
	r.seen.mu.Lock()
	defer r.seen.mu.Unlock()
	for _, p := range programs {
		for _, in := range p.Instrs {
			r.seen.ops[reflect.TypeOf(in.Op).Name()] = true
		}
	}
	return runner, nil
}

// fused are the ops that compilation always turns into others.
var fused = map[string]string{"DenoiseGradInput": "DenoiseGrad", "DenoiseGradParams": "DenoiseGrad", "MergeGradWeights": "MergeGrad"}

// check fails for an op of package graph that no test has loaded. It reads the package's source, and is skipped without.
func (c *coverage) check(t *testing.T) {
	ops := declaredOps(t)
	for _, op := range ops {
		if name := fused[op]; name != "" {
			op = name
		}
		if !c.ops[op] {
			t.Errorf("op %s has no conformance case", op)
		}
	}
}

// declaredOps lists the types of package graph with a method Facts.
func declaredOps(t *testing.T) (ops []string) {
	t.Helper()
	_, here, _, _ := runtime.Caller(0)
	files, err := filepath.Glob(filepath.Join(filepath.Dir(here), "..", "..", "graph", "op_*.go"))
	if err != nil || len(files) == 0 {
		t.Skipf("needs the source of package graph: %v", err)
	}
	for _, file := range files {
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range parsed.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || f.Recv == nil || f.Name.Name != "Facts" {
				continue
			}
			if name, ok := f.Recv.List[0].Type.(*ast.Ident); ok {
				ops = append(ops, name.Name)
			}
		}
	}
	if len(ops) < 20 {
		t.Errorf("found only the ops %v", ops)
	}
	return ops
}
