package fatbin

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// root is the repository's root.
const root = "../.."

// TestLintNamesTheNvcc: lint refuses a fatbin of another nvcc than the project's, and one that kernels.sum does not list.
func TestLintNamesTheNvcc(t *testing.T) {
	for _, tool := range []string{"make", "sha256sum"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("needs %s: %v", tool, err)
		}
	}
	const nvcc, other = "cuda_11.8.r11.8", "cuda_12.4.r12.4"
	for name, test := range map[string]struct {
		file  string
		alter func([]byte) []byte
		want  []string
	}{
		"as committed": {"kernels/fatbin/kernels.sum", func(b []byte) []byte { return b }, nil},
		"another nvcc": {"kernels/fatbin/kernels.sum", func(b []byte) []byte { return bytes.Replace(b, []byte(nvcc), []byte(other), 1) },
			[]string{"another nvcc made the fatbin: Build " + other, "must be: Build " + nvcc, "make kernels"}},
		"another fatbin": {"kernels/fatbin/kernels.fatbin", func(b []byte) []byte { return append(b, 0) },
			[]string{"kernels/fatbin/kernels.fatbin", "commit the result of make kernels"}},
		"another source": {"kernels/adam.cu", func(b []byte) []byte { return append(b, '\n') },
			[]string{"kernels/adam.cu", "commit the result of make kernels"}},
	} {
		t.Run(name, func(t *testing.T) {
			dir := copyOf(t, "Makefile", "kernels/*.cu", "kernels/include/*.cuh", "kernels/fatbin/kernels.*")
			file := filepath.Join(dir, test.file)
			bytes, err := os.ReadFile(file)
			if err == nil {
				err = os.WriteFile(file, test.alter(bytes), 0o666)
			}
			if err != nil {
				t.Fatal(err)
			}
			out, err := exec.CommandContext(t.Context(), "make", "-C", dir, "fatbin").CombinedOutput()
			if (err != nil) != (test.want != nil) {
				t.Errorf("error %v: %s", err, out)
			}
			for _, want := range test.want {
				if !strings.Contains(string(out), want) {
					t.Errorf("%s\ndoes not say %q", out, want)
				}
			}
		})
	}
}

// copyOf copies the repository's files of some patterns to a folder.
func copyOf(t *testing.T, patterns ...string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	for _, pattern := range patterns {
		files, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %d files, error %v", pattern, len(files), err)
		}
		for _, file := range files {
			to := filepath.Join(dir, strings.TrimPrefix(file, root))
			bytes, err := os.ReadFile(file)
			if err == nil {
				err = os.MkdirAll(filepath.Dir(to), 0o777)
			}
			if err == nil {
				err = os.WriteFile(to, bytes, 0o666)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	return dir
}
