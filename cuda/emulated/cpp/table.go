package cpp

import "autoamp/cuda/emulated/ptx"

// row is an instruction whose result is an expression of its operands.
type row struct {
	needs     string // the modifiers that must be there
	allows    string // those that may be there: rounding to nearest, and ftz and sat, which the translation adds
	types     types
	signature string // the result's type, a colon, and one letter for each operand: see typeOf
	code      string // $1, $2, … are the operands, $T the C++ type
}

// types is a set of types.
type types []ptx.Type

func (s types) has(t ptx.Type) bool {
	for _, u := range s {
		if t == u {
			return true
		}
	}
	return false
}

func list(names ...string) types {
	var s types
	for _, name := range names {
		t, _ := ptx.ParseType(name)
		s = append(s, t)
	}
	return s
}

var (
	integers = list("u16", "u32", "u64", "s16", "s32", "s64")
	narrow   = list("u16", "u32", "s16", "s32")
	whole    = list("u32", "u64", "s32", "s64")
	signed   = list("s16", "s32", "s64")
	floats   = list("f32", "f64")
	float32s = list("f32")
	float64s = list("f64")
	logical  = list("b16", "b32", "b64", "pred")
	words    = list("b16", "b32", "b64")
	wide     = list("b32", "b64")
	word     = list("b32")
)

// table lists the instructions by opcode. The first row that fits holds.
var table = map[string][]row{
	"add": {
		{"", "", integers, "U:UU", "$1 + $2"},
		{"", "rn ftz sat", floats, "T:TT", "$1 + $2"},
	},
	"sub": {
		{"", "", integers, "U:UU", "$1 - $2"},
		{"", "rn ftz sat", floats, "T:TT", "$1 - $2"},
	},
	"mul": {
		{"lo", "", integers, "U:UU", "$1 * $2"},
		{"wide", "", narrow, "W:TT", "widened($1) * widened($2)"},
		{"hi", "", integers, "T:TT", "high_product($1, $2)"},
		{"", "rn ftz sat", floats, "T:TT", "$1 * $2"},
	},
	"mad": {
		{"lo", "", integers, "U:UUU", "$1 * $2 + $3"},
		{"wide", "", narrow, "W:TTW", "widened($1) * widened($2) + $3"},
		{"hi", "", integers, "T:TTT", "wrapping_add(high_product($1, $2), $3)"},
		{"rn", "ftz sat", floats, "T:TTT", "fused($1, $2, $3)"},
	},
	"fma": {{"rn", "ftz sat", floats, "T:TTT", "fused($1, $2, $3)"}},
	"sad": {{"", "", integers, "U:TTU", "distance($1, $2) + $3"}},
	"div": {
		{"", "", integers, "T:TT", "quotient($1, $2)"},
		{"rn", "ftz", floats, "T:TT", "$1 / $2"},
		{"approx", "ftz", float32s, "T:TT", "div_approx($1, $2)"},
		{"full", "ftz", float32s, "T:TT", "div_full($1, $2)"},
	},
	"rem": {{"", "", integers, "T:TT", "remainder_of($1, $2)"}},
	"abs": {
		{"", "", signed, "T:T", "magnitude($1)"},
		{"", "ftz", floats, "T:T", "magnitude($1)"},
	},
	"neg": {
		{"", "", signed, "U:U", "0 - $1"},
		{"", "ftz", floats, "T:T", "-$1"},
	},
	"min": {
		{"", "", integers, "T:TT", "$1 < $2 ? $1 : $2"},
		{"NaN", "ftz", float32s, "T:TT", "least_or_nan($1, $2)"},
		{"", "ftz", floats, "T:TT", "least($1, $2)"},
	},
	"max": {
		{"", "", integers, "T:TT", "$1 > $2 ? $1 : $2"},
		{"NaN", "ftz", float32s, "T:TT", "greatest_or_nan($1, $2)"},
		{"", "ftz", floats, "T:TT", "greatest($1, $2)"},
	},
	"rcp": {
		{"rn", "ftz", floats, "T:T", "1 / $1"},
		{"approx", "ftz", float32s, "T:T", "rcp_approx($1)"},
		{"approx ftz", "", float64s, "T:T", "rcp_gross($1)"},
	},
	"sqrt": {
		{"rn", "ftz", floats, "T:T", "square_root($1)"},
		{"approx", "ftz", float32s, "T:T", "sqrt_approx($1)"},
	},
	"rsqrt": {
		{"approx", "ftz", float32s, "T:T", "rsqrt_approx($1)"},
		{"approx ftz", "", float64s, "T:T", "rsqrt_gross($1)"},
		{"approx", "", float64s, "T:T", "rsqrt_gross($1)"},
	},
	"ex2":      {{"approx", "ftz", float32s, "T:T", "ex2_approx($1)"}},
	"lg2":      {{"approx", "ftz", float32s, "T:T", "lg2_approx($1)"}},
	"sin":      {{"approx", "ftz", float32s, "T:T", "sin_approx($1)"}},
	"cos":      {{"approx", "ftz", float32s, "T:T", "cos_approx($1)"}},
	"tanh":     {{"approx", "", float32s, "T:T", "tanh_approx($1)"}},
	"copysign": {{"", "", floats, "T:TT", "with_sign_of($1, $2)"}},
	"testp": {
		{"finite", "", floats, "p:T", "is_finite($1)"},
		{"infinite", "", floats, "p:T", "is_infinite($1)"},
		{"number", "", floats, "p:T", "$1 == $1"},
		{"notanumber", "", floats, "p:T", "$1 != $1"},
	},
	"and":  {{"", "", logical, "T:TT", "$1 & $2"}},
	"or":   {{"", "", logical, "T:TT", "$1 | $2"}},
	"xor":  {{"", "", logical, "T:TT", "$1 ^ $2"}},
	"not":  {{"", "", list("pred"), "T:T", "!$1"}, {"", "", words, "T:T", "~$1"}},
	"cnot": {{"", "", words, "T:T", "$1 == 0"}},
	"lop3": {{"", "", word, "T:TTTu", "lookup($1, $2, $3, $4)"}},
	"shl":  {{"", "", words, "T:Tu", "shift_left($1, $2)"}},
	"shr":  {{"", "", append(integers, words...), "T:Tu", "shift_right($1, $2)"}},
	"shf": {
		{"l wrap", "", word, "T:TTu", "funnel_left($1, $2, $3 & 31)"},
		{"r wrap", "", word, "T:TTu", "funnel_right($1, $2, $3 & 31)"},
		{"l clamp", "", word, "T:TTu", "funnel_left($1, $2, $3 < 32 ? $3 : 32)"},
		{"r clamp", "", word, "T:TTu", "funnel_right($1, $2, $3 < 32 ? $3 : 32)"},
	},
	"bfe":   {{"", "", whole, "T:Tuu", "extracted($1, $2, $3)"}},
	"bfi":   {{"", "", wide, "T:TTuu", "inserted($1, $2, $3, $4)"}},
	"bfind": {{"shiftamt", "", whole, "u:T", "shift_to_top($1)"}, {"", "", whole, "u:T", "top_bit($1)"}},
	"brev":  {{"", "", wide, "T:T", "reversed($1)"}},
	"popc":  {{"", "", wide, "u:T", "(uint32_t)__builtin_popcountll($1)"}},
	"clz":   {{"", "", wide, "u:T", "leading_zeros($1)"}},
	"prmt":  {{"", "", word, "T:TTT", "permuted($1, $2, $3)"}},
	"selp":  {{"", "", append(append(append(types(nil), integers...), words...), floats...), "T:TTp", "$3 ? $1 : $2"}},
}
