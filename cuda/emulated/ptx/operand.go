package ptx

// Operand is one of the types below.
type Operand interface{ operand() }

// Reg is a register of the function.
type Reg struct {
	Name string
	Type Type
}

// Special is a register that the hardware sets, such as %tid.x.
type Special struct{ Name string }

// Integer is a constant.
type Integer struct{ Value uint64 } // in two's complement

// Real is a constant, given by its bits.
type Real struct {
	Pattern uint64
	Type    Type
}

// Symbol is the address of a variable, or a function or label.
type Symbol struct {
	Name   string
	Offset int64 // bytes
}

// Address is what stands in brackets: a Reg, Symbol or Integer and a distance from it.
type Address struct {
	Base   Operand
	Offset int64 // bytes
}

// Vector is a list in braces, or in the parentheses of a call.
type Vector struct{ Elements []Operand }

// Not is a predicate, negated.
type Not struct{ Register Reg }

// Both are two destinations, as in %r1|%p1.
type Both struct{ First, Second Operand }

// Sink is a destination that nobody reads: _.
type Sink struct{}

func (Reg) operand()     {}
func (Special) operand() {}
func (Integer) operand() {}
func (Real) operand()    {}
func (Symbol) operand()  {}
func (Address) operand() {}
func (Vector) operand()  {}
func (Not) operand()     {}
func (Both) operand()    {}
func (Sink) operand()    {}
