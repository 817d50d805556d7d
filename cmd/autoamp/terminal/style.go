package terminal

import (
	"strings"

	"github.com/mattn/go-runewidth"
)

// Style is what a terminal can show.
type Style struct {
	// Unicode is false where the locale is not UTF-8, and where it writes block elements two columns wide: then all is ASCII.
	Unicode bool
	// Colour is false with NO_COLOR. Colour adds no meaning: the same text is there without it.
	Colour bool
}

// StyleOf reads the style from the environment: NO_COLOR, and the first of LC_ALL, LC_CTYPE and LANG that is set.
func StyleOf(env func(string) string) Style {
	return Style{Unicode: utf8Locale(env) && !width.EastAsianWidth, Colour: env("NO_COLOR") == ""}
}

// width measures text in columns. go-runewidth knows the locales with wide block elements.
var width = runewidth.NewCondition()

func utf8Locale(env func(string) string) bool {
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if value := strings.ToLower(env(name)); value != "" {
			return strings.Contains(value, "utf-8") || strings.Contains(value, "utf8")
		}
	}
	return false
}

// text is a text in the letters of the style, without control characters.
func (s Style) text(text string) string {
	if text = escape(text); !s.Unicode {
		return ascii(text)
	}
	return text
}

// cut cuts a text that is wider than some columns.
func (s Style) cut(text string, columns int) string {
	tail := "…"
	if !s.Unicode {
		tail = "~"
	}
	return width.Truncate(text, columns, tail)
}

// paint gives the curve and the bar the only colour, cyan: people with any colour vision can tell it from the text around, on a light
// ground and on a dark one.
func (s Style) paint(text string) string {
	if !s.Colour || text == "" {
		return text
	}
	return "\x1b[36m" + text + "\x1b[m"
}
