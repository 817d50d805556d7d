package serve

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"time"
)

// The times of events.
const (
	// period is the least time between two looks at the files. A look that takes long is followed by a pause lazy times as long, but for
	// at most longest: looking takes less than a hundredth of the time, and a run that trains keeps the rest.
	period  = 500 * time.Millisecond
	lazy    = 100
	longest = 15 * time.Second
	// beat is the time between comments, by which a stream that nobody reads is noticed.
	beat = 15 * time.Second
	// patience is how long a reader may take for an event.
	patience = 10 * time.Second
	// waiting is the number of events that may wait for a reader.
	waiting = 8
)

// hub tells readers what has changed. It looks at the files while there are readers.
type hub struct {
	registry *registry
	pause    func(ctx context.Context, d time.Duration) bool // false once ctx is done

	mu      sync.Mutex // guards what follows
	readers map[chan []byte]bool
	stop    context.CancelFunc // of the watch; nil while there is none
	told    uint64             // the newest version that readers know
	ended   bool
}

func newHub(r *registry) *hub {
	return &hub{registry: r, pause: sleep, readers: map[chan []byte]bool{}}
}

// sleep waits; it returns false once ctx is done.
func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// join adds a reader. The watch begins with the first.
func (h *hub) join() chan []byte {
	h.mu.Lock()
	defer h.mu.Unlock()
	events := make(chan []byte, waiting)
	if h.ended {
		close(events)
		return events
	}
	h.readers[events] = true
	if h.stop == nil {
		ctx, stop := context.WithCancel(context.Background())
		h.stop, h.told = stop, h.registry.current()
		go h.watch(ctx)
	}
	return events
}

// leave removes a reader, and ends the watch with the last.
func (h *hub) leave(events chan []byte) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.readers, events)
	if len(h.readers) == 0 && h.stop != nil {
		h.stop()
		h.stop = nil
	}
}

// watch looks at the files and tells what has changed.
func (h *hub) watch(ctx context.Context) {
	pause := period
	for h.pause(ctx, pause) {
		began := time.Now()
		_ = h.registry.refresh(ctx) // folders that cannot be listed hold nothing; the list says why
		h.tell()
		pause = min(longest, max(period, lazy*time.Since(began)))
	}
}

// end tells the last changes and ends all streams.
func (h *hub) end() {
	h.registry.stale()
	_ = h.registry.refresh(context.Background()) // as in watch
	h.tell()
	h.mu.Lock()
	defer h.mu.Unlock()
	h.ended = true
	for events := range h.readers {
		delete(h.readers, events)
		close(events)
	}
	if h.stop != nil {
		h.stop()
	}
}

// tell sends what has changed to every reader. A reader for whom too many events wait is sent away; the page comes again.
func (h *hub) tell() {
	h.mu.Lock()
	defer h.mu.Unlock()
	change := h.registry.since(h.told)
	if change.Version == h.told {
		return
	}
	h.told = change.Version
	event := newEvent(change)
	for events := range h.readers {
		select {
		case events <- event:
		default:
			delete(h.readers, events)
			close(events)
		}
	}
}

// newEvent is a change as it stands in a stream.
func newEvent(c Change) []byte {
	data, err := json.Marshal(c)
	if err != nil { // rows hold only finite numbers
		data = []byte(`{}`)
	}
	return fmt.Appendf(nil, "event: change\nid: %d\ndata: %s\n\n", c.Version, data)
}

// events answers with a stream of changes.
func (s *Server) events(w http.ResponseWriter, r *http.Request) {
	events := s.hub.join()
	defer s.hub.leave(events)
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	out := http.NewResponseController(w)
	write := func(text []byte) bool {
		_ = out.SetWriteDeadline(time.Now().Add(patience)) // a connection without deadlines is that of a test
		_, err := w.Write(text)
		return err == nil && out.Flush() == nil
	}
	ok := write(newEvent(Change{Version: s.hub.registry.current(), Rows: []Row{}, Removed: []string{}}))
	ticker := time.NewTicker(beat)
	defer ticker.Stop()
	for ok {
		select {
		case <-r.Context().Done():
			return
		case <-ticker.C:
			ok = write([]byte(":\n\n"))
		case event, open := <-events:
			ok = open && write(event)
		}
	}
}
