package datasets

import (
	"bufio"
	"compress/gzip"
	"crypto/md5"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"autoamp/datasets/durable"
)

// firstOf returns the first of names that is in dir and no directory, as a path, or an error that wraps fs.ErrNotExist.
func firstOf(dir string, names []string) (string, error) {
	for _, name := range names {
		path := filepath.Join(dir, name)
		switch info, err := os.Stat(path); {
		case err == nil && !info.IsDir():
			return path, nil
		case err != nil && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, syscall.ENOTDIR):
			return "", err
		}
	}
	return "", &fs.PathError{Op: "open", Path: filepath.Join(dir, names[0]), Err: fs.ErrNotExist}
}

// readPlain reads a file, and unpacks it if it is gzipped. More than limit bytes are an error; memory grows with the
// content.
func readPlain(path string, limit int64) ([]byte, error) {
	f, err := durable.OpenRegular(path)
	if err != nil {
		return nil, errors.Unwrap(err) // callers name the path
	}
	defer f.Close()
	r, err := plain(f)
	if err != nil {
		return nil, err
	}
	return readAtMost(r, limit)
}

// plain returns r, or its unpacked content if it starts like a gzip file.
func plain(r io.Reader) (io.Reader, error) {
	b := bufio.NewReaderSize(r, 1<<20)
	if head, _ := b.Peek(2); len(head) == 2 && head[0] == 0x1f && head[1] == 0x8b {
		return gzip.NewReader(b)
	}
	return b, nil
}

// check compares content with the published size and MD5 sum.
func (f file) check(content []byte) error {
	if int64(len(content)) != f.size {
		return fmt.Errorf("content of %d bytes, want %d", len(content), f.size)
	}
	sum := md5.Sum(content)
	if got := hex.EncodeToString(sum[:]); got != f.md5 {
		return fmt.Errorf("content has MD5 %s, want %s: not the published file", got, f.md5)
	}
	return nil
}
