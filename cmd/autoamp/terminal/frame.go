package terminal

import "strings"

// Frame is what a screen redraws in place.
type Frame []Row

// Row is a part of a frame: a line or, where the terminal is narrow, several.
type Row interface {
	// lines returns lines of at most a number of columns.
	lines(s Style, columns int) []string
}

// lines are the lines of a frame, as many as the terminal has room for.
func (f Frame) lines(s Style, columns, most int) []string {
	var lines []string
	for _, row := range f {
		lines = append(lines, row.lines(s, columns)...)
	}
	return lines[:min(len(lines), most)]
}

// Fields are texts side by side. Where the terminal is narrow they take several lines, and a field that is wider than the terminal
// breaks at its spaces, but not at a no-break space.
type Fields []string

const between = "  " // two fields

func (f Fields) lines(s Style, columns int) []string {
	var lines []string
	room := 0 // on the last line
	put := func(text, gap string) {
		need := width.StringWidth(text)
		switch {
		case text == "":
		case len(lines) > 0 && len(gap)+need <= room:
			lines[len(lines)-1] += gap + text
			room -= len(gap) + need
		default:
			text = s.cut(text, columns)
			lines, room = append(lines, text), columns-width.StringWidth(text)
		}
	}
	for _, field := range f {
		text := s.text(field)
		if width.StringWidth(text) <= columns {
			put(text, between)
			continue
		}
		room = 0                                        // begin on a new line
		for _, word := range strings.Split(text, " ") { // not at a no-break space
			put(word, " ")
		}
	}
	for i := range lines {
		lines[i] = strings.ReplaceAll(lines[i], "\u00a0", " ")
	}
	return lines
}
