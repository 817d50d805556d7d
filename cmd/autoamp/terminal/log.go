package terminal

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"
)

// NewHandler returns a handler that words log records for people: "warning: figures: error no space left on device".
func NewHandler(w io.Writer) slog.Handler { return &handler{mu: &sync.Mutex{}, w: w} }

type handler struct {
	mu     *sync.Mutex
	w      io.Writer
	attrs  []string // worded
	prefix string   // of keys in a group
}

// Enabled implements slog.Handler.
func (h *handler) Enabled(_ context.Context, l slog.Level) bool { return l >= slog.LevelInfo }

// Handle implements slog.Handler.
func (h *handler) Handle(_ context.Context, r slog.Record) error {
	attrs := append([]string{}, h.attrs...)
	r.Attrs(func(a slog.Attr) bool {
		attrs = append(attrs, h.word(a)...)
		return true
	})
	line := r.Message
	switch {
	case r.Level >= slog.LevelError:
		line = "error: " + line
	case r.Level >= slog.LevelWarn:
		line = "warning: " + line
	}
	if len(attrs) > 0 {
		line += ": " + strings.Join(attrs, ", ")
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	_, err := fmt.Fprintln(h.w, line)
	return err
}

// WithAttrs implements slog.Handler.
func (h *handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	of := *h
	of.attrs = append([]string{}, h.attrs...)
	for _, a := range attrs {
		of.attrs = append(of.attrs, h.word(a)...)
	}
	return &of
}

// WithGroup implements slog.Handler.
func (h *handler) WithGroup(name string) slog.Handler {
	of := *h
	if name != "" {
		of.prefix += name + "."
	}
	return &of
}

// word words an attribute, each attribute of a group. An empty value is left out.
func (h *handler) word(a slog.Attr) []string {
	value := a.Value.Resolve()
	if value.Kind() != slog.KindGroup {
		if text := value.String(); text != "" {
			return []string{h.prefix + a.Key + " " + text}
		}
		return nil
	}
	of := *h
	if a.Key != "" {
		of.prefix += a.Key + "."
	}
	var out []string
	for _, inner := range value.Group() {
		out = append(out, of.word(inner)...)
	}
	return out
}
