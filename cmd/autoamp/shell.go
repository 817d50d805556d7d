package main

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"unicode/utf8"

	"autoamp/cmd/autoamp/terminal"
)

// commandLine is a command of this program with its arguments, quoted for a shell.
func commandLine(command string, args []string) string {
	words := []string{quote(os.Args[0]), command}
	for _, arg := range args {
		words = append(words, quote(arg))
	}
	return strings.Join(words, " ")
}

var plain = regexp.MustCompile(`^[A-Za-z0-9_./:@%+=,-]+$`)

// quote makes a word safe for a shell.
func quote(word string) string {
	if plain.MatchString(word) {
		return word
	}
	if strings.ContainsFunc(word, terminal.Hidden) || !utf8.ValidString(word) {
		return "$'" + escapedWord(word) + "'"
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

// escapedWord writes a word with control characters, which a terminal would obey, for $'…' of bash, zsh and POSIX 2024.
func escapedWord(word string) string {
	var out strings.Builder
	for _, b := range []byte(word) {
		switch {
		case b == '\'' || b == '\\':
			out.WriteString(`\` + string(rune(b)))
		case b < ' ' || b > '~':
			fmt.Fprintf(&out, `\%03o`, b)
		default:
			out.WriteByte(b)
		}
	}
	return out.String()
}
