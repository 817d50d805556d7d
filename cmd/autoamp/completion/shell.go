package completion

import (
	"embed"
	"fmt"
	"io"
	"strings"
)

// Verb is the first argument with which the scripts call the program. Then follow the shell's name and the words of the command line
// up to the cursor, without the program's name.
const Verb = "__complete"

// Shells are the shells that there are scripts for.
var Shells = []string{"bash", "zsh", "fish"}

//go:embed autoamp.bash autoamp.zsh autoamp.fish
var scripts embed.FS

// Script is the script of a shell.
func Script(shell string) (string, error) {
	text, err := scripts.ReadFile("autoamp." + shell)
	if err != nil {
		return "", fmt.Errorf("completion: shell = %q: must be one of %s", shell, strings.Join(Shells, ", "))
	}
	return string(text), nil
}

// breaks are the signs at which bash begins a new word of its own.
const breaks = "=:"

// Words are the words of a command line as a shell hands them over. bash makes words of their own of = and : and what is beside them.
func Words(shell string, words []string) []string {
	if shell != "bash" {
		return words
	}
	var joined []string
	for i, word := range words {
		if i > 0 && (isBreak(word) || isBreak(words[i-1])) {
			joined[len(joined)-1] += word
			continue
		}
		joined = append(joined, word)
	}
	return joined
}

func isBreak(word string) bool { return word != "" && strings.Trim(word, breaks) == "" }

// Write writes an answer for a script: the kind and the prefix of a file's name on the first line, then a value on each line, with its
// help behind a tab. bash replaces only what stands behind the last = or : of a word.
func (a Answer) Write(w io.Writer, shell, last string) error {
	skip := 0
	if shell == "bash" {
		skip = strings.LastIndexAny(last, breaks) + 1
	}
	var out strings.Builder
	fmt.Fprintf(&out, "%s\t%s\n", a.Kind, a.Prefix)
	for _, v := range a.Values {
		help, _, _ := strings.Cut(v.Help, "\n")
		fmt.Fprintf(&out, "%s\t%s\n", v.Text[min(skip, len(v.Text)):], help)
	}
	_, err := io.WriteString(w, out.String())
	return err
}
