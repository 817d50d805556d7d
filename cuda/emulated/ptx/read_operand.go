package ptx

import "strings"

// operand reads one operand.
func (p *parser) operand() Operand {
	switch {
	case p.is("["):
		return p.address()
	case p.is("{"):
		return p.list("{", "}")
	case p.is("("):
		return p.list("(", ")")
	case p.accept("!"):
		t := p.take(word, "a predicate")
		if r, ok := p.named(t).(Reg); ok {
			return Not{r}
		}
		p.fail(t.line, "%s is no register", t)
		return nil
	case p.token.kind == number || p.is("-"):
		return p.value()
	}
	t := p.take(word, "an operand")
	x := p.named(t)
	if p.accept("|") {
		return Both{x, p.named(p.take(word, "a second destination"))}
	}
	if s, ok := x.(Symbol); ok && p.accept("+") {
		s.Offset = p.integer()
		return s
	}
	return x
}

// named returns what a name stands for. A name that nothing is known of may be a label to come.
func (p *parser) named(t token) Operand {
	if t.text == "_" {
		return Sink{}
	}
	if x, ok := p.scope.find(t.text); ok {
		if r, ok := x.(Reg); ok {
			p.use(r)
		}
		return x
	}
	if !strings.HasPrefix(t.text, "%") {
		return Symbol{Name: t.text}
	}
	name := t.text
	for p.token.kind == dotted {
		name += "." + p.advance().text
	}
	return Special{name}
}

// address reads [base], [base+offset] or [base-offset].
func (p *parser) address() Operand {
	p.expect("[")
	a := Address{}
	if p.token.kind == number {
		a.Base = p.value()
	} else {
		a.Base = p.named(p.take(word, "an address"))
	}
	if p.accept("+") || p.is("-") {
		a.Offset = p.integer()
	}
	p.expect("]")
	return a
}

// list reads operands between two brackets.
func (p *parser) list(open, end string) Operand {
	p.expect(open)
	var v Vector
	for p.token.kind != endOfFile && !p.is(end) {
		v.Elements = append(v.Elements, p.operand())
		if !p.accept(",") {
			break
		}
	}
	p.expect(end)
	return v
}
