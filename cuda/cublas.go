//go:build gpu

package cuda

import (
	"fmt"
	"os"
	"path/filepath"
)

// cublasMajors are the versions of cuBLAS whose functions blas.c knows, the newest first.
var cublasMajors = []int{13, 12, 11}

// cublasFiles lists the files in which cuBLAS may be, for a driver of a version as cuDriverGetVersion writes it (12040 is 12.4).
// A driver runs libraries of its own major version and older ones.
func cublasFiles(driver int) []string {
	var files []string
	for _, major := range cublasMajors {
		if major <= driver/1000 {
			files = append(files, cublasOf(major)...)
		}
	}
	return files
}

// cublasOf lists the files in which cuBLAS of a version may be. The loader's own search comes first. Folders of Python packages
// follow, since pip's and conda's cuBLAS is on no path: PyTorch finds it there too.
func cublasOf(major int) []string {
	name := fmt.Sprintf("libcublas.so.%d", major)
	files := []string{name}
	for _, folder := range cublasFolders(major) {
		found, _ := filepath.Glob(filepath.Join(folder, name)) // the pattern is well-formed
		files = append(files, found...)
	}
	return files
}

// cublasFolders are patterns of folders outside the loader's path.
func cublasFolders(major int) []string {
	var folders []string
	prefixes := []string{"/usr/local", "/usr"}
	for _, variable := range []string{"CONDA_PREFIX", "VIRTUAL_ENV"} {
		if prefix := os.Getenv(variable); prefix != "" {
			folders = append(folders, filepath.Join(prefix, "lib"))
			prefixes = append([]string{prefix}, prefixes...)
		}
	}
	if home, err := os.UserHomeDir(); err == nil {
		prefixes = append(prefixes, filepath.Join(home, ".local"))
	}
	for _, prefix := range prefixes {
		for _, packages := range []string{"lib/python3*/site-packages", "lib/python3*/dist-packages", "lib/python3/dist-packages"} {
			for _, folder := range []string{"nvidia/cublas/lib", fmt.Sprintf("nvidia/cu%d/lib", major)} {
				folders = append(folders, filepath.Join(prefix, packages, folder))
			}
		}
	}
	return append(folders, fmt.Sprintf("/usr/local/cuda-%d*/lib64", major), "/usr/local/cuda/lib64", "/opt/cuda/lib64")
}

// tooNew says which cuBLAS there are that need a newer driver; exists says whether the loader finds a file.
func tooNew(driver int, exists func(file string) bool) []string {
	var list []string
	for _, major := range cublasMajors {
		if major <= driver/1000 {
			break
		}
		for _, file := range cublasOf(major) {
			if filepath.IsAbs(file) || exists(file) {
				list = append(list, fmt.Sprintf("%s needs a driver for CUDA %d", file, major))
			}
		}
	}
	return list
}

// cublasHint is the remedy where no cuBLAS works.
func cublasHint(driver int) string {
	major := min(driver/1000, cublasMajors[0])
	pip := "nvidia-cublas" // of 13
	if major < 13 {
		pip = fmt.Sprintf("nvidia-cublas-cu%d", major)
	}
	return fmt.Sprintf("the driver supports CUDA %d.%d: install cuBLAS %d or older (Debian: apt install libcublas11; with pip: %s) "+
		"and put its folder on LD_LIBRARY_PATH, or a newer driver, %s", driver/1000, driver%1000/10, major, pip, onCPU)
}
