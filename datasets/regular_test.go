//go:build unix

package datasets

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"autoamp/datasets/durable"
)

// Nothing waits for what may never be written: pipes, sockets, devices. A link to a file is the file.
func TestOnlyRegularFilesAreOpened(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	pipe, socket, link, file := filepath.Join(dir, "pipe.npy"), filepath.Join(dir, "s"), filepath.Join(dir, "link"), filepath.Join(dir, "file")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	for path, want := range map[string]string{
		pipe: "is a named pipe", socket: "is a socket", "/dev/zero": "is a device", dir: "is a directory", filepath.Join(dir, "no"): "no such file",
	} {
		for name, open := range map[string]func() error{
			"file":    func() error { _, err := durable.OpenRegular(path); return err },
			"array":   func() error { _, err := OpenArray(t.Context(), path); return err },
			"shape":   func() error { _, _, err := ArrayShape(path); return err },
			"image":   func() error { _, err := readPlain(path, 100); return err },
			"archive": func() error { return cifar10.unpack(t.Context(), path, dir) },
			"sum":     func() error { return file10.checkFile(t.Context(), path) },
			"map":     func() error { _, err := readWhitening(path, 3); return err },
		} {
			if err := open(); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s as %s: %v, want %s", path, name, err, want)
			}
		}
	}
	place(t, dir, map[string][]byte{"file": []byte("x")})
	if err := os.Symlink(file, link); err != nil {
		t.Fatal(err)
	}
	f, err := durable.OpenRegular(link)
	if err != nil {
		t.Fatal(err)
	}
	f.Close()
}

var file10 = file{name: "x"}
