package main

import (
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
)

// TestREADMEs parses every command line of autoamp in the indented blocks of the repository's Markdown files: commands and flags
// that a reader is told to type exist. Lines with words in capitals or an ellipsis stand for others and are left out.
func TestREADMEs(t *testing.T) {
	t.Parallel()
	found := 0
	for _, file := range markdown(t) {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range commandLines(string(text)) {
			found++
			if err := parses(line); err != nil {
				t.Errorf("%s: %s: %v", file, strings.Join(line, " "), err)
			}
		}
	}
	if found < 20 {
		t.Errorf("only %d command lines found: does the test still look where they are?", found)
	}
}

// markdown lists the documentation of the repository.
func markdown(t *testing.T) []string {
	t.Helper()
	var files []string
	err := filepath.WalkDir("../..", func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.IsDir() && (entry.Name() == ".git" || entry.Name() == "runs" || entry.Name() == "bin") {
			return fs.SkipDir
		}
		if filepath.Ext(path) == ".md" {
			files = append(files, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

var (
	typed       = regexp.MustCompile(`(?m)^    (?:\$ )?(?:bin/)?autoamp(?:-gpu)? (.*)$`)
	continued   = regexp.MustCompile(`\\\n\s*`)
	operator    = regexp.MustCompile(` (?:#|&&|>|\|) `)
	placeholder = regexp.MustCompile(`\b[A-Z]{3,}\b|…|\|`)
)

// commandLines returns the arguments of the command lines in a text. It leaves out comments and the text after a shell's
// operator.
func commandLines(text string) [][]string {
	var lines [][]string
	for _, m := range typed.FindAllStringSubmatch(continued.ReplaceAllString(text, ""), -1) {
		args := operator.Split(m[1], 2)[0]
		if !placeholder.MatchString(args) {
			lines = append(lines, strings.Fields(args))
		}
	}
	return lines
}

// parses runs a command line through the program's parser, and no further. Files that it names need not be here.
func parses(args []string) error {
	a := &app{stdout: &output{w: io.Discard}, stderr: io.Discard}
	parser, err := a.parser()
	if err != nil {
		return err
	}
	command, err := kong.Trace(parser, joinNegative(args))
	if err != nil {
		return err
	}
	return command.Error
}
