package ptx

// Module is what one PTX file declares.
type Module struct {
	Version   string // of the language
	Target    string // the architecture, such as sm_90
	Variables []Variable
	Functions []Function
}

// Space is where a variable lives.
type Space string

// The spaces of memory.
const (
	Global   Space = "global"
	Constant Space = "const"
	Shared   Space = "shared"
	Local    Space = "local"
	Param    Space = "param"
	Generic  Space = "" // of a load or store: global, shared or local by its address
)

// Variable is memory with a name. It is unique in the module.
type Variable struct {
	Space Space
	Name  string
	Align int
	Bytes int    // 0 with Open
	Open  bool   // the launch says how long: dynamic shared memory
	Init  []byte // nil without
	Line  int
}

// Register is a register, unique in its function.
type Register struct {
	Name string
	Type Type
}

// Function is a kernel or a device function.
type Function struct {
	Name       string
	Entry      bool // a kernel
	Parameters []Variable
	Results    []Variable
	Threads    int // the most that a block may have: .maxntid; 0 where nothing is said
	Registers  []Register
	Variables  []Variable // shared, local, and the parameters of calls
	Body       []Statement
	Defined    bool // it has a body
	Line       int
}

// Statement is a Label, an Instruction or Targets.
type Statement interface{ statement() }

// Label is a place to jump to.
type Label struct{ Name string }

// Targets are the labels of an indexed branch.
type Targets struct {
	Name   string
	Labels []string
}

// Instruction is one operation.
type Instruction struct {
	Guard     *Guard // nil: always
	Opcode    string // before the first point
	Modifiers []string
	Operands  []Operand
	Line      int
}

// Guard is the predicate under which an instruction runs.
type Guard struct {
	Register string
	Negated  bool
}

func (Label) statement()       {}
func (Targets) statement()     {}
func (Instruction) statement() {}
