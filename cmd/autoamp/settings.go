package main

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"unicode/utf8"

	"autoamp/train/config"
)

// newSettingFlags returns a pointer to a struct with a field for each setting that has a flag, in the order of the table, as
// kong reads it: nil where the flag is not given.
func newSettingFlags() any {
	var fields []reflect.StructField
	for _, s := range flagged() {
		t := s.Type()
		if t.Kind() != reflect.Slice {
			t = reflect.PointerTo(t)
		}
		fields = append(fields, reflect.StructField{Name: "F" + strconv.Itoa(len(fields)), Type: t, Tag: flagTag(s)})
	}
	return reflect.New(reflect.StructOf(fields)).Interface()
}

// flagGroups are the groups of settings in the order of the help page.
var flagGroups = []string{"model", "data", "training", "gdmin"}

// flagged lists the settings that have a flag, group by group.
func flagged() []config.Setting {
	var out []config.Setting
	for _, group := range flagGroups {
		for _, s := range config.Settings() {
			if s.Flag.Name != "" && s.Flag.Group == group {
				out = append(out, s)
			}
		}
	}
	return out
}

// flagTag describes a flag to kong.
func flagTag(s config.Setting) reflect.StructTag {
	help := s.Help
	if s.Default != "" {
		help += " Default: " + s.Default + "."
	}
	tag := fmt.Sprintf("name:%q group:%q help:%q", s.Flag.Name, s.Flag.Group, help)
	if s.Flag.Placeholder != "" {
		tag += fmt.Sprintf(" placeholder:%q", s.Flag.Placeholder)
	}
	if values := valuesOf(s); values != "" {
		tag += fmt.Sprintf(" complete:%q", values)
	}
	if s.Flag.Xor != "" {
		tag += fmt.Sprintf(" xor:%q", s.Flag.Xor)
	}
	if s.Flag.Negatable {
		tag += ` negatable:""`
	}
	return reflect.StructTag(tag)
}

// valuesOf says for completion what a setting may be: one of its names, or a file.
func valuesOf(s config.Setting) string {
	switch names := s.Names(); {
	case len(names) > 0:
		return strings.Join(names, ",")
	case strings.HasPrefix(s.Flag.Placeholder, config.FilePrefix):
		return config.FilePrefix
	case s.Flag.Placeholder == "FILE":
		return "file"
	case s.Type().Kind() == reflect.String:
		return "-"
	}
	return ""
}

// overrides collects "field=value" for config.Parse.
type overrides []string

func (o *overrides) add(field, value string) { *o = append(*o, field+"="+value) }

// settings adds the flags that were given, of a struct of newSettingFlags.
func (o *overrides) settings(flags any) {
	v := reflect.ValueOf(flags).Elem()
	for i, s := range flagged() {
		if field := v.Field(i); !field.IsZero() {
			o.add(s.Key, settingText(s, reflect.Indirect(field).Interface()))
		}
	}
}

// settingText writes a value for config.Parse.
func settingText(s config.Setting, value any) string {
	switch v := value.(type) {
	case string:
		return quoteYAML(v)
	case bool:
		return strconv.FormatBool(v != s.Flag.Inverted)
	case float64:
		return ftoa(v)
	case []float64:
		return list(v, ftoa)
	case []uint64:
		return list(v, func(s uint64) string { return strconv.FormatUint(s, 10) })
	}
	return fmt.Sprint(value) // a whole number
}

// quoteYAML writes a text for config.Parse. config.Parse refuses a text that is not UTF-8, so quoteYAML leaves it unquoted:
// quoted, its bytes would be read as other letters.
func quoteYAML(text string) string {
	if !utf8.ValidString(text) {
		return text
	}
	return strconv.Quote(text)
}

func list[T any](values []T, format func(T) string) string {
	words := make([]string, len(values))
	for i, v := range values {
		words[i] = format(v)
	}
	return "[" + strings.Join(words, ", ") + "]"
}

func itoa(i int) string { return strconv.Itoa(i) }

func ftoa(x float64) string { return strconv.FormatFloat(x, 'g', -1, 64) }
