package datasets

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"crypto/md5"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"

	"autoamp/datasets/durable"
)

// take copies the files of a collection that are in from, and whole, to dir.
func (c *collection) take(ctx context.Context, from, dir string) error {
	if err := checkDirectory(from); err != nil {
		return fmt.Errorf("datasets: from = %s: %w", from, err)
	}
	if c.archive != nil {
		packed := filepath.Join(from, c.archive.name)
		if _, err := os.Stat(packed); err == nil {
			if err := c.archive.checkFile(ctx, packed); err != nil {
				return fmt.Errorf("datasets: %s: %w", packed, err)
			}
			return c.unpack(ctx, packed, dir)
		}
	}
	found := false
	for _, f := range c.files {
		if err := ctx.Err(); err != nil {
			return err
		}
		content, err := f.read(from, f.foreignNames())
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err == nil {
			err = store(filepath.Join(dir, f.name), writing(content))
		}
		if err != nil {
			return err
		}
		found = true
	}
	if !found {
		return fmt.Errorf("datasets: from = %s: must hold files such as %s or %[2]s.gz", from, c.files[0].name)
	}
	return nil
}

// checkDirectory refuses a path that is not a directory.
func checkDirectory(path string) error {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return errors.New("no such directory")
	case err != nil:
		return errors.Unwrap(err)
	case !info.IsDir():
		return errors.New("must be the directory that holds the files")
	}
	return nil
}

// unpack writes the files of a gzipped tar archive to dir. Their names in the archive decide nothing but which they are.
func (c *collection) unpack(ctx context.Context, archive, dir string) error {
	f, err := durable.OpenRegular(archive)
	if err != nil {
		return err
	}
	defer f.Close()
	packed, err := gzip.NewReader(interruptible{ctx, f})
	if err != nil {
		return fmt.Errorf("datasets: %s: %w", archive, err)
	}
	left := slices.Clone(c.files)
	for r := tar.NewReader(packed); ctx.Err() == nil && len(left) > 0; {
		header, err := r.Next()
		if errors.Is(err, io.EOF) {
			return fmt.Errorf("datasets: %s: %s is not in it", archive, left[0].name)
		}
		if err != nil {
			return fmt.Errorf("datasets: %s: %w", archive, err)
		}
		k := slices.IndexFunc(left, func(f file) bool { return f.name == path.Base(header.Name) })
		if k < 0 {
			continue
		}
		if err := left[k].unpack(r, dir); err != nil {
			return fmt.Errorf("datasets: %s: %s: %w", archive, header.Name, err)
		}
		left = slices.Delete(left, k, k+1)
	}
	return ctx.Err()
}

// unpack writes the file to dir if it is the published one.
func (f file) unpack(r io.Reader, dir string) error {
	content, err := readAtMost(r, f.size)
	if err == nil {
		err = f.check(content)
	}
	if err != nil {
		return err
	}
	return store(filepath.Join(dir, f.name), writing(content))
}

// checkFile compares the MD5 sum of a file as it lies on the disk.
func (f file) checkFile(ctx context.Context, path string) error {
	in, err := durable.OpenRegular(path)
	if err != nil {
		return err
	}
	defer in.Close()
	sum := md5.New()
	if _, err := io.Copy(sum, interruptible{ctx, in}); err != nil {
		return err
	}
	if got := hex.EncodeToString(sum.Sum(nil)); got != f.md5 {
		return fmt.Errorf("MD5 %s, want %s: not the published file", got, f.md5)
	}
	return nil
}

func writing(content []byte) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := w.Write(content)
		return err
	}
}
