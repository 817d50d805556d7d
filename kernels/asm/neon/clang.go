package main

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// version is of the clang that writes the committed files: Debian 12's.
const version = "14.0.6"

// flags keep what Go needs: x18 and x28, and no fused operation that the source does not name.
var flags = []string{
	"--target=aarch64-linux-gnu", "-O3", "-std=c11", "-ffreestanding", "-fno-builtin", "-ffp-contract=off", "-fomit-frame-pointer",
	"-ffixed-x18", "-ffixed-x28", "-fno-jump-tables", "-fno-vectorize", "-fno-slp-vectorize", "-fno-unroll-loops", "-fno-asynchronous-unwind-tables",
	"-Wall", "-Wextra", "-Wno-unused-parameter", "-Werror",
}

// clang is a compiler.
type clang struct{ path string }

// errOtherClang says that the compiler is not the one of the committed files.
var errOtherClang = errors.New("the kernels are compiled by clang " + version + " (Debian 12: apt install clang)")

// findClang finds the clang of the committed files.
func findClang() (clang, error) {
	for _, name := range []string{"clang-14", "clang"} {
		path, err := exec.LookPath(name)
		if err != nil {
			continue
		}
		text, err := exec.Command(path, "--version").Output()
		if err != nil {
			return clang{}, fmt.Errorf("%s --version: %w", path, err)
		}
		if strings.Contains(string(text), "clang version "+version) {
			return clang{path}, nil
		}
	}
	return clang{}, fmt.Errorf("%w, which is not here", errOtherClang)
}

// run compiles standard input or a file, and returns what clang writes to standard output.
func (c clang) run(input []byte, args ...string) ([]byte, error) {
	cmd := exec.Command(c.path, append(args, "-o", "-")...)
	cmd.Stdin, cmd.Stderr = bytes.NewReader(input), os.Stderr
	return cmd.Output()
}

// functions compiles a C file: its text, without what saves registers for a C caller, is assembled for the words.
func (c clang) functions(file string) ([]function, error) {
	text, err := c.run(nil, append(flags, "-S", file)...)
	if err != nil {
		return nil, err
	}
	functions, kept, err := parse(text)
	if err != nil {
		return nil, err
	}
	words, err := c.words(kept)
	if err != nil {
		return nil, err
	}
	return functions, encode(functions, words)
}

// words assembles a text.
func (c clang) words(text []byte) ([]uint32, error) {
	object, err := c.object(append(flags[:1:1], "-x", "assembler", "-c", "-"), text)
	if err != nil {
		return nil, err
	}
	defer object.Close()
	if object.Section(".rela.text") != nil {
		return nil, errors.New("the code has relocations: constants belong into constants.c")
	}
	code, err := object.Section(".text").Data()
	if err != nil {
		return nil, err
	}
	words := make([]uint32, len(code)/4)
	for i := range words {
		words[i] = binary.LittleEndian.Uint32(code[4*i:])
	}
	return words, nil
}

// data compiles a C file and returns the bytes of a constant.
func (c clang) data(file, name string) ([]byte, error) {
	object, err := c.object(append(flags[:len(flags):len(flags)], "-c", file), nil)
	if err != nil {
		return nil, err
	}
	defer object.Close()
	symbols, err := object.Symbols()
	if err != nil {
		return nil, err
	}
	for _, s := range symbols {
		if s.Name == name {
			section, err := object.Sections[s.Section].Data()
			if err != nil {
				return nil, err
			}
			return section[s.Value : s.Value+s.Size], nil
		}
	}
	return nil, fmt.Errorf("%s: no %s", filepath.Base(file), name)
}

func (c clang) object(args []string, input []byte) (*elf.File, error) {
	object, err := c.run(input, args...)
	if err != nil {
		return nil, err
	}
	return elf.NewFile(bytes.NewReader(object))
}
