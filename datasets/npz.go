package datasets

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
)

// maxInflated bounds a compressed array in memory, in bytes.
const maxInflated = 4 << 30

// cutArchive splits FILE.npz:NAME.
func cutArchive(path string) (file, member string, zipped bool) {
	if i := strings.LastIndex(path, ".npz:"); i >= 0 {
		return path[:i+4], path[i+5:], true
	}
	return path, "", strings.HasSuffix(path, ".npz")
}

// openMember opens one array of an archive.
func openMember(f *os.File, size int64, path, name string) (*Array, error) {
	archive, err := zip.NewReader(f, size)
	if err != nil {
		return nil, fmt.Errorf("not an archive of NumPy arrays: %w", err)
	}
	entry, err := findMember(archive, name)
	if err != nil {
		return nil, err
	}
	if entry.Method == zip.Store {
		offset, err := entry.DataOffset()
		if err != nil {
			return nil, err
		}
		stored := entry.UncompressedSize64
		if offset < 0 || stored > uint64(size) || offset > size-int64(stored) {
			return nil, fmt.Errorf("%s: reaches past the end of the file", entry.Name)
		}
		return mapArray(f, path, offset, int64(stored))
	}
	return inflate(entry, path)
}

// findMember returns the array of that name, or the only one.
func findMember(archive *zip.Reader, name string) (*zip.File, error) {
	var names []string
	var found *zip.File
	for _, entry := range archive.File {
		array := strings.TrimSuffix(entry.Name, ".npy")
		names = append(names, array)
		if name == array || name == "" {
			found = entry
		}
	}
	switch {
	case len(names) == 0:
		return nil, errors.New("the archive is empty")
	case name == "" && len(names) > 1:
		return nil, fmt.Errorf("holds several arrays: name one of %s, as in FILE.npz:%s", strings.Join(names, ", "), names[0])
	case found == nil:
		return nil, fmt.Errorf("array %q: must be one of %s", name, strings.Join(names, ", "))
	}
	return found, nil
}

// inflate reads a compressed array into memory; its checksum is checked at the end. Memory grows
// with what is there, not with what the archive promises.
func inflate(entry *zip.File, path string) (*Array, error) {
	if entry.UncompressedSize64 > maxInflated {
		return nil, fmt.Errorf("%s: %d bytes, compressed: must be at most 4 GiB; numpy.savez writes arrays that can be mapped",
			entry.Name, entry.UncompressedSize64)
	}
	r, err := entry.Open()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", entry.Name, err)
	}
	defer r.Close()
	data, err := io.ReadAll(io.LimitReader(r, maxInflated))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", entry.Name, err)
	}
	a, err := newArray(path, bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, err
	}
	a.data = data[a.header.size:]
	return a, nil
}
