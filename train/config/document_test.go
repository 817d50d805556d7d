package config_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"autoamp/datasets/durable/durabletest"
	"autoamp/train/config"
)

// wholeFields are a field for each type of whole number, and one in an inlined struct.
var wholeFields = map[string]func(config.Config) any{
	"steps":           func(c config.Config) any { return c.Steps },
	"model.dim":       func(c config.Config) any { return c.Model.Dim },
	"seeds":           func(c config.Config) any { return int(c.Seeds[0]) },
	"data.seed":       func(c config.Config) any { return int(c.Data.Seed) },
	"schedule.every":  func(c config.Config) any { return c.Schedule.Every },
	"checkpoint.keep": func(c config.Config) any { return c.Checkpoint.Keep },
}

// document writes a field in YAML.
func document(field, value string) []byte {
	section, key, nested := strings.Cut(field, ".")
	if !nested {
		return fmt.Appendf(nil, "%s: %s\n", field, value)
	}
	return fmt.Appendf(nil, "%s:\n  %s: %s\n", section, key, value)
}

// TestWholeNumbersAreDecimal checks that a whole number is read in decimal or refused, the same in a file and as an override.
func TestWholeNumbersAreDecimal(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{
		"0100": 100, "010": 10, "008": 8, "0099": 99, "+7": 7, "7": 7, `"0100"`: 100, "9007199254740993": 9007199254740993, `"9007199254740993"`: 9007199254740993,
		"0x10": 0, "0o10": 0, "0b11": 0, "1_000": 0, "1e3": 0, "100.0": 0, "0X10": 0, "-0x10": 0, `"1e3"`: 0, "0x1p4": 0,
	} {
		for field, value := range wholeFields {
			written := text
			if field == "seeds" {
				written = "[" + text + "]"
			}
			fromFile, err := config.Parse(document(field, written))
			fromSet, errSet := config.Parse(nil, field+"="+written)
			if want == 0 {
				if err == nil || errSet == nil || !strings.Contains(err.Error(), "must be a whole number") || !strings.Contains(errSet.Error(), "must be a whole number") {
					t.Errorf("%s: %s: got %v and %v", field, text, err, errSet)
				}
				continue
			}
			if err != nil || errSet != nil || value(fromFile) != want || value(fromSet) != want {
				t.Errorf("%s: %s: got %+v, %v and %+v, %v, want %d", field, text, fromFile, err, fromSet, errSet, want)
			}
		}
	}
}

// TestFractionsAreDecimal checks the same of numbers that need not be whole, where YAML has octal too.
func TestFractionsAreDecimal(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]float64{
		"010": 10, "08": 8, "010.5": 10.5, "1e1": 10, "0x10": 0, "0b1": 0, "1_0": 0, "1_0.5": 0, "0x1p4": 0, `"0x1p4"`: 0, "0o10": 0,
	} {
		fromFile, err := config.Parse(document("model.rate", text))
		fromSet, errSet := config.Parse(nil, "model.rate="+text)
		if (err == nil) != (want != 0) || (errSet == nil) != (want != 0) || fromFile.Model.Rate != want || fromSet.Model.Rate != want {
			t.Errorf("%s: got %v, %v and %v, %v", text, fromFile.Model.Rate, err, fromSet.Model.Rate, errSet)
		}
	}
	if c, err := config.Parse([]byte("data: {name: cifar10, class: 010}")); err != nil || c.Data.Class != "010" {
		t.Errorf("what is for a string is changed: %q, %v", c.Data.Class, err)
	}
}

func TestEncodings(t *testing.T) {
	t.Parallel()
	c, err := config.Parse([]byte("\ufeffsteps: 100\n"))
	if err != nil || c.Steps != 100 {
		t.Errorf("a byte order mark: %+v, %v", c, err)
	}
	for text, want := range map[string]string{
		"\xff\xfes\x00t\x00":     "is UTF-16 text: save it as UTF-8",
		"\xfe\xff\x00s\x00t":     "is UTF-16 text: save it as UTF-8",
		"data: {name: \xe9}":     "is not UTF-8 text",
		`data: {name: "npy:\r"}`: `data.name = "npy:\r": must have no control characters`,
	} {
		if _, err := config.Parse([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %s", text, err, want)
		}
	}
}

// bombs are texts on which a YAML parser takes much time or memory, of up to some number of bytes.
func bombs(bytes int) map[string]string {
	lol := "a: &a [x, x, x, x, x, x, x, x, x]\n"
	for c := 'b'; c <= 'i'; c++ {
		lol += fmt.Sprintf("%c: &%c [*%c, *%c, *%c, *%c, *%c, *%c, *%c, *%c, *%c]\n", c, c, c-1, c-1, c-1, c-1, c-1, c-1, c-1, c-1, c-1)
	}
	var stairs, keys strings.Builder
	for i := range min(300, bytes/100) {
		stairs.WriteString(strings.Repeat(" ", i) + "a:\n")
	}
	for i := range bytes / 12 {
		fmt.Fprintf(&keys, "k%d: 1\n", i)
	}
	return map[string]string{
		"aliases": lol, "merge": "a: &a {b: 1}\nc: {<<: *a}\n", "tag": "steps: !!int 3",
		"brackets": strings.Repeat("[", bytes), "braces": strings.Repeat("{a: ", bytes/4), "dashes": strings.Repeat("- ", bytes/2),
		"questions": strings.Repeat("? ", bytes/2), "stairs": stairs.String(), "keys": keys.String(), "zeros": strings.Repeat("\x00", 10*bytes),
		"closed": strings.Repeat("]", bytes), "colons": strings.Repeat("a: ", bytes/3),
	}
}

// parse is config.Parse within a budget of 48 MiB beside the usual one, whatever the length of the text.
func parse(t *testing.T, data []byte, overrides ...string) (c config.Config, err error) {
	t.Helper()
	durabletest.Budget(t, 48<<20, 1, func() { c, err = config.Parse(data, overrides...) })
	return c, err
}

func TestBombs(t *testing.T) {
	for name, text := range bombs(100_000) {
		t.Run(name, func(t *testing.T) {
			if _, err := parse(t, []byte(text)); err == nil || len(err.Error()) > 2000 {
				t.Errorf("got %.500v", err)
			}
			if _, err := parse(t, nil, "data.p="+text); err == nil || len(err.Error()) > 2000 {
				t.Errorf("override: got %.500v", err)
			}
		})
	}
}

// TestLargestConfig checks that the bounds leave room for the longest configuration that means something.
func TestLargestConfig(t *testing.T) {
	c := config.Config{Steps: 1}
	for i := range config.MaxReplicas {
		c.Seeds = append(c.Seeds, 1<<64-1-uint64(i))
	}
	text, err := c.WithDefaults().YAML()
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d bytes", len(text))
	back, err := parse(t, text)
	if err != nil || !back.Equal(c) {
		t.Errorf("does not come back: %v", err)
	}
	if d := cmp.Diff(c.Seeds, back.Seeds); d != "" {
		t.Error(d)
	}
}

// TestLoadIsInterrupted checks that a file from which nothing comes does not hold a cancelled Load.
func TestLoadIsInterrupted(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "fifo")
	makeFIFO(t, path)
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(20*time.Millisecond, cancel)
	_, err := config.LoadContext(ctx, path)
	if !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), path) {
		t.Errorf("got %v", err)
	}
	path = filepath.Join(t.TempDir(), "fifo")
	makeFIFO(t, path)
	go func() { _ = os.WriteFile(path, []byte("steps: 7\n"), 0) }()
	if c, err := config.LoadContext(t.Context(), path); err != nil || c.Steps != 7 {
		t.Errorf("a pipe: %+v, %v", c, err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte("model: {dim: 3}"), "steps=3")
	f.Add([]byte("seeds: [1, 2]\ndata: {p: [.nan]}"), "data.p=[1]")
	f.Add([]byte("\ufeffsteps: 0100\nmodel: {rate: 010}"), "batch=008")
	for _, text := range bombs(4000) { // TestBombs has them in full: mutants of small texts are many
		f.Add([]byte(text), "steps=3")
	}
	f.Fuzz(func(t *testing.T, data []byte, override string) {
		c, err := parse(t, data, override)
		if err == nil && c.Validate() == nil {
			text, err := c.WithDefaults().YAML()
			if err != nil {
				t.Fatal(err)
			}
			if back, err := config.Parse(text); err != nil || !back.Equal(c) {
				t.Fatalf("%s\ndoes not come back: %v", text, err)
			}
		}
	})
}
