package ptx

// block reads what stands between two braces. Its names end with it.
func (p *parser) block() {
	p.scope = newScope(p.scope)
	p.expect("{")
	for p.token.kind != endOfFile && !p.is("}") {
		p.statement()
	}
	p.expect("}")
	p.scope = p.scope.parent
}

// statement reads one statement.
func (p *parser) statement() {
	switch {
	case p.is("{"):
		p.block()
	case p.token.kind == dotted:
		p.inner(p.advance())
	case p.is("@"):
		p.instruction(p.guard(), p.take(word, "an instruction"))
	default:
		t := p.take(word, "an instruction or a label")
		if p.accept(":") {
			p.label(t)
		} else if p.err == nil {
			p.instruction(nil, t)
		}
	}
}

// label reads what a label stands before.
func (p *parser) label(t token) {
	if !p.acceptDirective("branchtargets") {
		p.function.Body = append(p.function.Body, Label{t.text})
		return
	}
	targets := Targets{Name: t.text}
	for p.token.kind == word {
		targets.Labels = append(targets.Labels, p.advance().text)
		p.accept(",")
	}
	p.expect(";")
	p.function.Body = append(p.function.Body, targets)
}

// inner reads a declaration within a function.
func (p *parser) inner(t token) {
	switch t.text {
	case "reg":
		p.registers(t)
	case "shared", "local":
		p.define(&p.function.Variables, p.variable(Space(t.text), t.line))
	case "param":
		p.define(&p.function.Variables, p.variable(Param, t.line))
		p.expect(";")
	case "pragma":
		p.pragma()
	case "loc":
		for p.token.kind == number {
			p.advance()
		}
	default:
		p.fail(t.line, "%s is not known", t)
	}
}

// registers reads the declaration of registers: names, or a range of them.
func (p *parser) registers(t token) {
	name := p.take(dotted, "a type")
	kind, ok := ParseType(name.text)
	if !ok {
		p.fail(t.line, "%s is no type that is known", name)
	}
	for p.token.kind == word {
		r := p.advance()
		unique := p.unique.name(r.text)
		if p.accept("<") {
			p.scope.ranges = append(p.scope.ranges, registerRange{r.text, unique, int(p.integer()), kind})
			p.expect(">")
		} else {
			p.scope.known[r.text] = Reg{unique, kind}
		}
		if !p.accept(",") {
			break
		}
	}
	p.expect(";")
}

// guard reads @p or @!p.
func (p *parser) guard() *Guard {
	p.expect("@")
	negated := p.accept("!")
	t := p.take(word, "a predicate")
	x, _ := p.scope.find(t.text)
	r, ok := x.(Reg)
	if !ok || r.Type.Kind != Predicate {
		p.fail(t.line, "%s is no predicate", t)
		return nil
	}
	p.use(r)
	return &Guard{r.Name, negated}
}

// use adds a register to those of the function.
func (p *parser) use(r Reg) {
	if key := "use " + r.Name; p.unique[key] == 0 {
		p.unique[key] = 1
		p.function.Registers = append(p.function.Registers, Register(r))
	}
}

// instruction reads an instruction behind its opcode.
func (p *parser) instruction(guard *Guard, opcode token) {
	i := Instruction{Guard: guard, Opcode: opcode.text, Line: opcode.line}
	for p.token.kind == dotted {
		i.Modifiers = append(i.Modifiers, p.advance().text)
	}
	for p.token.kind != endOfFile && !p.is(";") {
		i.Operands = append(i.Operands, p.operand())
		if !p.accept(",") {
			break
		}
	}
	p.expect(";")
	if p.err == nil {
		p.function.Body = append(p.function.Body, i)
	}
}
