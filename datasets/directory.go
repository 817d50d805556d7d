package datasets

import (
	"os"
	"path/filepath"
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
