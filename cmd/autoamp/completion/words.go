package completion

import (
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

// line is a command line up to the word that is completed.
type line struct {
	root    *kong.Node
	node    *kong.Node          // the command so far
	flag    *kong.Flag          // whose value comes next, or nil
	given   map[*kong.Flag]bool // flags that stand already
	args    int                 // arguments of the command that stand already
	literal bool                // after --, where nothing is a flag
}

// read reads the words of a command line.
func read(root *kong.Node, words []string) *line {
	l := &line{root: root, node: root, given: map[*kong.Flag]bool{}}
	for _, word := range words {
		l.word(word)
	}
	return l
}

// word reads a word: the value of a flag, a flag, a command or an argument.
func (l *line) word(word string) {
	switch {
	case l.flag != nil:
		l.flag = nil
	case l.literal:
		l.args++
	case word == "--":
		l.literal = true
	case strings.HasPrefix(word, "-") && len(word) > 1:
		name, _, assigned := strings.Cut(word, "=")
		flag := l.find(name)
		l.given[flag] = true
		if flag != nil && !flag.IsBool() && !assigned {
			l.flag = flag
		}
	default:
		if child := l.command(word); child != nil {
			l.node = child
			return
		}
		l.args++
	}
}

// command is the command of a name below the one so far. After an argument there are none.
func (l *line) command(name string) *kong.Node {
	if l.args > 0 {
		return nil
	}
	for _, child := range l.node.Children {
		if child.Name == name || slices.Contains(child.Aliases, name) {
			return child
		}
	}
	return nil
}

// leaf is the command that runs: the one so far, or its default.
func (l *line) leaf() *kong.Node {
	if l.node.DefaultCmd != nil {
		return l.node.DefaultCmd
	}
	return l.node
}

// flags are the flags that the command takes.
func (l *line) flags() []*kong.Flag {
	var flags []*kong.Flag
	for _, group := range l.leaf().AllFlags(true) {
		flags = append(flags, group...)
	}
	return flags
}

// find is the flag of a name with its dashes, nil if there is none.
func (l *line) find(name string) *kong.Flag {
	for _, flag := range l.flags() {
		if name == "--"+flag.Name || name == "--no-"+flag.Name && flag.Tag.Negatable != "" || flag.Short != 0 && name == "-"+string(flag.Short) {
			return flag
		}
	}
	return nil
}
