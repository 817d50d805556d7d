package ptx

import "slices"

// declaration reads one declaration of the module.
func (p *parser) declaration() {
	for p.directive("visible") || p.directive("extern") || p.directive("weak") || p.directive("common") {
		p.advance()
	}
	t := p.take(dotted, "a declaration")
	switch t.text {
	case "version":
		p.module.Version = p.advance().text
	case "target":
		p.module.Target = p.advance().text
		for p.accept(",") {
			p.advance()
		}
	case "address_size":
		if p.integer() != 64 {
			p.fail(t.line, "only addresses of 64 bits are known")
		}
	case "entry", "func":
		p.functionDeclaration(t, t.text == "entry")
	case "global", "const", "shared":
		v := p.variable(Space(t.text), t.line)
		p.define(&p.module.Variables, v)
	case "file", "section":
		p.debug(t)
	default:
		p.fail(t.line, "%s is not known", t)
	}
}

// debug passes what describes the source to a debugger.
func (p *parser) debug(t token) {
	if t.text == "section" {
		p.until(func() bool { return p.is("}") })
		p.advance()
		return
	}
	for p.token.kind == number || p.token.kind == text || p.is(",") {
		p.advance()
	}
}

// define makes a variable known and adds it to a list.
func (p *parser) define(to *[]Variable, v Variable) {
	if p.err != nil {
		return
	}
	name := v.Name
	if p.function != nil {
		v.Name = p.unique.name(name)
	}
	p.scope.known[name] = Symbol{Name: v.Name}
	*to = append(*to, v)
}

// functionDeclaration reads a function, with its body where it has one.
func (p *parser) functionDeclaration(t token, entry bool) {
	f := Function{Entry: entry, Line: t.line}
	module := p.scope
	p.scope, p.function, p.unique = newScope(module), &f, unique{}
	if !entry {
		f.Results = p.parameters()
	}
	f.Name = p.take(word, "a name").text
	module.known[f.Name] = Symbol{Name: f.Name}
	f.Parameters = p.parameters()
	p.performance(&f)
	if p.is("{") {
		f.Defined = true
		p.block()
	} else {
		p.accept(";")
	}
	p.scope, p.function = module, nil
	p.module.Functions = append(p.module.Functions, f)
}

// parameters reads a list of parameters, if there is one.
func (p *parser) parameters() []Variable {
	var list []Variable
	if !p.accept("(") {
		return nil
	}
	for p.token.kind != endOfFile && !p.accept(")") {
		line := p.token.line
		if !p.acceptDirective("param") {
			p.fail(line, "%s where a parameter is expected", p.token)
		}
		p.define(&list, p.variable(Param, line))
		p.accept(",")
	}
	return list
}

// performance reads what stands between the parameters and the body: the limits of a block, and hints.
func (p *parser) performance(f *Function) {
	for p.token.kind == dotted {
		switch t := p.advance(); t.text {
		case "maxntid", "reqntid":
			f.Threads = int(p.integer())
			for p.accept(",") {
				f.Threads *= int(p.integer())
			}
		case "minnctapersm", "maxnreg", "maxclusterrank":
			p.integer()
		case "noreturn":
		case "pragma":
			p.pragma()
		default:
			p.fail(t.line, "%s is not known", t)
		}
	}
}

// pragma passes a hint to the compiler.
func (p *parser) pragma() {
	p.until(func() bool { return p.is(";") })
	p.advance()
}

// variable reads a declaration behind the name of its space. Parameters end without a semicolon.
func (p *parser) variable(space Space, line int) Variable {
	v := Variable{Space: space, Line: line}
	kind, ok := Type{}, false
	for p.token.kind == dotted {
		t := p.advance()
		if t.text == "align" {
			v.Align = int(p.integer())
		} else if kind, ok = ParseType(t.text); !ok && !slices.Contains([]string{"ptr", "global", "shared", "local", "const"}, t.text) {
			p.fail(t.line, "%s is no type that is known", t)
		}
	}
	v.Name = p.take(word, "a name").text
	if p.err == nil && kind.Bits == 0 {
		p.fail(line, "%s has no type", v.Name)
	}
	v.Bytes, v.Align = kind.Bytes(), max(v.Align, kind.Bytes())
	p.dimensions(&v)
	if p.accept("=") {
		p.initializer(&v, kind)
	}
	if space != Param {
		p.expect(";")
	}
	return v
}

// dimensions reads [n] or [].
func (p *parser) dimensions(v *Variable) {
	for p.accept("[") {
		if p.accept("]") {
			v.Open, v.Bytes = true, 0
			return
		}
		v.Bytes *= int(p.integer())
		p.expect("]")
	}
}

// initializer reads the values of a variable. What is not said is 0.
func (p *parser) initializer(v *Variable, kind Type) {
	open := 0
	for p.token.kind != endOfFile && !(open == 0 && p.is(";")) {
		switch {
		case p.accept("{"):
			open++
		case p.accept("}"):
			open--
		case p.accept(","):
		default:
			x := bits(p.value())
			for range kind.Bytes() {
				v.Init = append(v.Init, byte(x))
				x >>= 8
			}
		}
	}
	if len(v.Init) > v.Bytes {
		p.fail(v.Line, "%s has %d bytes and values for %d", v.Name, v.Bytes, len(v.Init))
		return
	}
	v.Init = append(v.Init, make([]byte, v.Bytes-len(v.Init))...)
}

// value reads a constant.
func (p *parser) value() Operand {
	negative := p.accept("-")
	t := p.take(number, "a number")
	if p.err != nil {
		return nil
	}
	x, err := constant(t)
	if err != nil && p.err == nil {
		p.err = err
	}
	if negative {
		x = negate(x)
	}
	return x
}
