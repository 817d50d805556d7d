package datasets

import (
	"io"
	"os"
	"path/filepath"

	"autoamp/datasets/durable"
)

// DirectoryVariable is the environment variable that names the directory of the image sets.
const DirectoryVariable = "AUTOAMP_DATA"

// Directory returns where image sets are kept, one folder each: $AUTOAMP_DATA, or autoamp in the user's cache
// directory.
func Directory() (string, error) {
	if dir := os.Getenv(DirectoryVariable); dir != "" {
		return dir, nil
	}
	return userDirectory()
}

// whiteningDirectory is where whitening maps are kept. It is the user's also where the images are not.
func whiteningDirectory() (string, error) {
	dir, err := userDirectory()
	return filepath.Join(dir, "whitening"), err
}

func userDirectory() (string, error) {
	dir, err := os.UserCacheDir()
	return filepath.Join(dir, "autoamp"), err
}

// store writes a file whole or not at all, and makes the folder that it lies in.
func store(path string, write func(io.Writer) error) error {
	if err := durable.MkdirAll(durable.OS, filepath.Dir(path)); err != nil {
		return err
	}
	return durable.WriteFile(durable.OS, path, write)
}
