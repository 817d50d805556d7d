package cpp

import (
	"fmt"

	"autoamp/cuda/emulated/ptx"
)

// specials are the instructions that are no expression of their operands.
var specials map[string]func(*function, ptx.Instruction) (string, error)

func init() {
	specials = map[string]func(*function, ptx.Instruction) (string, error){
		"mov": (*function).move, "cvt": (*function).convert, "cvta": (*function).convertAddress,
		"setp": (*function).setPredicate, "ld": (*function).load, "ldu": (*function).load, "st": (*function).store,
		"bra": (*function).branch, "brx": (*function).indexedBranch, "call": (*function).call,
		"ret": (*function).leave, "exit": (*function).leave, "trap": (*function).trap,
		"bar": (*function).barrier, "barrier": (*function).barrier,
		"shfl": (*function).shuffle, "vote": (*function).vote, "match": (*function).match, "redux": (*function).reduce,
		"mma": (*function).multiply, "ldmatrix": (*function).loadMatrices,
		"membar": (*function).fence, "fence": (*function).fence,
		"prefetch": (*function).fence, "prefetchu": (*function).fence, "isspacep": (*function).isSpace,
	}
}

// want reports an instruction that has another number of operands.
func want(i ptx.Instruction, n int) error {
	if len(i.Operands) != n {
		return fmt.Errorf("%d operands, not %d", len(i.Operands), n)
	}
	return nil
}

// fence writes nothing: the threads of a block run one after the other on one memory, and the race detector asks for barriers.
func (w *function) fence(ptx.Instruction) (string, error) { return ";", nil }
