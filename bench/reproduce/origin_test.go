package reproduce_test

import (
	"os"
	"path/filepath"
	"testing"

	"autoamp/bench/reproduce"
	"autoamp/bench/reproduce/experiments"
)

// TestOrigins: a claim of a committed run changes by nothing but the rounding where only the cells that it names have other seeds. So the
// cells that are run again are all that it needs.
func TestOrigins(t *testing.T) {
	t.Parallel()
	for _, e := range experiments.All() {
		t.Run(e.Name, func(t *testing.T) {
			t.Parallel()
			copied := t.TempDir()
			if err := os.CopyFS(copied, os.DirFS(filepath.Join("../results/reproduce/quick", e.Name))); err != nil {
				t.Fatal(err)
			}
			if err := reproduce.CheckOrigins(t.Context(), e, copied); err != nil {
				t.Error(err)
			}
		})
	}
}
