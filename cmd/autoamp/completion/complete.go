package completion

import (
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

// Kind is what a shell completes by itself.
type Kind string

const (
	None        Kind = "none"
	Files       Kind = "files"
	Directories Kind = "directories"
)

// Answer is what may stand in place of the last word.
type Answer struct {
	Values []Value // each begins with the last word
	Kind   Kind    // of names that the shell adds
	// Prefix is the part of the last word that is before the name of a file, such as npy: or --out=.
	Prefix string
}

// Value is a word with a help text, which may be empty.
type Value struct{ Text, Help string }

// Lists are the values of flags whose complete tag is @NAME, by name. A value that ends in ":" is followed by the name of a file, and
// one that ends in "=" by any text.
type Lists map[string]func() []string

// Complete completes the last of the words of a command line, without the program's name.
func Complete(app *kong.Application, lists Lists, words []string) Answer {
	if len(words) == 0 {
		words = []string{""}
	}
	last := words[len(words)-1]
	l := read(app.Node, words[:len(words)-1])
	switch {
	case l.flag != nil:
		return valuesOf(l.flag.Value, lists, "", last)
	case l.literal:
	case strings.HasPrefix(last, "-"):
		if name, value, assigned := strings.Cut(last, "="); assigned {
			if flag := l.find(name); flag != nil {
				return valuesOf(flag.Value, lists, name+"=", value)
			}
			return Answer{Kind: None}
		}
		return Answer{Values: flagsOf(l, last), Kind: None}
	}
	return l.arguments(lists, last)
}

// arguments are the commands and the values of the argument that may come next.
func (l *line) arguments(lists Lists, last string) Answer {
	var a Answer
	if next := l.positional(); next != nil {
		a = valuesOf(next, lists, "", last)
	} else {
		a.Kind = None
	}
	if l.args == 0 && !l.literal {
		for _, child := range l.node.Children {
			if !child.Hidden && strings.HasPrefix(child.Name, last) {
				a.Values = append(a.Values, Value{child.Name, child.Help})
			}
		}
	}
	return a
}

// positional is the argument that comes next, nil after all. The last argument may be several.
func (l *line) positional() *kong.Value {
	all := l.leaf().Positional
	switch {
	case len(all) == 0:
		return nil
	case l.args < len(all):
		return all[l.args]
	case all[len(all)-1].IsCumulative():
		return all[len(all)-1]
	}
	return nil
}

// flagsOf are the flags that may come next.
func flagsOf(l *line, last string) []Value {
	var values []Value
	add := func(name, help string) {
		if strings.HasPrefix(name, last) {
			values = append(values, Value{name, help})
		}
	}
	for _, flag := range l.flags() {
		if l.given[flag] && !flag.IsCumulative() {
			continue
		}
		add("--"+flag.Name, flag.Help)
		if flag.Tag.Negatable != "" {
			add("--no-"+flag.Name, flag.Help)
		}
	}
	return values
}

// Of is what the values of a flag or an argument are: an enum's words, or the complete tag; empty for a number or a switch, which need
// none.
func Of(v *kong.Value) string {
	if v.Enum != "" {
		return v.Enum
	}
	return v.Tag.Get("complete")
}

// valuesOf are the values that begin with a text, and stand behind a prefix. Of a list with commas it is the last element.
func valuesOf(v *kong.Value, lists Lists, prefix, text string) Answer {
	if v.Tag.Sep > 0 && v.IsSlice() {
		if i := strings.LastIndex(text, string(v.Tag.Sep)); i >= 0 {
			prefix, text = prefix+text[:i+1], text[i+1:]
		}
	}
	switch of := Of(v); {
	case of == "file":
		return Answer{Kind: Files, Prefix: prefix}
	case of == "dir":
		return Answer{Kind: Directories, Prefix: prefix}
	case of == "-":
		return Answer{Kind: None}
	case strings.HasPrefix(of, "@"):
		return among(lists[of[1:]](), prefix, text)
	default:
		return among(strings.Split(of, ","), prefix, text)
	}
}

// among are the words that begin with a text. Behind a word that ends in ":" there are files.
func among(words []string, prefix, text string) Answer {
	a := Answer{Kind: None}
	for _, word := range words {
		word = strings.TrimSpace(word)
		if strings.HasSuffix(word, ":") && strings.HasPrefix(text, word) {
			return Answer{Kind: Files, Prefix: prefix + word}
		}
		if word != "" && strings.HasPrefix(word, text) {
			a.Values = append(a.Values, Value{Text: prefix + word})
		}
	}
	slices.SortFunc(a.Values, func(x, y Value) int { return strings.Compare(x.Text, y.Text) })
	a.Values = slices.CompactFunc(a.Values, func(x, y Value) bool { return x.Text == y.Text })
	return a
}
