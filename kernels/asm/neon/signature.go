package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"strings"
)

// signature is a Go function of assembly.
type signature struct {
	name   string // without its level
	params []param
	result *param
	size   int // bytes of parameters and result
}

// param is a parameter or a result: its place in the frame of the caller, and its type in Go.
type param struct {
	name, kind string
	offset     int
}

// levels end the names of the functions whose twins are compiled here. AVX2's are the others of AVX-512's, but for float64.
var levels = []string{"AVX512", "64AVX2"}

// readSignatures reads the declarations of the functions for amd64.
func readSignatures(file string) ([]signature, error) {
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	if err != nil {
		return nil, err
	}
	var list []signature
	for _, d := range parsed.Decls {
		f, ok := d.(*ast.FuncDecl)
		if !ok {
			continue
		}
		for _, level := range levels {
			if strings.HasSuffix(f.Name.Name, level) {
				name := strings.TrimSuffix(strings.TrimSuffix(f.Name.Name, "AVX512"), "AVX2")
				s, err := newSignature(name, f.Type)
				if err != nil {
					return nil, err
				}
				list = append(list, s)
			}
		}
	}
	return list, nil
}

// sizes are of the types that kernels have as arguments.
var sizes = map[string]int{"int": 8, "uint32": 4, "float32": 4}

func newSignature(name string, f *ast.FuncType) (signature, error) {
	s := signature{name: name}
	for _, field := range f.Params.List {
		for _, ident := range field.Names {
			p, err := s.place(ident.Name, field.Type)
			if err != nil {
				return s, err
			}
			s.params = append(s.params, p)
		}
	}
	if f.Results == nil {
		return s, nil
	}
	s.size = (s.size + 7) &^ 7
	result := "ret"
	if names := f.Results.List[0].Names; len(names) > 0 {
		result = names[0].Name
	}
	p, err := s.place(result, f.Results.List[0].Type)
	s.result = &p
	return s, err
}

// place puts a parameter behind the others, aligned to its size.
func (s *signature) place(name string, kind ast.Expr) (param, error) {
	p := param{name: name}
	switch t := kind.(type) {
	case *ast.StarExpr:
		p.kind = "*" + t.X.(*ast.Ident).Name
	case *ast.Ident:
		p.kind = t.Name
	}
	size, ok := sizes[p.kind]
	if strings.HasPrefix(p.kind, "*") {
		size, ok = 8, true
	}
	if !ok {
		return p, fmt.Errorf("%s: parameter %s: no rule for %s", s.name, name, p.kind)
	}
	p.offset = (s.size + size - 1) / size * size
	s.size = p.offset + size
	return p, nil
}

// String is the declaration.
func (s signature) String() string {
	names := make([]string, len(s.params))
	for i, p := range s.params {
		names[i] = p.name + " " + p.kind
	}
	text := fmt.Sprintf("func %sNEON(%s)", s.name, strings.Join(names, ", "))
	switch {
	case s.result == nil:
	case s.result.name == "ret":
		text += " " + s.result.kind
	default:
		text += " (" + s.result.name + " " + s.result.kind + ")"
	}
	return text
}
