package fatbin

import (
	"maps"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// instruction is one of a kernel, with its address and, of a jump, where it leads.
type instruction struct {
	at, to int64
	text   string
}

var (
	line = regexp.MustCompile(`^\s+/\*([0-9a-f]{4,5})\*/\s+(.*?)\s*;`)
	jump = regexp.MustCompile(`\bBRA.* 0x([0-9a-f]+)$`)
)

// disassembled are the instructions of kernels for 9.0.
func disassembled(t *testing.T, names ...string) map[string][]instruction {
	t.Helper()
	if _, err := exec.LookPath("cuobjdump"); err != nil {
		t.Skipf("make cuda-toolkit installs what this needs: %v", err)
	}
	out, err := exec.CommandContext(t.Context(), "cuobjdump", "-arch", "sm_90", "-sass", "-fun", strings.Join(names, ","), "kernels.fatbin").CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	kernels, name := map[string][]instruction{}, ""
	for text := range strings.Lines(string(out)) {
		if _, function, found := strings.Cut(text, "Function : "); found {
			name = strings.TrimSpace(function)
			continue
		}
		m := line.FindStringSubmatch(text)
		if m == nil {
			continue
		}
		in := instruction{at: number(m[1]), to: -1, text: m[2]}
		if j := jump.FindStringSubmatch(m[2]); j != nil {
			in.to = number(j[1])
		}
		kernels[name] = append(kernels[name], in)
	}
	return kernels
}

func number(hex string) int64 {
	n, _ := strconv.ParseInt(hex, 16, 64) // the expressions above let nothing else through
	return n
}

// longestLoop counts the instructions of the longest loop that has no other one inside.
func longestLoop(list []instruction) int {
	longest := 0
	for _, loop := range innerLoops(list) {
		longest = max(longest, len(loop))
	}
	return longest
}

// TestInstructions bounds the instructions of a pass for every four elements, eight of a sample: a pass must move its bytes in the
// time of a copy. The bounds are what nvcc 11.8 makes, and a few more; a correctly rounded division alone is eight for each element.
func TestInstructions(t *testing.T) {
	bounds := map[string]int{"DenoiseMSE": 245, "DenoiseGrad": 225, "Denoise": 150, "SignGrad": 122, "Sample": 520}
	kernels := disassembled(t, slices.Collect(maps.Keys(bounds))...)
	for name, most := range bounds {
		got := longestLoop(kernels[name])
		if got == 0 || got > most {
			t.Errorf("%s: %d instructions in the longest loop, want at most %d", name, got, most)
		}
	}
}

// TestFloat64IsPrepared: what blocks repeat multiplies no float64 with an addition, as exp, log and pow of a parameter would.
func TestFloat64IsPrepared(t *testing.T) {
	repeated := []string{"Denoise", "DenoiseGrad", "Spline"}
	kernels := disassembled(t, append(repeated, "Prepare")...)
	for _, name := range repeated {
		for _, in := range kernels[name] {
			if strings.Contains(in.text, "DFMA") {
				t.Errorf("%s: %s", name, in.text)
				break
			}
		}
	}
	if !slices.ContainsFunc(kernels["Prepare"], func(in instruction) bool { return strings.Contains(in.text, "DFMA") }) {
		t.Error("Prepare has no exp in float64")
	}
}

// TestProductLoops counts, in the products of train.cu at d = n = batch = 100, the share of multiply-adds that cuda/predict.go
// reckons with, and the loads from shared memory: of 16 bytes each, a tenth as many as multiply-adds.
func TestProductLoops(t *testing.T) {
	for kernel, list := range disassembled(t, "Train100") {
		found, instructions, adds, loads := 0, 0, 0, 0
		for _, loop := range innerLoops(list) {
			if count(loop, "FFMA") < 160 { // of a pass, or of half a tile
				continue
			}
			found++
			instructions, adds, loads = instructions+len(loop), adds+count(loop, "FFMA"), loads+count(loop, "LDS")
		}
		if found != 4 { // two products of whole tiles, and a gradient, which is there again behind half a tile
			t.Errorf("%s: %d loops of products, want 4", kernel, found)
		}
		if share := float64(adds) / float64(instructions); share < 0.865 {
			t.Errorf("%s: %.3f of the instructions are multiply-adds, want 0.87", kernel, share)
		}
		if loads*10 > adds {
			t.Errorf("%s: %d loads from shared memory for %d multiply-adds", kernel, loads, adds)
		}
	}
}

// TestCodeLoops counts the same of the products with the code: 61 instructions for a fragment of 16 × 16 numbers, and eight for each
// eight columns of the code, of which three are on tensor cores.
func TestCodeLoops(t *testing.T) {
	for kernel, list := range disassembled(t, "Train100") {
		found := map[int]int{} // by times eight columns
		for _, loop := range innerLoops(list) {
			columns := count(loop, "HMMA") / 3
			if columns == 0 {
				continue
			}
			found[columns]++
			if most := 61 + 8*columns; len(loop) > most {
				t.Errorf("%s: %d instructions for %d columns, want at most %d", kernel, len(loop), 8*columns, most)
			}
		}
		if !maps.Equal(found, map[int]int{13: 3, 7: 1}) { // the estimates of whole and half tiles, and the gradient behind both
			t.Errorf("%s: loops by times eight columns: %v", kernel, found)
		}
	}
}

// count is the number of instructions whose text has a word.
func count(list []instruction, word string) int {
	n := 0
	for _, in := range list {
		if strings.Contains(in.text, word) {
			n++
		}
	}
	return n
}

// innerLoops are the loops that have no other one inside. Code behind the end of a kernel, which shuffles and jumps back, is no
// loop.
func innerLoops(list []instruction) (loops [][]instruction) {
	for i, end := range list {
		if end.to < 0 || end.to >= end.at {
			continue
		}
		first := i
		for first > 0 && list[first].at > end.to {
			first--
		}
		inner := !slices.ContainsFunc(list[first:i], func(in instruction) bool {
			return in.to >= end.to && in.to <= in.at || strings.Contains(in.text, "SHFL")
		})
		if inner {
			loops = append(loops, list[first:i+1])
		}
	}
	return loops
}
