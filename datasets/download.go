package datasets

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"autoamp/datasets/durable"
)

// download is one file on its way from a mirror to the disk. The bytes that have arrived lie in PATH.part, its version at the
// mirror in PATH.part.etag: a later call asks for the rest only.
type download struct {
	client   *http.Client
	path     string
	limit    int64         // bytes that the file may have
	pause    time.Duration // before the first of further requests; zero means firstPause
	progress func(done, total int64)
}

// errIncomplete is worth another request for the rest.
var errIncomplete = errors.New("the mirror stopped midway")

// A mirror must send at least pace bytes, or the rest of the file, in every stall: 1 kB/s.
const (
	stall = time.Minute
	pace  = 64 << 10
)

// firstPause is the pause before a mirror is asked again; each one after it is four times as long.
const firstPause = time.Second

// wait waits until the pause or the context is over.
func wait(ctx context.Context, pause time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(pause):
		return nil
	}
}

// get fetches url into PATH.part, whole, and returns that file's name.
func (d *download) get(ctx context.Context, url string) (string, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	watch := time.AfterFunc(stall, func() { cancel(fmt.Errorf("fewer than %d bytes arrived in %v", pace, stall)) })
	defer watch.Stop()
	part := d.path + ".part"
	response, err := d.request(ctx, url, part)
	if err != nil {
		return "", cause(ctx, err)
	}
	defer response.Body.Close()
	start, total, err := d.place(response, part)
	if err != nil {
		return "", err
	}
	if err := durable.MkdirAll(durable.OS, filepath.Dir(part)); err != nil {
		return "", err
	}
	if err := d.version(response, url, part); err != nil {
		return "", err
	}
	seen := start
	arrived := func(done int64) {
		if done-seen >= pace {
			watch.Reset(stall)
			seen = done
		}
		if d.progress != nil {
			d.progress(done, total)
		}
	}
	if err := receive(part, start, total, d.limit, response.Body, arrived); err != nil {
		return "", cause(ctx, err)
	}
	return part, nil
}

// cause is what a failed request failed of, where that was not the request.
func cause(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

// request asks for the missing bytes of the file, if it is still the version that has begun to arrive.
func (d *download) request(ctx context.Context, url, part string) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Accept-Encoding", "identity")
	have, err := os.Stat(part)
	if err == nil && have.Size() > 0 {
		known, _ := os.ReadFile(part + ".etag")
		if from, tag, ok := strings.Cut(string(known), "\n"); ok && from == url {
			request.Header.Set("Range", fmt.Sprintf("bytes=%d-", have.Size()))
			request.Header.Set("If-Range", tag)
		}
	}
	return d.client.Do(request)
}

// place returns where the body of a response belongs in the file, and how long the file will be, −1 if unknown. It
// refuses answers that are no file.
func (d *download) place(response *http.Response, part string) (start, total int64, err error) {
	if strings.HasPrefix(response.Header.Get("Content-Type"), "text/html") {
		return 0, 0, errors.New("the answer is a web page, not the file")
	}
	total = response.ContentLength
	switch response.StatusCode {
	case http.StatusOK:
	case http.StatusPartialContent:
		if start, total, err = contentRange(response.Header.Get("Content-Range")); err != nil {
			return 0, 0, err
		}
		if have, err := os.Stat(part); err != nil || have.Size() != start {
			return 0, 0, fmt.Errorf("the answer starts at byte %d, which was not asked for", start)
		}
	case http.StatusRequestedRangeNotSatisfiable: // the part is longer than the file: start anew the next time
		return 0, 0, errors.Join(fmt.Errorf("%s: %w", response.Status, errIncomplete), os.Remove(part))
	default:
		return 0, 0, errors.New(response.Status)
	}
	if total > d.limit {
		return 0, 0, fmt.Errorf("the file has %d bytes, at most %d are expected", total, d.limit)
	}
	if total < 0 {
		total = -1
	}
	return start, total, nil
}

// contentRange reads a header such as "bytes 100-199/200".
func contentRange(header string) (start, total int64, err error) {
	span, size, ok := strings.Cut(strings.TrimPrefix(header, "bytes "), "/")
	first, _, ok2 := strings.Cut(span, "-")
	start, err1 := strconv.ParseInt(first, 10, 64)
	total, err2 := strconv.ParseInt(size, 10, 64)
	if !ok || !ok2 || err1 != nil || err2 != nil || start < 0 || total < start {
		return 0, 0, fmt.Errorf("Content-Range %q: not understood", header)
	}
	return start, total, nil
}

// version keeps where the part comes from and a strong validator of it, without which it cannot be continued.
func (d *download) version(response *http.Response, url, part string) error {
	tag := response.Header.Get("ETag")
	if tag == "" || strings.HasPrefix(tag, "W/") {
		tag = response.Header.Get("Last-Modified")
	}
	if tag == "" {
		return removeIfThere(part + ".etag")
	}
	return os.WriteFile(part+".etag", []byte(url+"\n"+tag), 0o666)
}

// receive writes a body into a file from start on. The file must then have total bytes, or at most limit where total
// is not known.
func receive(path string, start, total, limit int64, body io.Reader, arrived func(done int64)) (err error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE, 0o666)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if err := f.Truncate(start); err != nil {
		return err
	}
	done, err := copyFrom(io.NewOffsetWriter(f, start), io.LimitReader(body, limit-start+1), start, arrived)
	switch {
	case err != nil:
		return fmt.Errorf("after %d bytes: %w", done, err)
	case total >= 0 && done < total:
		return fmt.Errorf("after %d of %d bytes: %w", done, total, errIncomplete)
	case done > limit:
		return fmt.Errorf("more than %d bytes: %w", limit, errTrailing)
	}
	return f.Sync()
}

// copyFrom is io.Copy with a call for every piece; it returns where it came to.
func copyFrom(w io.Writer, r io.Reader, at int64, arrived func(done int64)) (int64, error) {
	buffer := make([]byte, 256<<10)
	for {
		n, err := r.Read(buffer)
		if n > 0 {
			if _, err := w.Write(buffer[:n]); err != nil {
				return at, err
			}
			at += int64(n)
			arrived(at)
		}
		if errors.Is(err, io.EOF) {
			return at, nil
		}
		if err != nil {
			return at, fmt.Errorf("%w: %w", errIncomplete, err)
		}
	}
}

func removeIfThere(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}
