package main

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// function is a compiled C function.
type function struct {
	name string
	code []instruction
}

// instruction is one word, or a label before the next one.
type instruction struct {
	label string
	text  string // as clang writes it
	word  uint32
}

var (
	functionLabel = regexp.MustCompile(`^([A-Za-z]\w*):`)
	localLabel    = regexp.MustCompile(`^(\.LBB\w+):`)
	functionEnd   = regexp.MustCompile(`^\.Lfunc_end`)
	// A C function saves x19–x28 and d8–d15, on a stack that it moves at the first and the last of these instructions. A Go function
	// of assembly need not.
	saves = regexp.MustCompile(`^(stp|str|ldp|ldr) ((x19|x2[0-7]|d8|d9|d1[0-5]), ){1,2}\[sp(, #-?\d+)?\](!|, #\d+)?$`)
	// The stack, the frame pointer, the return address and Go's own registers.
	forbidden = regexp.MustCompile(`\b(w?sp|[xw](18|28|29|30)|adrp?|bl|blr|br)\b`)
)

// parse returns the functions of an assembly text, and the text without the instructions that save registers.
func parse(text []byte) (functions []function, kept []byte, err error) {
	var out bytes.Buffer
	var f *function
	for _, line := range strings.Split(string(text), "\n") {
		content := clean(line)
		if m := functionLabel.FindStringSubmatch(line); m != nil {
			functions = append(functions, function{name: m[1]})
			f = &functions[len(functions)-1]
		} else if functionEnd.MatchString(line) {
			f = nil
		} else if m := localLabel.FindStringSubmatch(line); m != nil && f != nil {
			f.code = append(f.code, instruction{label: m[1]})
		} else if f != nil && content != "" && content[0] != '.' {
			if saves.MatchString(content) {
				continue
			}
			if forbidden.MatchString(content) {
				err = errors.Join(err, fmt.Errorf("%s: %q: no stack, no call, and not x18, x28, x29, x30", f.name, content))
			}
			f.code = append(f.code, instruction{text: content})
		}
		out.WriteString(line + "\n")
	}
	return functions, out.Bytes(), err
}

// clean removes comments and repeated blanks.
func clean(line string) string {
	line, _, _ = strings.Cut(line, "//")
	return strings.Join(strings.Fields(line), " ")
}

// encode gives every instruction its word.
func encode(functions []function, words []uint32) error {
	for _, f := range functions {
		for i := range f.code {
			if f.code[i].text == "" {
				continue
			}
			if len(words) == 0 {
				return fmt.Errorf("%s: fewer words than instructions", f.name)
			}
			f.code[i].word, words = words[0], words[1:]
		}
	}
	if len(words) > 0 {
		return fmt.Errorf("%d words more than instructions", len(words))
	}
	return nil
}
