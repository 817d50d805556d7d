package serve

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// paced is a pause of the watch that a test ends, and reports that the watch has come there.
type paced struct{ at, on chan bool }

func (p paced) pause(ctx context.Context, _ time.Duration) bool {
	select {
	case p.at <- true:
	case <-ctx.Done():
		return false
	}
	select {
	case <-p.on:
		return true
	case <-ctx.Done():
		return false
	}
}

// look has the watch look once, and waits until it has.
func (p paced) look() {
	p.on <- true
	<-p.at
}

// pacedHub is a hub of a folder, whose watch a test steps.
func pacedHub(root string) (*hub, paced) {
	p := paced{make(chan bool), make(chan bool)}
	h := newHub(newRegistry([]string{root}))
	h.pause = p.pause
	return h, p
}

// change is what an event says.
func change(t *testing.T, event []byte) Change {
	t.Helper()
	_, data, _ := strings.Cut(string(event), "data: ")
	var c Change
	if err := json.Unmarshal([]byte(data), &c); err != nil {
		t.Fatalf("%v: %s", err, event)
	}
	return c
}

// TestEvents follows a run that appears, changes and goes.
func TestEvents(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	dir := filepath.Join(root, "a")
	h, p := pacedHub(root)
	look := func() { h.registry.stale(); p.look() }
	events := h.join()
	<-p.at
	look()
	if len(events) != 0 {
		t.Error("an event without a change")
	}
	trained(t, dir)
	look()
	c := change(t, <-events)
	if len(c.Rows) != 2 || c.Rows[0].Name != "a" || c.Rows[0].State != "finished" || len(c.Removed) != 0 {
		t.Errorf("%+v", c)
	}
	unfinished(t, dir)
	look()
	if c := change(t, <-events); c.Rows[0].State != "interrupted" {
		t.Errorf("%+v", c)
	}
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	look()
	if c := change(t, <-events); len(c.Rows) != 0 || len(c.Removed) != 1 {
		t.Errorf("%+v", c)
	}
	h.leave(events)
}

// TestNobodyListens checks that nothing is looked at before the first reader and after the last.
func TestNobodyListens(t *testing.T) {
	t.Parallel()
	h, p := pacedHub(t.TempDir())
	if !h.registry.looked.IsZero() {
		t.Error("looked without a reader")
	}
	a, b := h.join(), h.join()
	<-p.at
	h.leave(a)
	p.look()
	h.leave(b)
	if h.stop != nil {
		t.Error("the watch goes on")
	}
	c := h.join() // a new watch
	<-p.at
	h.leave(c)
}

// TestSlowReader checks that a reader who takes no event is sent away, and that others are told.
func TestSlowReader(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	dir := filepath.Join(root, "a")
	trained(t, dir)
	h, p := pacedHub(root)
	slow, quick := h.join(), h.join()
	<-p.at
	for i := range waiting + 1 {
		at := time.Unix(int64(1_000_000+i), 0)
		if err := os.Chtimes(filepath.Join(dir, "summary.json"), at, at); err != nil {
			t.Fatal(err)
		}
		h.registry.stale()
		p.look()
		change(t, <-quick)
	}
	n := 0
	for range slow {
		n++
	}
	if n != waiting {
		t.Errorf("%d events before the slow reader was sent away, want %d", n, waiting)
	}
	h.leave(slow)
	h.leave(quick)
}

// TestStream reads events over the network, to the end of the server.
func TestStream(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	s, err := New(t.Context(), Settings{Dirs: []string{root}})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	ended := make(chan error)
	go func() { ended <- s.Serve(ctx) }()
	answer, err := http.Get(s.URL() + "api/events")
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if kind := answer.Header.Get("Content-Type"); kind != "text/event-stream" {
		t.Errorf("%s", kind)
	}
	var got []Change
	lines := bufio.NewScanner(answer.Body)
	for lines.Scan() {
		if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
			var c Change
			if err := json.Unmarshal([]byte(data), &c); err != nil {
				t.Fatal(err)
			}
			if got = append(got, c); len(got) == 1 {
				trained(t, filepath.Join(root, "a"))
				cancel() // the last change is told nevertheless
			}
		}
	}
	if len(got) < 2 || len(got[len(got)-1].Rows) != 2 {
		t.Errorf("%+v", got)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
