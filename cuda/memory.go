//go:build gpu

package cuda

import (
	"fmt"
	"maps"
	"slices"
	"unsafe"

	"gorgonia.org/cu"

	"autoamp/graph"
)

// memory is the layout of a runner's one allocation of device memory. Tensors lie in slabs: a slab holds one tensor
// of every replica, one after the other, stride apart. Addresses are counted from the allocation's beginning.
type memory struct {
	bytes          int64
	kept           map[string]slab // tensors that outlive a step, by name; the programs share them
	states         int64
	ring           int64 // losses of the last capacity steps, by step and replica
	capacity       int
	workspace      int64 // of cuBLAS: workspaces of them, side by side
	workspaceBytes int64 // of each
	temps          int64 // the arena: each program's temporaries
	sums           int64
	keptBytes      int64 // of which are kept tensors
	tables         []tables
}

// tables are the constants of one program.
type tables struct{ laws, first, last, weights int64 }

// slab is one tensor of all replicas.
type slab struct {
	at     int64
	size   int  // elements of one replica
	shared bool // a data set: all replicas read the same one
}

// stride is the number of elements from one replica's tensor to the next one's.
func (s slab) stride() int64 {
	if s.shared {
		return 0
	}
	return int64(padded(s.size))
}

// bytes is the memory of a slab.
func (s slab) bytes(replicas int64) int64 {
	if s.shared {
		replicas = 1
	}
	return 4 * replicas * int64(padded(s.size))
}

// Sizes of the entries of tables, see kernels.cuh.
const (
	stateBytes     = int64(unsafe.Sizeof(replicaState{}))
	lawBytes       = int64(unsafe.Sizeof(lawConstants{}))
	reductionBytes = int64(unsafe.Sizeof(reduction{}))
	weightBytes    = int64(unsafe.Sizeof(weight{}))
)

// ringLosses is the number of losses in the ring. Run has to read the ring after this number of losses.
const ringLosses = 1 << 17

// newMemory lays out the memory of plans for a number of replicas.
func newMemory(plans []*plan, replicas int) (*memory, error) {
	kept, err := keptTensors(plans)
	if err != nil {
		return nil, err
	}
	m, r := &memory{kept: kept}, int64(replicas)
	for _, name := range slices.Sorted(maps.Keys(kept)) {
		s := kept[name]
		s.at = m.take(s.bytes(r))
		kept[name] = s
	}
	m.keptBytes = m.bytes
	var temps, sums int64
	for _, p := range plans {
		temps, sums = max(temps, int64(p.ArenaFloats)), max(sums, int64(p.sums.floats))
		m.tables = append(m.tables, tables{
			laws:  m.take(r * lawBytes),
			first: m.take(reductionBytes * int64(len(p.sums.first))), last: m.take(reductionBytes * int64(len(p.sums.last))),
			weights: m.take(weightBytes * int64(len(p.steps))),
		})
	}
	m.capacity = min(max(ringLosses/replicas, 1), 1024)
	m.states, m.ring = m.take(r*stateBytes), m.take(8*r*int64(m.capacity))
	m.workspaceBytes = (workspaceBytes(4*r*largestProduct(plans)) + 255) / 256 * 256
	m.workspace = m.take(workspaces * m.workspaceBytes)
	m.temps, m.sums = m.take(4*r*temps), m.take(8*r*sums)
	return m, nil
}

// take reserves memory and returns its place, aligned as cuMemAlloc aligns.
func (m *memory) take(bytes int64) int64 {
	at := m.bytes
	m.bytes += (bytes + 255) / 256 * 256
	return at
}

// keptTensors collects the tensors that outlive a step, without their places.
func keptTensors(plans []*plan) (map[string]slab, error) {
	kept := map[string]slab{}
	for _, p := range plans {
		for _, b := range p.Buffers {
			if !isKept(b) {
				continue
			}
			s := slab{size: b.Size(), shared: b.Kind == graph.Data}
			if other, known := kept[b.Name]; known && other.size != s.size {
				return nil, fmt.Errorf("cuda: load: tensor %s has %d and %d elements in two programs", b.Name, other.size, s.size)
			} else if known && other.shared != s.shared {
				return nil, fmt.Errorf("cuda: load: tensor %s is a data set in one program and not in another", b.Name)
			}
			kept[b.Name] = s
		}
	}
	return kept, nil
}

// largestProduct is the number of elements of the largest product of a step.
func largestProduct(plans []*plan) int64 {
	most := 0
	for _, p := range plans {
		for _, in := range p.pass {
			switch in.Op.(type) {
			case graph.MatMul, productOp:
				most = max(most, p.Buffers[in.Out[0]].Size())
			}
		}
	}
	return int64(most)
}

// reserve is left to the driver and to cuBLAS: contexts grow when kernels are loaded, and cuBLAS loads some at a product's first
// use.
const reserve = 256 << 20

// allocate takes the memory of a runner. Its error names the sizes that are too big.
func (e *Executor) allocate(m *memory, replicas int, programs []*graph.Program) (cu.DevicePtr, error) {
	free, _, err := cu.MemInfo()
	if err != nil {
		return 0, checkCu(err, "ask for free memory")
	}
	if m.bytes+reserve > free {
		return 0, e.tooBig(m.bytes, free-reserve, replicas, programs)
	}
	p, err := cu.MemAlloc(m.bytes)
	if err, ok := checkCu(err, "allocate "+size(m.bytes)).(*Error); ok {
		if err.Code == outOfMemory {
			return 0, e.tooBig(m.bytes, free-reserve, replicas, programs)
		}
		return 0, err
	}
	return p, nil
}

// clearKept sets all kept tensors to zero.
func (r *Runner) clearKept() error {
	return checkCu(cu.MemsetD32Async(r.base, 0, r.memory.keptBytes/4, r.stream), "clear the weights")
}
