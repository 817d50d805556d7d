package terminal

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// Escaped writes text for a terminal. File names and values from the user may hold control characters, which would move the
// cursor or overwrite printed text. Escaped writes them as in Go, \x1b.
type Escaped struct {
	W    io.Writer
	mu   sync.Mutex
	rest []byte // the first bytes of a letter; its other bytes come with the next write
}

// Write implements io.Writer.
func (e *Escaped) Write(p []byte) (int, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	text := append(e.rest, p...)
	out := make([]byte, 0, len(text))
	for len(text) > 0 && utf8.FullRune(text) {
		r, size := utf8.DecodeRune(text)
		out = appendEscaped(out, text[:size], r)
		text = text[size:]
	}
	e.rest = append([]byte(nil), text...)
	if _, err := e.W.Write(out); err != nil {
		return 0, err
	}
	return len(p), nil
}

// escape is a text without control characters, new lines and tabs included.
func escape(text string) string {
	var out []byte
	for i, r := range text {
		_, size := utf8.DecodeRuneInString(text[i:])
		if r == '\n' || r == '\t' {
			out = fmt.Appendf(out, `\x%02x`, r)
			continue
		}
		out = appendEscaped(out, []byte(text[i:i+size]), r)
	}
	return string(out)
}

// appendEscaped appends a letter of text, or its escape if it is hidden or no letter at all.
func appendEscaped(out, letter []byte, r rune) []byte {
	switch {
	case r == '\n', r == '\t':
	case r == utf8.RuneError && len(letter) == 1, Hidden(r) && r < utf8.RuneSelf:
		return fmt.Appendf(out, `\x%02x`, letter[0])
	case Hidden(r):
		return fmt.Appendf(out, `\u%04x`, r)
	}
	return append(out, letter...)
}

// Hidden reports whether a letter acts on a terminal instead of being seen: controls, marks of direction, separators of lines.
func Hidden(r rune) bool {
	return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == '\u2028' || r == '\u2029'
}

// ascii writes a text for a terminal that is not UTF-8. A letter without a spelling in ASCII is a question mark.
func ascii(text string) string {
	return strings.Map(func(r rune) rune {
		if r >= utf8.RuneSelf && r != '\u00a0' {
			return '?'
		}
		return r
	}, spellings.Replace(text))
}

var spellings = strings.NewReplacer("±", "+-", "–", "-", "…", "~", "·", "*")
