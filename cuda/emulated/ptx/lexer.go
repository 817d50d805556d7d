package ptx

import (
	"fmt"
	"strings"
)

// tokenKind is what a token is.
type tokenKind int

const (
	endOfFile   tokenKind = iota
	word                  // a name or an opcode
	dotted                // .name, without the point: a directive or a modifier
	number                // an integer, or a real by its bits
	text                  // a string
	punctuation           // one character
)

// token is the smallest piece of PTX.
type token struct {
	kind tokenKind
	text string
	line int
}

func (t token) String() string {
	switch t.kind {
	case endOfFile:
		return "the end of the file"
	case dotted:
		return "." + t.text
	}
	return t.text
}

// lexer divides a source into tokens.
type lexer struct {
	source string
	at     int
	line   int
}

// next returns the next token.
func (l *lexer) next() (token, error) {
	if err := l.skip(); err != nil {
		return token{}, err
	}
	if l.at == len(l.source) {
		return token{kind: endOfFile, line: l.line}, nil
	}
	c := l.source[l.at]
	switch {
	case isLetter(c):
		return l.take(word, 0, isNamePart), nil
	case c == '.' && l.at+1 < len(l.source) && isLetter(l.source[l.at+1]):
		return l.take(dotted, 1, isModifierPart), nil
	case isDigit(c):
		return l.take(number, 0, isNumberPart), nil
	case c == '"':
		return l.quoted()
	case strings.IndexByte("{}[]()<>,;:+-=@!|", c) >= 0:
		l.at++
		return token{punctuation, string(c), l.line}, nil
	}
	return token{}, fmt.Errorf("line %d: %q begins nothing that PTX knows", l.line, c)
}

// take makes a token of one character, behind the first skip of them, and of those that follow and belong to it.
func (l *lexer) take(kind tokenKind, skip int, belongs func(byte) bool) token {
	begin := l.at + skip
	for l.at = begin + 1; l.at < len(l.source) && belongs(l.source[l.at]); l.at++ {
	}
	return token{kind, l.source[begin:l.at], l.line}
}

// quoted makes a token of a string.
func (l *lexer) quoted() (token, error) {
	n := strings.IndexAny(l.source[l.at+1:], "\"\n")
	if n < 0 || l.source[l.at+1+n] == '\n' {
		return token{}, fmt.Errorf("line %d: a string without end", l.line)
	}
	t := token{text, l.source[l.at+1 : l.at+1+n], l.line}
	l.at += n + 2
	return t, nil
}

// skip passes spaces and comments.
func (l *lexer) skip() error {
	for l.at < len(l.source) {
		rest := l.source[l.at:]
		n := 1
		switch {
		case strings.HasPrefix(rest, "//"):
			if n = strings.IndexByte(rest, '\n'); n < 0 {
				n = len(rest)
			}
		case strings.HasPrefix(rest, "/*"):
			if n = strings.Index(rest, "*/") + 2; n < 2 {
				return fmt.Errorf("line %d: a comment without end", l.line)
			}
		case strings.IndexByte(" \t\r\n", rest[0]) < 0:
			return nil
		}
		l.line += strings.Count(rest[:n], "\n")
		l.at += n
	}
	return nil
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func isLetter(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '_' || c == '$' || c == '%'
}

func isNamePart(c byte) bool     { return isLetter(c) && c != '%' || isDigit(c) }
func isModifierPart(c byte) bool { return isNamePart(c) || c == ':' }
func isNumberPart(c byte) bool   { return isNamePart(c) || c == '.' }
