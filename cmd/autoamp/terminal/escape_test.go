package terminal

import (
	"bytes"
	"testing"
)

// TestEscaped checks the output to a terminal for every cut of the bytes into writes.
func TestEscaped(t *testing.T) {
	t.Parallel()
	text := "r = n/d ≥ 1\tα·Bᵀ 日本\n\x1b[2J\r\x07\x7f\u009b\u202e\u2028\xff\u200b."
	want := "r = n/d ≥ 1\tα·Bᵀ 日本\n" + `\x1b[2J\x0d\x07\x7f\u009b\u202e\u2028\xff\u200b.`
	for size := 1; size <= len(text); size++ {
		var out bytes.Buffer
		w := &Escaped{W: &out}
		for rest := []byte(text); len(rest) > 0; rest = rest[min(size, len(rest)):] {
			if n, err := w.Write(rest[:min(size, len(rest))]); err != nil || n != min(size, len(rest)) {
				t.Fatal(n, err)
			}
		}
		if out.String() != want {
			t.Errorf("in pieces of %d bytes: %q, want %q", size, out.String(), want)
		}
	}
}
