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
// A driver runs libraries of its own major version and older ones. For each version the loader's own search comes first.
// Folders of Python packages follow, since pip's and conda's cuBLAS is on no path: PyTorch finds it there too.
func cublasFiles(driver int) []string {
	var files []string
	for _, major := range cublasMajors {
		if major > driver/1000 {
			continue
		}
		name := fmt.Sprintf("libcublas.so.%d", major)
		files = append(files, name)
		for _, folder := range cublasFolders(major) {
			found, _ := filepath.Glob(filepath.Join(folder, name)) // the pattern is well-formed
			files = append(files, found...)
		}
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

// cublasHint is the remedy where no cuBLAS works.
func cublasHint(driver int) string {
	major := min(driver/1000, cublasMajors[0])
	return fmt.Sprintf("the driver supports CUDA %d.%d: install cuBLAS %d or older (Debian: apt install libcublas11; with pip: nvidia-cublas-cu12) "+
		"and put its folder on LD_LIBRARY_PATH, %s", driver/1000, driver%1000/10, major, onCPU)
}
