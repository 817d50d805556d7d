package browser

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
)

// site is a server with its folder.
type site struct {
	dir, url string
	command  *exec.Cmd
}

// row is what the tests read of a line of the list.
type row struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	State string `json:"state"`
}

// Names that would be markup.
const (
	markupRun  = "<img src=x onerror=alert(2)>"
	markupData = "<script>alert(1)</script>.npy"
)

// filled is a site with runs, a sweep and a reproduction, made once.
func filled(t *testing.T) *site {
	t.Helper()
	needs(t)
	s, err := made()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

var stopSite = func() {}

var made = sync.OnceValues(func() (*site, error) {
	dir := filepath.Join(scratch, "filled")
	if err := errors.Join(fill(dir)...); err != nil {
		return nil, err
	}
	s, err := serve(dir)
	if err == nil {
		stopSite = s.stop
	}
	return s, err
})

// fill makes the runs.
func fill(dir string) []error {
	data := filepath.Join(scratch, markupData)
	grid := filepath.Join(scratch, "grid.yaml")
	return []error{
		writeRows(data, 1000, 10),
		os.WriteFile(grid, []byte("base: {steps: 60, batch: 16, model: {name: shallow, dim: 10}}\ngrid: {data.p: [0.3, 0.6], model.rate: [0.5, 1]}\nseeds: 2\nplot: {x: rate, series: p, y: test_mse}\n"), 0o600),
		train(filepath.Join(dir, "first"), "--model", "denoiser", "--p", "0.4", "--dim", "20", "--seeds", "1,2", "--steps", "400", "--set", "checkpoint.every=100", "--set", "checkpoint.keep=4"),
		train(filepath.Join(dir, "scan", "rademacher"), "--model", "shallow", "--data", "sparse-rademacher", "--p", "0.3,0.9", "--dim", "20", "--steps", "200"),
		train(filepath.Join(dir, markupRun), "--model", "shallow", "--data", "npy:"+data, "--batch", "16", "--steps", "100"),
		autoamp("sweep", grid, "--out", filepath.Join(dir, "grid"), "--jobs", "1"),
		autoamp("reproduce", "kogler-fig14", "--out", filepath.Join(dir, "fig14")),
	}
}

func train(out string, flags ...string) error {
	return autoamp(append([]string{"train", "--threads", "1", "--out", out}, flags...)...)
}

// writeRows writes an array of normal numbers, (rows, columns) in float32.
func writeRows(path string, rows, columns int) error {
	header := fmt.Sprintf("{'descr': '<f4', 'fortran_order': False, 'shape': (%d, %d), }", rows, columns)
	header += strings.Repeat(" ", 127-10-len(header)) + "\n"
	text := append([]byte("\x93NUMPY\x01\x00"), byte(len(header)), 0)
	text = append(text, header...)
	r := rand.New(rand.NewPCG(1, 2))
	for range rows * columns {
		text, _ = binary.Append(text, binary.LittleEndian, float32(r.NormFloat64()))
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil { // the name has a slash
		return err
	}
	return os.WriteFile(path, text, 0o600)
}

// serve starts autoamp serve on a folder.
func serve(dir string) (*site, error) {
	path, err := build()
	if err != nil {
		return nil, err
	}
	command := exec.Command(path, "serve", dir)
	command.Stderr = os.Stderr
	out, err := command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := command.Start(); err != nil {
		return nil, err
	}
	s := &site{dir: dir, command: command}
	if s.url, err = bufio.NewReader(out).ReadString('\n'); err != nil {
		s.stop()
		return nil, fmt.Errorf("autoamp serve printed no address: %w", err)
	}
	s.url = strings.TrimSpace(s.url)
	go io.Copy(io.Discard, out) //nolint:errcheck // its end is the end of the server
	return s, nil
}

func (s *site) stop() {
	_ = s.command.Process.Signal(syscall.SIGTERM) // it may have ended
	_ = s.command.Wait()
}

// temporary is a site on an empty folder for one test.
func temporary(t *testing.T) *site {
	t.Helper()
	return siteOn(t, t.TempDir())
}

// siteOn is a site on a folder for one test.
func siteOn(t *testing.T, dir string) *site {
	t.Helper()
	needs(t)
	s, err := serve(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.stop)
	return s
}

// needs skips a test where there is no browser.
func needs(t *testing.T) {
	t.Helper()
	if chromium() == "" {
		t.Skipf("none of %s is here: make browser installs Chromium", strings.Join(names, ", "))
	}
}

// id finds a row by its name.
func (s *site) id(t *testing.T, name string) string {
	t.Helper()
	var list struct{ Rows []row }
	s.get(t, "api/list", &list)
	for _, r := range list.Rows {
		if r.Name == name {
			return r.ID
		}
	}
	t.Fatalf("no %q in %+v", name, list.Rows)
	return ""
}

// get reads JSON without a browser.
func (s *site) get(t *testing.T, path string, into any) {
	t.Helper()
	response, err := http.Get(s.url + path)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if err := json.NewDecoder(response.Body).Decode(into); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
}
