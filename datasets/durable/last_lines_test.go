package durable_test

import (
	"os"
	"path/filepath"
	"testing"

	"autoamp/datasets/durable"
)

func TestLastLines(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "log.txt")
	for _, c := range []struct {
		text string
		most int64
		want string
	}{
		{"", 9, ""}, {"one", 9, ""}, {"one\n", 9, "one\n"}, {"one\ntw", 9, "one\n"}, {"one\ntwo\n", 8, "one\ntwo\n"}, {"one\ntwo\n", 7, "two\n"},
		{"one\ntwo\n", 4, ""}, {"one\ntwo\n", 5, "two\n"}, {"\n\n", 9, "\n\n"},
	} {
		if err := os.WriteFile(path, []byte(c.text), 0o666); err != nil {
			t.Fatal(err)
		}
		if got, err := durable.LastLines(path, c.most); err != nil || string(got) != c.want {
			t.Errorf("%q, %d bytes: %q, want %q (%v)", c.text, c.most, got, c.want, err)
		}
	}
}
