package datasets

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"autoamp/datasets/durable"
)

// FetchSettings says which image set is brought to the disk.
type FetchSettings struct {
	// Name is the image set, one of ImageNames.
	Name string
	// Dir is the directory in which a folder of that name is filled. Empty means Directory().
	Dir string
	// From is a directory that has the files already, as they are, gzipped or in their archive, also under the names that they
	// have at Kaggle. Empty means the mirrors.
	From string
	// Progress is called as bytes arrive, on the goroutine of the call; total is −1 where the mirror does not say. Nil
	// means not at all.
	Progress func(file string, done, total int64)
	// Log receives what went wrong at a mirror where another one helps. Nil means nowhere.
	Log *slog.Logger

	pause time.Duration // before a mirror is asked again; zero means firstPause
}

// Fetch brings an image set to the disk, from its mirrors in order or from a directory, and loads it. Files that are
// there whole are kept, what was interrupted is continued, and a file appears under its name only when its checksum is
// the published one. With From, files may be missing where Load allows it.
func Fetch(ctx context.Context, s FetchSettings) (*Library, error) {
	c, err := findCollection(s.Name)
	if err != nil {
		return nil, err
	}
	return c.fetch(ctx, s)
}

func (c *collection) fetch(ctx context.Context, s FetchSettings) (*Library, error) {
	if s.Log == nil {
		s.Log = slog.New(slog.DiscardHandler)
	}
	if s.Dir == "" {
		var err error
		if s.Dir, err = Directory(); err != nil {
			return nil, err
		}
	}
	s.Dir = filepath.Join(s.Dir, c.name)
	var err error
	switch {
	case s.From != "":
		err = c.take(ctx, s.From, s.Dir)
	case c.archive != nil:
		err = c.fetchArchive(ctx, s)
	default:
		err = c.fetchFiles(ctx, s)
	}
	if err != nil {
		return nil, err
	}
	return c.load(s.Dir)
}

// missing returns the files that are not in dir, or not whole.
func (c *collection) missing(s FetchSettings) []file {
	var out []file
	for _, f := range c.files {
		_, err := f.read(s.Dir, f.names())
		if err != nil {
			out = append(out, f)
		}
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			s.Log.Warn("a damaged file is fetched again", "error", err)
		}
	}
	return out
}

// fetchFiles downloads the gzipped files one by one. A damaged file without .gz would hide the new one.
func (c *collection) fetchFiles(ctx context.Context, s FetchSettings) error {
	for _, f := range c.missing(s) {
		path := filepath.Join(s.Dir, f.name+".gz")
		err := c.fromMirrors(ctx, s, path, f.gzippedSize(), func(part string) error {
			content, err := readPlain(part, f.size)
			if err == nil {
				err = f.check(content)
			}
			return err
		})
		if err = errors.Join(err, removeIfThere(filepath.Join(s.Dir, f.name))); err != nil {
			return err
		}
	}
	return nil
}

// fetchArchive downloads the archive and unpacks it.
func (c *collection) fetchArchive(ctx context.Context, s FetchSettings) error {
	if len(c.missing(s)) == 0 {
		return nil
	}
	path := filepath.Join(s.Dir, c.archive.name)
	err := c.fromMirrors(ctx, s, path, c.archive.size, func(part string) error { return c.archive.checkFile(ctx, part) })
	if err != nil {
		return err
	}
	if err := c.unpack(ctx, path, s.Dir); err != nil {
		return err
	}
	return os.Remove(path)
}

// gzippedSize bounds the size of the file when it is gzipped: what does not shrink grows by 5 bytes in 16 KiB, and there are
// a header with a name and a trailer.
//
// Source: RFC 1951, section 3.2.4, and RFC 1952.
func (f file) gzippedSize() int64 { return f.size + f.size/1024 + 1024 }

// attempts is how often a mirror that stops midway is asked for the rest.
const attempts = 3

// fromMirrors downloads the file of path's name, of at most limit bytes, from the first mirror that has it as check wants it.
func (c *collection) fromMirrors(ctx context.Context, s FetchSettings, path string, limit int64, check func(part string) error) error {
	name := filepath.Base(path)
	d := &download{client: http.DefaultClient, path: path, limit: limit, pause: s.pause}
	if s.Progress != nil {
		d.progress = func(done, total int64) { s.Progress(name, done, total) }
	}
	var failed []error
	for _, mirror := range c.mirrors {
		err := d.checked(ctx, mirror+name, check)
		if err == nil {
			return nil
		}
		var local *fs.PathError // a full disk, for example: no other mirror helps
		if ctx.Err() != nil || errors.As(err, &local) {
			return fmt.Errorf("datasets: %s: %w", mirror+name, err)
		}
		s.Log.Warn("a mirror failed", "url", mirror+name, "error", err)
		failed = append(failed, fmt.Errorf("%s: %w", mirror+name, err))
	}
	return fmt.Errorf("datasets: no mirror has %s; --from DIR takes files at hand\n%w", name, errors.Join(failed...))
}

// checked downloads url, checks it and gives it its name. A file that fails the check is removed.
func (d *download) checked(ctx context.Context, url string, check func(part string) error) error {
	part, err := d.get(ctx, url)
	pause := d.pause
	if pause == 0 {
		pause = firstPause
	}
	for range attempts - 1 {
		if !errors.Is(err, errIncomplete) {
			break
		}
		if err := wait(ctx, pause); err != nil {
			return err
		}
		part, err = d.get(ctx, url)
		pause *= 4
	}
	if err != nil {
		return err
	}
	if err := check(part); err != nil {
		return errors.Join(err, os.Remove(part), removeIfThere(part+".etag"))
	}
	if err := os.Rename(part, d.path); err != nil {
		return err
	}
	return errors.Join(removeIfThere(part+".etag"), durable.OS.SyncDir(filepath.Dir(d.path)))
}
