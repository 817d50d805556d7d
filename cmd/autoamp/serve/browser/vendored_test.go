package browser

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The charting library is the one that its README names.
func TestVendored(t *testing.T) {
	dir := filepath.Join("..", "page", "uplot")
	readme, err := os.ReadFile(filepath.Join(dir, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"uPlot.iife.min.js", "uPlot.min.css"} {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(text)
		if line := name + "` | `" + hex.EncodeToString(sum[:]); !strings.Contains(string(readme), line) {
			t.Errorf("%s has the sum %x, which the README does not have", name, sum)
		}
	}
}
