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
)

// readPlain reads path, or path.gz where there is no path, and unpacks it if it is gzipped. More than limit bytes are
// an error; memory grows with the content. It returns which file it was.
func readPlain(path string, limit int64) (string, []byte, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		path += ".gz"
		f, err = os.Open(path)
	}
	if err != nil {
		return path, nil, err
	}
	defer f.Close()
	r, err := plain(f)
	if err != nil {
		return path, nil, err
	}
	data, err := readAtMost(r, limit)
	return path, data, err
}

// plain returns r, or what is packed in it if it starts like a gzip file.
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
