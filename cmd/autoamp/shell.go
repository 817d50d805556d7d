package main

import (
	"os"
	"regexp"
	"strings"
)

// commandLine is a command of this program, as it was called, for a shell.
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
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
