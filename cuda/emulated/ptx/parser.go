package ptx

import "fmt"

// Parse reads a module. Errors give the line.
func Parse(source string) (*Module, error) {
	p := &parser{lexer: lexer{source: source, line: 1}, scope: newScope(nil)}
	p.advance()
	for p.err == nil && p.token.kind != endOfFile {
		p.declaration()
	}
	if p.err == nil && p.module.Version == "" {
		p.err = fmt.Errorf("no .version: this is no PTX")
	}
	if p.err != nil {
		return nil, p.err
	}
	return &p.module, nil
}

// parser looks one token ahead. After the first error every token is the end of the file.
type parser struct {
	lexer  lexer
	token  token
	err    error
	module Module
	scope  *scope
	// The function that is being read.
	function *Function
	unique   unique
}

func (p *parser) advance() token {
	t := p.token
	next, err := p.lexer.next()
	if err != nil && p.err == nil {
		p.err = err
	}
	if p.err != nil {
		next = token{kind: endOfFile, line: t.line}
	}
	p.token = next
	return t
}

func (p *parser) fail(line int, format string, args ...any) {
	if p.err == nil {
		p.err = fmt.Errorf("line %d: "+format, append([]any{line}, args...)...)
	}
	p.token = token{kind: endOfFile, line: line}
}

// is reports whether the next token is a character.
func (p *parser) is(c string) bool { return p.token.kind == punctuation && p.token.text == c }

// accept passes a character, if it is the next token.
func (p *parser) accept(c string) bool {
	if !p.is(c) {
		return false
	}
	p.advance()
	return true
}

func (p *parser) expect(c string) {
	if !p.accept(c) {
		p.fail(p.token.line, "%s where %s is expected", p.token, c)
	}
}

// directive reports whether the next token is .name.
func (p *parser) directive(name string) bool { return p.token.kind == dotted && p.token.text == name }

func (p *parser) acceptDirective(name string) bool {
	if !p.directive(name) {
		return false
	}
	p.advance()
	return true
}

// take passes a token of a kind.
func (p *parser) take(kind tokenKind, what string) token {
	if p.token.kind != kind {
		p.fail(p.token.line, "%s where %s is expected", p.token, what)
		return token{line: p.token.line}
	}
	return p.advance()
}

// integer passes an integer, negative or not.
func (p *parser) integer() int64 {
	negative := p.accept("-")
	t := p.take(number, "a number")
	if p.err != nil {
		return 0
	}
	x, err := constant(t)
	i, ok := x.(Integer)
	if err != nil || !ok {
		p.fail(t.line, "%s is no integer", t)
	}
	if negative {
		return -int64(i.Value)
	}
	return int64(i.Value)
}

// until passes tokens up to the one at which end holds.
func (p *parser) until(end func() bool) {
	for p.token.kind != endOfFile && !end() {
		p.advance()
	}
}
