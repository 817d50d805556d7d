package config

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// Bounds of a configuration's YAML. The parser recurses and takes time quadratic in the number of keys. So the bounds are
// checked on the tokens before the parser runs; tokens cost linear time. The longest valid configuration lists MaxReplicas
// seeds of 20 digits in 90 kB, has some 60 keys and nests three deep.
const (
	MaxBytes       = 128 << 10
	maxConfigKeys  = 256
	maxConfigDepth = 32
	maxConfigIndex = 64 // column at which a line of a block may begin: bounds the depth of blocks
)

// document parses one YAML document, within bounds; nil if it is empty. Errors name line and column.
func document(text []byte) (ast.Node, error) {
	text, err := utf8Text(text)
	if err != nil {
		return nil, err
	}
	tokens := lexer.Tokenize(string(text))
	if err := checkTokens(tokens); err != nil {
		return nil, positioned(err, text)
	}
	file, err := parser.Parse(tokens, 0)
	if err != nil {
		return nil, positioned(err, text)
	}
	var root ast.Node
	for _, doc := range file.Docs {
		switch {
		case doc.Body == nil:
		case root != nil:
			return nil, errors.New("holds more than one YAML document")
		default:
			root = doc.Body
		}
	}
	return root, nil
}

// utf8Text returns the text without the byte order mark that it may begin with (YAML 1.2, 5.2).
func utf8Text(text []byte) ([]byte, error) {
	switch {
	case len(text) > MaxBytes:
		return nil, fmt.Errorf("more than %d bytes: a configuration is smaller", MaxBytes)
	case bytes.HasPrefix(text, []byte("\xff\xfe")), bytes.HasPrefix(text, []byte("\xfe\xff")):
		return nil, errors.New("is UTF-16 text: save it as UTF-8")
	case !utf8.Valid(text):
		return nil, errors.New("is not UTF-8 text")
	}
	return bytes.TrimPrefix(text, []byte("\ufeff")), nil
}

// checkTokens checks the bounds and refuses the YAML features that no configuration needs.
func checkTokens(tokens token.Tokens) error {
	var b bounds
	for _, t := range tokens {
		if problem := b.add(t); problem != "" {
			return &yaml.SyntaxError{Message: problem, Token: t}
		}
	}
	return nil
}

// bounds counts the nesting and the keys of a configuration.
type bounds struct {
	line    int // of the last token
	entries int // "-" and "?" on that line, each of which may open a block
	flow    int // brackets and braces that are open
	keys    int
}

// add counts a token. It returns a complaint, or an empty text if the token is allowed.
func (b *bounds) add(t *token.Token) string {
	const tooDeep = "nested deeper than a configuration is"
	if first := t.Position.Line != b.line; first {
		b.line, b.entries = t.Position.Line, 0
		if b.flow == 0 && t.Position.Column > maxConfigIndex && t.Type != token.CommentType {
			return tooDeep
		}
	}
	switch t.Type {
	case token.AnchorType, token.AliasType, token.MergeKeyType:
		return "anchors, aliases and merge keys are not for a configuration: write the value out"
	case token.TagType, token.DirectiveType:
		return "tags and directives are not for a configuration: leave it out"
	case token.SequenceStartType, token.MappingStartType:
		b.flow++
	case token.SequenceEndType, token.MappingEndType:
		b.flow = max(0, b.flow-1)
	case token.SequenceEntryType, token.MappingKeyType:
		b.entries++
	case token.MappingValueType:
		b.keys++
	}
	switch {
	case b.flow > maxConfigDepth, b.entries > maxConfigDepth:
		return tooDeep
	case b.keys > maxConfigKeys:
		return fmt.Sprintf("more than %d keys: a configuration has fewer", maxConfigKeys)
	}
	return ""
}

// positioned is a YAML error with its position. A short source is printed below. A long source is left out, since
// printing takes quadratic time.
func positioned(err error, text []byte) error {
	const short = 4 << 10
	if kind := (*kindError)(nil); errors.As(err, &kind) {
		err = &yaml.SyntaxError{Message: strings.TrimPrefix(kind.Error(), "train: "), Token: kind.at}
	}
	return errors.New(yaml.FormatError(err, false, len(text) <= short))
}

// asWritten is a number as it was written. Messages print it without quotes.
type asWritten string

var numberLike = regexp.MustCompile(`^[-+]?\.?[0-9]`)

// settle reads the numbers below node again as the types of their fields, by the rules of ParseInt, ParseUint and
// ParseFloat. A number for a string field stays as it was written, and one number for a list of numbers is a list of it. A value of
// another kind than its field's is a *kindError. The decoder refuses keys that t does not have.
func settle(node ast.Node, t reflect.Type, path string) (ast.Node, error) {
	var err error
	switch n := node.(type) {
	case *ast.MappingNode:
		for _, entry := range n.Values {
			if _, err := settle(entry, t, path); err != nil {
				return nil, err
			}
		}
	case *ast.MappingValueNode:
		if t.Kind() != reflect.Struct {
			return nil, ofKind(node, t, path)
		}
		key := n.Key.String()
		if field := fieldType(t, key); field != nil {
			n.Value, err = settle(n.Value, field, strings.TrimPrefix(path+"."+key, "."))
		}
	case *ast.SequenceNode:
		if t.Kind() != reflect.Slice {
			return nil, ofKind(node, t, path)
		}
		for i := range n.Values {
			if err == nil {
				n.Values[i], err = settle(n.Values[i], t.Elem(), path)
			}
		}
	case *ast.IntegerNode, *ast.FloatNode, *ast.StringNode:
		return settleScalar(node, t, path)
	}
	return node, err
}

// kindError is a value of another kind than its field's, and where it stands.
type kindError struct {
	of *Error
	at *token.Token
}

func (e *kindError) Error() string { return e.of.Error() }

// Unwrap returns the error without its place.
func (e *kindError) Unwrap() error { return e.of }

// ofKind is the error of a value that its field cannot have.
func ofKind(node ast.Node, t reflect.Type, path string) error {
	written := shortened(strings.Join(strings.Fields(node.String()), " "))
	return &kindError{&Error{path, asWritten(written), wanted(t)}, node.GetToken()}
}

// wanted says what a field takes.
func wanted(t reflect.Type) string {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch t.Kind() {
	case reflect.Struct:
		return "must be settings with values"
	case reflect.Slice:
		return "must be a list, such as [1, 2]"
	case reflect.Bool:
		return "must be true or false"
	case reflect.Int, reflect.Uint64:
		return "must be a whole number, in decimal digits"
	case reflect.Float64:
		return "must be a decimal number, such as 0.5 or 3e-4"
	}
	return "must be one text"
}

// settleScalar is settle of one value. One seed is not a list: elsewhere it is a number of seeds.
func settleScalar(node ast.Node, t reflect.Type, path string) (ast.Node, error) {
	if t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Float64 {
		element, err := settleScalar(node, t.Elem(), path)
		list := ast.Sequence(node.GetToken(), true)
		list.Values = []ast.Node{element}
		return list, err
	}
	value := node.GetToken().Value
	if t.Kind() == reflect.String {
		if strings.ContainsFunc(value, unicode.IsControl) { // some of which YAML, written and read again, would change
			return nil, &Error{path, value, "must have no control characters"}
		}
		if _, text := node.(*ast.StringNode); text {
			return node, nil
		}
		return ast.String(node.GetToken()), nil
	}
	isNumber := t.Kind() == reflect.Int || t.Kind() == reflect.Uint64 || t.Kind() == reflect.Float64
	if isNumber && numberLike.MatchString(value) {
		return settleNumber(node.GetToken(), t.Kind(), path)
	}
	return nil, ofKind(node, t, path)
}

// settleNumber reads a number again as the type of its field.
func settleNumber(t *token.Token, kind reflect.Kind, path string) (node ast.Node, err error) {
	switch kind {
	case reflect.Int:
		whole := &ast.IntegerNode{BaseNode: &ast.BaseNode{}, Token: t}
		whole.Value, err = wholeValue(ParseInt(t.Value))
		node = whole
	case reflect.Uint64:
		whole := &ast.IntegerNode{BaseNode: &ast.BaseNode{}, Token: t}
		whole.Value, err = ParseUint(t.Value)
		node = whole
	case reflect.Float64:
		number := &ast.FloatNode{BaseNode: &ast.BaseNode{}, Token: t}
		number.Value, err = ParseFloat(t.Value)
		node = number
	}
	if err != nil {
		return nil, &Error{path, asWritten(t.Value), err.Error()}
	}
	return node, nil
}

// wholeValue is an integer as the YAML package has it.
func wholeValue(n int, err error) (any, error) { return int64(n), err }

// fieldType is the type of the field of a struct that a YAML key names, or nil.
func fieldType(t reflect.Type, key string) reflect.Type {
	if t.Kind() != reflect.Struct {
		return nil
	}
	for i := range t.NumField() {
		f := t.Field(i)
		name, option, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		switch {
		case option == "inline":
			if inner := fieldType(f.Type, key); inner != nil {
				return inner
			}
		case name == key:
			return f.Type
		}
	}
	return nil
}
