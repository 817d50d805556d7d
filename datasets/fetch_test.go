package datasets

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/md5"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"autoamp/datasets/durable/durabletest"
)

// mirror serves files, and misbehaves as told.
type mirror struct {
	files map[string][]byte
	// answer may handle a request itself.
	answer func(w http.ResponseWriter, r *http.Request, data []byte) bool

	mutex  sync.Mutex
	ranges []string // the Range headers of all requests, in order
}

func (m *mirror) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	m.mutex.Lock()
	m.ranges = append(m.ranges, r.Header.Get("Range"))
	m.mutex.Unlock()
	data, ok := m.files[path.Base(r.URL.Path)]
	if !ok {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("ETag", `"one"`)
	if m.answer == nil || !m.answer(w, r, data) {
		http.ServeContent(w, r, "file.bin", time.Time{}, strings.NewReader(string(data)))
	}
}

// serve starts a mirror and returns its base URL.
func serve(t *testing.T, m *mirror) string {
	server := httptest.NewServer(m)
	t.Cleanup(server.Close)
	return server.URL + "/"
}

// packed are the files of a collection as mirrors have them, one by one.
func packed(content map[string][]byte) map[string][]byte {
	out := map[string][]byte{}
	for name, data := range content {
		out[name+".gz"] = gzipped(data)
	}
	return out
}

// halfway sends half of a file and breaks the connection.
func halfway(w http.ResponseWriter, data []byte) {
	w.Header().Set("Content-Length", strconv.Itoa(len(data)))
	w.Write(data[:len(data)/2])
	w.(http.Flusher).Flush()
	panic(http.ErrAbortHandler)
}

func TestFetch(t *testing.T) {
	t.Parallel()
	c, content := smallIDX()
	m := &mirror{files: packed(content)}
	c.mirrors = []string{serve(t, m)}
	dir := t.TempDir()
	var seen int64
	s := FetchSettings{Dir: dir, Progress: func(_ string, done, total int64) { seen = max(seen, done, total) }}
	l, err := c.fetch(t.Context(), s)
	if err != nil || l.Train.Len() != 40 {
		t.Fatal(l, err)
	}
	if want := int64(len(m.files[c.files[0].name+".gz"])); seen != want {
		t.Errorf("progress came to %d of %d bytes", seen, want)
	}
	if _, err := c.fetch(t.Context(), s); err != nil || len(m.ranges) != 4 {
		t.Errorf("files that are there were asked for again: %d requests, %v", len(m.ranges), err)
	}
	onlyFiles(t, filepath.Join(dir, c.name), 4)
	damaged := filepath.Join(dir, c.name, c.files[0].name)
	if err := os.WriteFile(damaged, []byte("junk"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := c.fetch(t.Context(), s); err != nil || len(m.ranges) != 5 {
		t.Errorf("a damaged file was not fetched again: %d requests, %v", len(m.ranges), err)
	}
}

// onlyFiles checks that a directory holds n files, none of them in the making.
func onlyFiles(t *testing.T, dir string, n int) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != n {
		t.Errorf("%d files, want %d: %v %v", len(entries), n, entries, err)
	}
}

func TestFetchArchive(t *testing.T) {
	t.Parallel()
	c, content := smallCIFAR()
	archive := archived(content)
	sum := md5.Sum(archive)
	c.archive = &file{name: c.archive.name, size: int64(len(archive)), md5: hex.EncodeToString(sum[:])}
	c.mirrors = []string{serve(t, &mirror{files: map[string][]byte{c.archive.name: archive}})}
	dir := t.TempDir()
	l, err := c.fetch(t.Context(), FetchSettings{Dir: dir})
	if err != nil || l.Train.Len() != 60 || len(l.Missing) > 0 {
		t.Fatal(l, err)
	}
	onlyFiles(t, filepath.Join(dir, c.name), 6) // the archive is gone

	from := place(t, t.TempDir(), map[string][]byte{c.archive.name: archive})
	if l, err := c.fetch(t.Context(), FetchSettings{Dir: t.TempDir(), From: from}); err != nil || l.Train.Len() != 60 {
		t.Errorf("from the archive: %v", err)
	}
	c.archive.md5 = strings.Repeat("0", 32)
	if _, err := c.fetch(t.Context(), FetchSettings{Dir: t.TempDir(), From: from}); err == nil || !strings.Contains(err.Error(), "not the published file") {
		t.Errorf("another archive: %v", err)
	}
}

func TestArchiveWithoutAFile(t *testing.T) {
	t.Parallel()
	c, content := smallCIFAR()
	delete(content, "data_batch_3.bin")
	path := filepath.Join(place(t, t.TempDir(), map[string][]byte{"a.tar.gz": archived(content)}), "a.tar.gz")
	if err := c.unpack(t.Context(), path, t.TempDir()); err == nil || !strings.Contains(err.Error(), "data_batch_3.bin is not in it") {
		t.Error(err)
	}
	content["data_batch_3.bin"] = []byte("short")
	path = filepath.Join(place(t, t.TempDir(), map[string][]byte{"a.tar.gz": archived(content)}), "a.tar.gz")
	if err := c.unpack(t.Context(), path, t.TempDir()); err == nil || !strings.Contains(err.Error(), "content of 5 bytes") {
		t.Error(err)
	}
}

// A mirror that misbehaves is named with what it did, and the next one is asked.
func TestMirrorsThatFail(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		answer func(w http.ResponseWriter, r *http.Request, data []byte) bool
		want   string
	}{
		"404": {func(w http.ResponseWriter, r *http.Request, _ []byte) bool { http.NotFound(w, r); return true }, "404 Not Found"},
		"500": {func(w http.ResponseWriter, r *http.Request, _ []byte) bool { w.WriteHeader(500); return true }, "500 Internal Server Error"},
		"a web page": {func(w http.ResponseWriter, r *http.Request, _ []byte) bool {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			fmt.Fprint(w, "<html>Please log in</html>")
			return true
		}, "the answer is a web page, not the file"},
		"a web page under another name": {func(w http.ResponseWriter, r *http.Request, _ []byte) bool {
			w.Header().Set("Content-Type", "application/gzip")
			fmt.Fprint(w, "<html>Please log in</html>")
			return true
		}, "content of 26 bytes"},
		"other content": {func(w http.ResponseWriter, r *http.Request, data []byte) bool {
			w.Write(gzipped(make([]byte, 1456)))
			return true
		}, "content has MD5"},
		"empty":        {func(w http.ResponseWriter, r *http.Request, _ []byte) bool { return true }, "content of 0 bytes"},
		"stops midway": {func(w http.ResponseWriter, r *http.Request, data []byte) bool { halfway(w, data); return true }, "the mirror stopped midway"},
		"endless": {func(w http.ResponseWriter, r *http.Request, _ []byte) bool {
			w.Header().Set("Content-Length", strconv.Itoa(1<<40))
			return true
		}, "the file has 1099511627776 bytes, at most"},
		"a range nobody asked for": {func(w http.ResponseWriter, r *http.Request, data []byte) bool {
			w.Header().Set("Content-Range", "bytes 5-9/10")
			w.WriteHeader(http.StatusPartialContent)
			return true
		}, "the answer starts at byte 5"},
		"a range in another language": {func(w http.ResponseWriter, r *http.Request, data []byte) bool {
			w.Header().Set("Content-Range", "lines 5")
			w.WriteHeader(http.StatusPartialContent)
			return true
		}, `Content-Range "lines 5": not understood`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, content := smallIDX()
			bad := serve(t, &mirror{files: packed(content), answer: tt.answer})
			c.mirrors = []string{bad}
			dir := t.TempDir()
			_, err := c.fetch(t.Context(), FetchSettings{Dir: dir, pause: time.Microsecond})
			if err == nil || !strings.Contains(err.Error(), bad+"train-images-idx3-ubyte.gz: ") || !strings.Contains(err.Error(), tt.want) {
				t.Fatalf("got %v, want %s", err, tt.want)
			}
			if _, err := c.load(filepath.Join(dir, c.name)); !errors.Is(err, ErrNotFetched) {
				t.Errorf("something is there under its name: %v", err)
			}
			c.mirrors = append(c.mirrors, serve(t, &mirror{files: packed(content)}))
			if _, err := c.fetch(t.Context(), FetchSettings{Dir: dir}); err != nil {
				t.Errorf("the next mirror did not help: %v", err)
			}
		})
	}
}

func TestFetchResumes(t *testing.T) {
	t.Parallel()
	c, content := smallIDX()
	breaks := 1
	m := &mirror{files: packed(content)}
	m.answer = func(w http.ResponseWriter, r *http.Request, data []byte) bool {
		if breaks > 0 {
			breaks--
			halfway(w, data)
		}
		return false
	}
	c.mirrors = []string{serve(t, m)}
	if _, err := c.fetch(t.Context(), FetchSettings{Dir: t.TempDir(), pause: time.Microsecond}); err != nil {
		t.Fatal(err)
	}
	half := len(m.files[c.files[0].name+".gz"]) / 2
	if want := fmt.Sprintf("bytes=%d-", half); m.ranges[1] != want {
		t.Errorf("asked for %q, want %q", m.ranges, want)
	}
}

// What a broken run left is continued by the next, unless the file has changed since or the part is too long.
func TestFetchResumesLater(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		part, tag string
		requests  int
	}{
		"the beginning": {"", `"one"`, 4},
		"another file":  {"something else", `"two"`, 4},
		"too long":      {strings.Repeat("x", 5000), `"one"`, 5}, // the first is refused
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, content := smallIDX()
			m := &mirror{files: packed(content)}
			c.mirrors = []string{serve(t, m)}
			dir := t.TempDir()
			file := c.files[0].name + ".gz"
			if tt.part == "" {
				tt.part = string(m.files[file][:300])
			}
			place(t, filepath.Join(dir, c.name), map[string][]byte{
				file + ".part": []byte(tt.part), file + ".part.etag": []byte(c.mirrors[0] + file + "\n" + tt.tag)})
			if _, err := c.fetch(t.Context(), FetchSettings{Dir: dir, pause: time.Microsecond}); err != nil {
				t.Fatal(err)
			}
			if want := fmt.Sprintf("bytes=%d-", len(tt.part)); m.ranges[0] != want || len(m.ranges) != tt.requests {
				t.Errorf("requests %q, want %d beginning with %s", m.ranges, tt.requests, want)
			}
			onlyFiles(t, filepath.Join(dir, c.name), 4)
		})
	}
}

func TestFetchIsInterrupted(t *testing.T) {
	t.Parallel()
	c, content := smallIDX()
	ctx, cancel := context.WithCancel(t.Context())
	c.mirrors = []string{serve(t, &mirror{files: packed(content), answer: func(w http.ResponseWriter, r *http.Request, data []byte) bool {
		w.Header().Set("Content-Length", strconv.Itoa(len(data)))
		w.Write(data[:10])
		w.(http.Flusher).Flush()
		cancel()
		<-r.Context().Done()
		return true
	}}), "http://127.0.0.1:1/"}
	if _, err := c.fetch(ctx, FetchSettings{Dir: t.TempDir()}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// What is wrong with the disk is not the mirrors' fault.
func TestFetchToABadDisk(t *testing.T) {
	t.Parallel()
	c, content := smallIDX()
	m := &mirror{files: packed(content)}
	url := serve(t, m)
	c.mirrors = []string{url, url}
	dir := t.TempDir()
	place(t, dir, map[string][]byte{c.name: nil}) // a file where the directory should be
	if _, err := c.fetch(t.Context(), FetchSettings{Dir: dir}); err == nil || strings.Contains(err.Error(), "no mirror") || len(m.ranges) > 1 {
		t.Errorf("%d requests, %v", len(m.ranges), err)
	}
}

func TestFetchFrom(t *testing.T) {
	t.Parallel()
	c, content := smallCIFAR()
	delete(content, "data_batch_2.bin")
	content["data_batch_3.bin.gz"] = gzipped(content["data_batch_3.bin"])
	delete(content, "data_batch_3.bin")
	from := place(t, t.TempDir(), content)
	l, err := c.fetch(t.Context(), FetchSettings{Dir: t.TempDir(), From: from})
	if err != nil || l.Train.Len() != 48 || strings.Join(l.Missing, " ") != "data_batch_2.bin" {
		t.Fatal(l, err)
	}
	if _, err := c.fetch(t.Context(), FetchSettings{Dir: t.TempDir(), From: t.TempDir()}); err == nil || !strings.Contains(err.Error(), "must hold files such as data_batch_1.bin or data_batch_1.bin.gz") {
		t.Errorf("from nothing: %v", err)
	}
	place(t, from, map[string][]byte{"data_batch_5.bin": []byte("not it")})
	if _, err := c.fetch(t.Context(), FetchSettings{Dir: t.TempDir(), From: from}); err == nil || !strings.Contains(err.Error(), "data_batch_5.bin: content of 6 bytes") {
		t.Errorf("from a wrong file: %v", err)
	}
	for want, from := range map[string]string{
		"no such directory":                          filepath.Join(from, "not-there"),
		"must be the directory that holds the files": filepath.Join(from, "data_batch_1.bin"),
	} {
		if _, err := c.fetch(t.Context(), FetchSettings{Dir: t.TempDir(), From: from}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("from %s: %v", from, err)
		}
	}
}

// MNIST under the names that it has elsewhere.
func TestFetchFromForeignNames(t *testing.T) {
	t.Parallel()
	c, content := smallIDX()
	from := t.TempDir()
	for i, name := range []string{
		"train-images.idx3-ubyte", "train-labels-idx1-ubyte/train-labels-idx1-ubyte",
		"t10k-images.idx3-ubyte/t10k-images.idx3-ubyte.gz", "t10k-labels.idx1-ubyte.gz",
	} {
		data := content[c.files[i].name]
		if strings.HasSuffix(name, ".gz") {
			data = gzipped(data)
		}
		place(t, filepath.Dir(filepath.Join(from, name)), map[string][]byte{filepath.Base(name): data})
	}
	l, err := c.fetch(t.Context(), FetchSettings{Dir: t.TempDir(), From: from})
	if err != nil || l.Train.Len() != 40 || l.Test.Len() != 20 {
		t.Fatal(l, err)
	}
	place(t, from, map[string][]byte{"train-images.idx3-ubyte": nil})
	_, err = c.fetch(t.Context(), FetchSettings{Dir: t.TempDir(), From: from})
	if err == nil || !strings.Contains(err.Error(), "train-images.idx3-ubyte: content of 0 bytes, want ") {
		t.Errorf("an empty file: %v", err)
	}
}

// A mirror may have no more bytes than the file can have, gzipped or not, and says how many only if it likes.
func TestMirrorThatSendsTooMuch(t *testing.T) {
	t.Parallel()
	c, content := smallIDX()
	const more = 1 << 20
	c.mirrors = []string{serve(t, &mirror{files: packed(content), answer: func(w http.ResponseWriter, r *http.Request, data []byte) bool {
		w.(http.Flusher).Flush() // no Content-Length
		w.Write(make([]byte, more))
		return true
	}})}
	var most int64
	_, err := c.fetch(t.Context(), FetchSettings{Dir: t.TempDir(), Progress: func(_ string, done, _ int64) { most = max(most, done) }})
	if err == nil || !strings.Contains(err.Error(), "more than 2481 bytes") || most > 2482 {
		t.Errorf("%d bytes came, %v", most, err)
	}
}

// trickle answers with one byte a minute, or not at all.
type trickle struct {
	silent bool
	ctx    context.Context
	sent   int
}

func (r *trickle) RoundTrip(request *http.Request) (*http.Response, error) {
	r.ctx = request.Context()
	if r.silent {
		<-r.ctx.Done()
		return nil, r.ctx.Err()
	}
	return &http.Response{StatusCode: http.StatusOK, ContentLength: 1 << 20, Header: http.Header{}, Body: r}, nil
}

func (r *trickle) Read(p []byte) (int, error) {
	select {
	case <-r.ctx.Done():
		return 0, r.ctx.Err()
	case <-time.After(time.Minute - time.Second):
		r.sent++
		return copy(p, "x"), nil
	}
}

func (r *trickle) Close() error { return nil }

// The clock is the test's.
func TestMirrorsThatAreTooSlow(t *testing.T) {
	for name, mirror := range map[string]*trickle{"silent": {silent: true}, "a byte a minute": {}} {
		synctest.Test(t, func(t *testing.T) {
			began := time.Now()
			d := &download{client: &http.Client{Transport: mirror}, path: filepath.Join(t.TempDir(), "x"), limit: 1 << 21}
			_, err := d.get(t.Context(), "http://mirror/x")
			if took := time.Since(began); took != stall || err == nil || !strings.Contains(err.Error(), "fewer than 65536 bytes arrived in 1m0s") {
				t.Errorf("%s: after %v and %d bytes: %v", name, took, mirror.sent, err)
			}
		})
	}
}

// breaking answers with a body that ends early.
type breaking struct{ at []time.Duration }

func (b *breaking) RoundTrip(*http.Request) (*http.Response, error) {
	b.at = append(b.at, time.Duration(time.Now().UnixNano()))
	return &http.Response{StatusCode: http.StatusOK, ContentLength: 10, Header: http.Header{}, Body: io.NopCloser(strings.NewReader("x"))}, nil
}

// The pauses between tries grow, and a context ends them.
func TestPausesBetweenTries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		mirror := &breaking{}
		d := &download{client: &http.Client{Transport: mirror}, path: filepath.Join(t.TempDir(), "x"), limit: 100}
		if err := d.checked(t.Context(), "http://mirror/x", nil); !errors.Is(err, errIncomplete) {
			t.Error(err)
		}
		if len(mirror.at) != attempts || mirror.at[1]-mirror.at[0] != time.Second || mirror.at[2]-mirror.at[1] != 4*time.Second {
			t.Errorf("asked at %v", mirror.at)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
		defer cancel()
		began := time.Now()
		if err := d.checked(ctx, "http://mirror/x", nil); !errors.Is(err, context.DeadlineExceeded) || time.Since(began) != 500*time.Millisecond {
			t.Errorf("after %v: %v", time.Since(began), err)
		}
	})
}

func FuzzUnpack(f *testing.F) {
	c, content := smallCIFAR()
	for k := range c.files {
		c.files[k].size = 100
		sum := md5.Sum(content[c.files[k].name][:100])
		c.files[k].md5 = hex.EncodeToString(sum[:])
		content[c.files[k].name] = content[c.files[k].name][:100]
	}
	good := archived(content)
	unpacked, err := gzip.NewReader(bytes.NewReader(good))
	if err != nil {
		f.Fatal(err)
	}
	plain, err := io.ReadAll(unpacked)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good, false)
	f.Add(plain, true) // the sum of a gzip file hides most changes from what reads the tar file in it
	f.Add(plain[:len(plain)/2], true)
	f.Add(make([]byte, 1<<16), true)
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, data []byte, pack bool) {
		if pack {
			data = gzipped(data)
		}
		path := filepath.Join(dir, "a.tar.gz")
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
		durabletest.Budget(t, len(data), 2*maxDeflation, func() {
			if c.unpack(t.Context(), path, dir) != nil {
				return
			}
			for _, f := range c.files {
				if got, err := os.ReadFile(filepath.Join(dir, f.name)); err != nil || !bytes.Equal(got, content[f.name]) {
					t.Fatalf("%s is not the published file: %v", f.name, err)
				}
			}
		})
	})
}
