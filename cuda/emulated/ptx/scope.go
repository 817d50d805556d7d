package ptx

import (
	"fmt"
	"strconv"
	"strings"
)

// scope is the names that are known between two braces.
type scope struct {
	parent *scope
	known  map[string]Operand // Reg or Symbol
	ranges []registerRange
}

// registerRange is a declaration such as .reg .f32 %f<20>.
type registerRange struct {
	prefix, unique string
	count          int
	kind           Type
}

func newScope(parent *scope) *scope { return &scope{parent: parent, known: map[string]Operand{}} }

// find returns what a name stands for.
func (s *scope) find(name string) (Operand, bool) {
	for ; s != nil; s = s.parent {
		if x, ok := s.known[name]; ok {
			return x, true
		}
		for _, r := range s.ranges {
			if x, ok := r.find(name); ok {
				return x, true
			}
		}
	}
	return nil, false
}

func (r registerRange) find(name string) (Operand, bool) {
	rest, ok := strings.CutPrefix(name, r.prefix)
	if !ok {
		return nil, false
	}
	i, err := strconv.Atoi(rest)
	if err != nil || i < 0 || i >= r.count {
		return nil, false
	}
	return Reg{r.unique + rest, r.kind}, true
}

// unique makes names of one function differ that are declared more than once.
type unique map[string]int

// name returns a name that was not given before: the name itself at first.
func (u unique) name(name string) string {
	u[name]++
	if u[name] == 1 {
		return name
	}
	return fmt.Sprintf("%s$%d_", name, u[name])
}
