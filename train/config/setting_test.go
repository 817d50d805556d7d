package config_test

import (
	"bytes"
	"flag"
	"os"
	"reflect"
	"strings"
	"testing"

	"autoamp/train/config"
)

var update = flag.Bool("update", false, "write the table of settings into ../README.md")

// keysOf lists the dotted keys of a struct of settings.
func keysOf(prefix string, t reflect.Type) []string {
	var keys []string
	for i := range t.NumField() {
		name, option, _ := strings.Cut(t.Field(i).Tag.Get("yaml"), ",")
		switch inner := t.Field(i).Type; {
		case option == "inline":
			keys = append(keys, keysOf(prefix, inner)...)
		case inner.Kind() == reflect.Struct:
			keys = append(keys, keysOf(prefix+name+".", inner)...)
		default:
			keys = append(keys, prefix+name)
		}
	}
	return keys
}

// Every field of a Config has one row of the table, every row a field, and no two rows a flag.
func TestSettingsAreTheFields(t *testing.T) {
	t.Parallel()
	rows, flags := map[string]int{}, map[string]int{}
	for _, s := range config.Settings() {
		rows[s.Key]++
		if s.Help == "" || !strings.HasSuffix(s.Help, ".") {
			t.Errorf("%s: help %q is no sentence", s.Key, s.Help)
		}
		if s.Flag.Name != "" {
			flags[s.Flag.Name]++
		}
	}
	for _, key := range keysOf("", reflect.TypeFor[config.Config]()) {
		if rows[key] != 1 {
			t.Errorf("%s has %d rows", key, rows[key])
		}
		delete(rows, key)
	}
	for key := range rows {
		t.Errorf("%s is no field", key)
	}
	for name, n := range flags {
		if n > 1 {
			t.Errorf("--%s sets %d fields", name, n)
		}
	}
}

// A second WithDefaults changes nothing: no row depends on a row below it.
func TestDefaultsSettle(t *testing.T) {
	t.Parallel()
	for name, c := range configs() {
		once := c.WithDefaults()
		if twice := once.WithDefaults(); !reflect.DeepEqual(once, twice) {
			t.Errorf("%s: %+v\nthen %+v", name, once, twice)
		}
	}
}

// ../README.md holds the table: go test ./train/config -run README -update writes it.
func TestREADME(t *testing.T) {
	t.Parallel()
	const begin, end = "<!-- settings: written by go test ./train/config -run README -update -->\n", "<!-- end of settings -->"
	text, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(text), begin)
	_, after, closed := strings.Cut(rest, end)
	if !ok || !closed {
		t.Fatal("../README.md has no place for the table")
	}
	want := []byte(before + begin + config.Markdown() + end + after)
	if *update {
		if err := os.WriteFile("../README.md", want, 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	if !bytes.Equal(text, want) {
		t.Error("../README.md has another table: go test ./train/config -run README -update")
	}
}
