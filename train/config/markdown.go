package config

import (
	"fmt"
	"strings"
)

// Markdown returns the settings as a table: key, flag, meaning, default, bound, and the condition under which it applies.
func Markdown() string {
	var b strings.Builder
	b.WriteString("| key | flag | what it is | default | bound | applies |\n|---|---|---|---|---|---|\n")
	for _, s := range Settings() {
		flag := ""
		if s.Flag.Name != "" {
			flag = "`" + s.Flag.String() + "`"
		}
		cells := []string{"`" + s.Key + "`", flag, s.Help, s.Default, s.boundWords(), s.whereWords()}
		for i, c := range cells {
			cells[i] = strings.ReplaceAll(c, "|", "\\|")
		}
		fmt.Fprintf(&b, "| %s |\n", strings.Join(cells, " | "))
	}
	return b.String()
}

// boundWords joins the words of all bounds.
func (s Setting) boundWords() string {
	var words []string
	for _, list := range [][]bound{s.bounds, s.with} {
		for _, b := range list {
			words = append(words, b.words)
		}
	}
	if s.Elements != "" {
		words = append(words, s.Elements)
	}
	return strings.Join(words, "; ")
}

// whereWords joins the words of the conditions under which the setting applies.
func (s Setting) whereWords() string {
	var words []string
	for _, c := range s.only {
		w := strings.TrimPrefix(strings.TrimSuffix(c.words, "; leave it out"), "applies to ")
		words = append(words, strings.TrimSuffix(w, " only"))
	}
	return strings.Join(words, "; ")
}
