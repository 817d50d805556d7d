package config

import (
	"fmt"
	"strings"

	"github.com/goccy/go-yaml"
)

// Texts returns the settings in what YAML wrote, by their dotted names, as they stand there; texts without their quotes. It is for
// a caller that reads the configurations of a thousand runs and knows by their checksum that nobody changed them: a whole YAML
// reader takes a hundred times as long.
func Texts(written []byte) (map[string]string, error) {
	texts, section := map[string]string{}, ""
	for number, line := range strings.Split(string(written), "\n") {
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		key, value, ok := strings.Cut(line, ":")
		name, nested := strings.CutPrefix(key, "  ")
		value = strings.TrimPrefix(value, " ")
		var err error
		switch {
		case !ok || strings.ContainsAny(name, ` "'[]{}-`) || nested && section == "":
			err = fmt.Errorf("%q is no setting", line)
		case !nested && value == "":
			section = name
			continue
		case nested:
			name = section + "." + name
		}
		if err == nil && (strings.HasPrefix(value, `"`) || strings.HasPrefix(value, "'")) {
			err = yaml.Unmarshal([]byte(value), &value)
		}
		if err != nil {
			return nil, fmt.Errorf("config: line %d: %w", number+1, err)
		}
		texts[name] = value
	}
	return texts, nil
}
