package cpp

import (
	"fmt"
	"strings"

	"autoamp/cuda/emulated/ptx"
)

// Names of PTX become names of C++ with a prefix for each kind, so that none is a word of C++ and kinds do not meet.

func registerName(name string) string { return "r_" + strings.TrimPrefix(name, "%") }
func variableName(name string) string { return "v_" + name }
func labelName(name string) string    { return "l_" + name }
func functionName(name string) string { return "f_" + name }

// typeName is the C++ type of a PTX type.
func typeName(t ptx.Type) string {
	switch t.Kind {
	case ptx.Predicate:
		return "bool"
	case ptx.Float:
		if t.Bits == 32 {
			return "float"
		}
		return "double"
	case ptx.Signed:
		return fmt.Sprintf("int%d_t", t.Bits)
	}
	return fmt.Sprintf("uint%d_t", t.Bits)
}

func unsigned(bits int) ptx.Type { return ptx.Type{Kind: ptx.Unsigned, Bits: bits} }

var predicate = ptx.Type{Kind: ptx.Predicate, Bits: 1}
