package kubernetes

import (
	"regexp"
	"strconv"

	"github.com/goccy/go-yaml"
)

// text is a string that kubectl, which reads YAML 1.1, takes for a string too. In YAML 1.1 y is true, 1e3 a number and 1:30 another.
type text string

var otherInOldYAML = regexp.MustCompile(`^([-+]?[.0-9].*|~.*|[yYnN])$`)

// MarshalYAML implements yaml.BytesMarshaler.
func (t text) MarshalYAML() ([]byte, error) {
	if otherInOldYAML.MatchString(string(t)) {
		return []byte(strconv.Quote(string(t))), nil
	}
	return yaml.Marshal(string(t))
}

func texts(words []string) []text {
	out := make([]text, len(words))
	for i, word := range words {
		out[i] = text(word)
	}
	return out
}
