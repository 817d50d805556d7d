package amp_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// Every section of THEORY.md that a file of the repository cites is there.
func TestCitedSectionsExist(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("THEORY.md")
	if err != nil {
		t.Fatal(err)
	}
	sections := map[string]bool{}
	for _, m := range regexp.MustCompile(`(?m)^#+ (\d+(?:\.\d+)?)`).FindAllStringSubmatch(string(text), -1) {
		sections[m[1]] = true
	}
	cited := regexp.MustCompile(`THEORY\.md(?:'s)? §(\d+(?:\.\d+)?)(?: and §(\d+(?:\.\d+)?))?`)
	found := 0
	err = filepath.WalkDir("..", func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (strings.HasPrefix(entry.Name(), ".") && entry.Name() != ".." || entry.Name() == "runs" || entry.Name() == "bin"):
			return fs.SkipDir
		case filepath.Ext(path) != ".go" && filepath.Ext(path) != ".md" && filepath.Ext(path) != ".txtar":
			return nil
		}
		source, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, m := range cited.FindAllStringSubmatch(string(source), -1) {
			for _, section := range m[1:] {
				if section != "" && !sections[section] {
					t.Errorf("%s cites §%s, which THEORY.md does not have", path, section)
				}
			}
			found++
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if found < 50 {
		t.Errorf("only %d citations found: does the test still look where they are?", found)
	}
}
