// Command neon writes the NEON kernels of package kernels/internal/vector: Go assembly and its declarations, from C.
//
// Go's assembler knows few of NEON's instructions, and avo none. So the kernels are C functions that call nothing and use no stack
// (folder source). clang compiles them for arm64, and each instruction becomes a WORD with its text as comment; branches, arguments,
// results and returns are written for Go's assembler. Signatures are those of the AVX-512 functions, which have to exist before.
//
// Another clang writes other instructions. Where clang is absent or another one than the committed files are from, the command says
// so, checks that these are from the sources of today, and leaves them as they are.
package main

import (
	"errors"
	"flag"
	"fmt"
	"log"
	"os"
	"path/filepath"
)

// output is a pair of files, name_arm64.s and name_arm64.go, with the functions that name_amd64.go declares.
type output struct {
	name    string
	sources []string
}

var outputs = []output{
	{"elementwise", []string{"vectors.c", "functions.c", "sample.c", "denoise.c", "spline.c", "optimizers.c", "hadamard.c", "sign_bits.c"}},
	{"gemm", []string{"gemm.c", "gemm64.c"}},
	{"sign_gemm", []string{"sign_gemm.c"}},
	{"sparse_gemm", []string{"sparse_gemm.c"}},
}

func main() {
	log.SetFlags(0)
	log.SetPrefix("neon: ")
	source := flag.String("source", "neon/source", "compile the C files of this `folder`")
	folder := flag.String("out", "", "read declarations from this `folder` and write to it")
	flag.Parse()
	if err := run(*source, *folder); err != nil {
		log.Fatal(err)
	}
}

func run(source, folder string) error {
	head, err := header(source)
	if err != nil {
		return err
	}
	cc, err := findClang()
	if errors.Is(err, errOtherClang) {
		fmt.Fprintf(os.Stderr, "neon: %v; nothing is compiled or compared\n", err)
		return checkHeaders(folder, head)
	}
	if err != nil {
		return err
	}
	for _, o := range outputs {
		if err := o.write(cc, source, folder, head); err != nil {
			return fmt.Errorf("%s: %w", o.name, err)
		}
	}
	return nil
}

func (o output) assembly(folder string) string { return filepath.Join(folder, o.name+"_arm64.s") }

// write compiles the sources and writes both files.
func (o output) write(cc clang, source, folder, head string) error {
	signatures, err := readSignatures(filepath.Join(folder, o.name+"_amd64.go"))
	if err != nil {
		return err
	}
	code, err := o.compile(cc, source, signatures)
	if err != nil {
		return err
	}
	table, err := cc.data(filepath.Join(source, "constants.c"), "constants")
	if err != nil {
		return err
	}
	text, err := assemble(o.name, head, signatures, code, table)
	if err != nil {
		return err
	}
	if err := os.WriteFile(o.assembly(folder), []byte(text), 0o644); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(folder, o.name+"_arm64.go"), []byte(declarations(head, signatures)), 0o644)
}

// compile returns the functions of the sources by their names. Their arguments are those of the signatures.
func (o output) compile(cc clang, source string, signatures []signature) (map[string]function, error) {
	byName, code := map[string]signature{}, map[string]function{}
	for _, s := range signatures {
		byName[s.name] = s
	}
	for _, name := range o.sources {
		file := filepath.Join(source, name)
		functions, err := cc.functions(file)
		if err == nil {
			err = cc.checkArguments(file, byName)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		for _, f := range functions {
			code[f.name] = f
		}
	}
	return code, nil
}
