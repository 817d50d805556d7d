//go:build gpu

package cuda

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestCublasFiles: no cuBLAS is newer than the driver; pip's and conda's are found.
func TestCublasFiles(t *testing.T) {
	venv, conda := t.TempDir(), t.TempDir()
	t.Setenv("VIRTUAL_ENV", venv)
	t.Setenv("CONDA_PREFIX", conda)
	pip := filepath.Join(venv, "lib/python3.12/site-packages/nvidia/cublas/lib/libcublas.so.12")
	pip13 := filepath.Join(venv, "lib/python3.13/site-packages/nvidia/cu13/lib/libcublas.so.13")
	ofConda := filepath.Join(conda, "lib/libcublas.so.12")
	for _, file := range []string{pip, pip13, ofConda} {
		if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, nil, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	for _, test := range []struct {
		driver       int
		first        string
		found, never []string
	}{
		{13000, "libcublas.so.13", []string{pip13, "libcublas.so.12", pip, ofConda, "libcublas.so.11"}, nil},
		{12040, "libcublas.so.12", []string{pip, ofConda, "libcublas.so.11"}, []string{"libcublas.so.13", pip13}},
		{11040, "libcublas.so.11", nil, []string{"libcublas.so.12", pip}},
	} {
		tooNew := strings.Join(tooNew(test.driver, func(string) bool { return false }), "; ")
		for _, file := range test.never {
			if filepath.IsAbs(file) && !strings.Contains(tooNew, file+" needs a driver for CUDA") {
				t.Errorf("driver %d: %q does not name %s", test.driver, tooNew, file)
			}
		}
		files := cublasFiles(test.driver)
		if files[0] != test.first {
			t.Errorf("driver %d: first %s, want %s", test.driver, files[0], test.first)
		}
		for _, file := range test.found {
			if !slices.Contains(files, file) {
				t.Errorf("driver %d: %s is not among %v", test.driver, file, files)
			}
		}
		for _, file := range test.never {
			if slices.Contains(files, file) {
				t.Errorf("driver %d: %s is newer than the driver", test.driver, file)
			}
		}
	}
}
