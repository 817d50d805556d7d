// Command ptxcpp translates a PTX file to C++ for the emulated driver.
package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strings"

	"autoamp/cuda/emulated/cpp"
	"autoamp/cuda/emulated/ptx"
)

func main() {
	log.SetFlags(0)
	out := flag.String("o", ".", "the `directory` of the C++ files and of kernels.mk, which lists them as kernels_directory")
	flag.Parse()
	if flag.NArg() != 1 {
		log.Fatal("usage: ptxcpp -o directory file.ptx")
	}
	if err := translate(flag.Arg(0), *out); err != nil {
		log.Fatal(err)
	}
}

// translate writes the files of a module. A file that stays as it was keeps its time, so that make compiles only what changed.
func translate(source, dir string) error {
	text, err := os.ReadFile(source)
	if err != nil {
		return err
	}
	module, err := ptx.Parse(string(text))
	if err != nil {
		return fmt.Errorf("%s: %w", source, err)
	}
	files, err := cpp.Translate(module)
	if err != nil {
		return fmt.Errorf("%s: %w", source, err)
	}
	names := make([]string, len(files))
	for i, f := range files {
		err = errors.Join(err, update(filepath.Join(dir, f.Name), f.Text))
		names[i] = strings.TrimSuffix(f.Name, ".cpp")
	}
	list := "kernels_" + filepath.Base(dir) + " := " + strings.Join(names, " ") + "\n"
	return errors.Join(err, os.WriteFile(filepath.Join(dir, "kernels.mk"), []byte(list), 0o644))
}

// update writes a file, unless it is there already.
func update(path, text string) error {
	if old, err := os.ReadFile(path); err == nil && bytes.Equal(old, []byte(text)) {
		return nil
	}
	return os.WriteFile(path, []byte(text), 0o644)
}
