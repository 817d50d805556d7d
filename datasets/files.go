package datasets

import (
	"io"
	"path/filepath"

	"autoamp/datasets/durable"
)

// store writes a file whole or not at all, and makes the folder that it lies in.
func store(path string, write func(io.Writer) error) error {
	if err := durable.MkdirAll(durable.OS, filepath.Dir(path)); err != nil {
		return err
	}
	return durable.WriteFile(durable.OS, path, write)
}
