package main

import (
	"debug/dwarf"
	"fmt"
	"strings"
)

// checkArguments compares the parameters and results of C functions, as a debugger sees them, with those of Go.
func (c clang) checkArguments(file string, signatures map[string]signature) error {
	object, err := c.object(append(flags[:len(flags):len(flags)], "-g", "-O0", "-c", file), nil)
	if err != nil {
		return err
	}
	defer object.Close()
	data, err := object.DWARF()
	if err != nil {
		return err
	}
	reader := data.Reader()
	for {
		entry, err := reader.Next()
		if err != nil || entry == nil {
			return err
		}
		name, _ := entry.Val(dwarf.AttrName).(string)
		s, wanted := signatures[name]
		if entry.Tag != dwarf.TagSubprogram || !wanted {
			continue
		}
		got, err := kinds(data, reader, entry)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if want := s.kinds(); got != want {
			return fmt.Errorf("%s: the arguments of C are %s, those of Go are %s", name, got, want)
		}
	}
}

// kinds lists the kinds of a function's parameters and of its result.
func kinds(data *dwarf.Data, reader *dwarf.Reader, function *dwarf.Entry) (string, error) {
	result, err := kindOf(data, function)
	if err != nil {
		return "", err
	}
	var list []string
	for {
		child, err := reader.Next()
		if err != nil {
			return "", err
		}
		if child == nil || child.Tag == 0 {
			return strings.Join(list, " ") + " → " + result, nil
		}
		if child.Tag == dwarf.TagFormalParameter {
			kind, err := kindOf(data, child)
			if err != nil {
				return "", err
			}
			list = append(list, kind)
		}
		if child.Children {
			reader.SkipChildren()
		}
	}
}

// kindOf is "pointer", "float4", "int8" and the like.
func kindOf(data *dwarf.Data, entry *dwarf.Entry) (string, error) {
	offset, ok := entry.Val(dwarf.AttrType).(dwarf.Offset)
	if !ok {
		return "nothing", nil
	}
	t, err := data.Type(offset)
	if err != nil {
		return "", err
	}
	switch t.(type) {
	case *dwarf.PtrType:
		return "pointer", nil
	case *dwarf.FloatType:
		return fmt.Sprintf("float%d", t.Size()), nil
	case *dwarf.IntType, *dwarf.UintType:
		return fmt.Sprintf("int%d", t.Size()), nil
	}
	return t.String(), nil
}

// kinds lists what C has to have: the parameters, or their address where there are too many, and the table's address.
func (s signature) kinds() string {
	var list []string
	if len(s.params) > registers {
		list = []string{"pointer"}
	} else {
		for _, p := range s.params {
			list = append(list, p.C())
		}
	}
	result := "nothing"
	if s.result != nil {
		result = s.result.C()
	}
	return strings.Join(append(list, "pointer"), " ") + " → " + result
}

// C is the kind of the parameter in C.
func (p param) C() string {
	if strings.HasPrefix(p.kind, "*") {
		return "pointer"
	}
	return map[string]string{"int": "int8", "uint32": "int4", "float32": "float4"}[p.kind]
}
