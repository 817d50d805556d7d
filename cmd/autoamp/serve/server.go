package serve

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"time"
)

// Settings configures a Server.
type Settings struct {
	// Dirs are the folders to look in. There is at least one.
	Dirs []string
	// Addr is the address to listen at, host:port; port 0 takes a free one. Empty means 127.0.0.1:0.
	Addr string
	// Resume is the command line that continues the run in a directory.
	Resume func(dir string) string
	// Logger receives warnings. Nil means none.
	Logger *slog.Logger
}

// Server shows what is below folders.
type Server struct {
	Settings
	listener net.Listener
	token    string // empty on the loopback
	registry *registry
	http     http.Server
}

// New looks at the folders and listens. A folder that does not exist and an address that is taken are errors.
func New(ctx context.Context, s Settings) (*Server, error) {
	if s.Logger == nil {
		s.Logger = slog.New(slog.DiscardHandler)
	}
	if s.Addr == "" {
		s.Addr = "127.0.0.1:0"
	}
	server := &Server{Settings: s, registry: newRegistry(s.Dirs)}
	if err := server.registry.refresh(ctx); err != nil {
		return nil, err
	}
	if err := server.listen(ctx); err != nil {
		return nil, err
	}
	handler, err := server.handler()
	if err != nil {
		server.listener.Close()
		return nil, err
	}
	server.http = http.Server{
		Handler: handler, ReadHeaderTimeout: headerTimeout, IdleTimeout: idleTimeout, MaxHeaderBytes: maxHeader,
		ErrorLog: slog.NewLogLogger(s.Logger.Handler(), slog.LevelDebug),
	}
	return server, nil
}

// Limits of a connection.
const (
	headerTimeout = 10 * time.Second
	idleTimeout   = 2 * time.Minute
	maxHeader     = 16 << 10
	// closing is how long Serve waits for answers that are under way when it ends.
	closing = time.Second
)

// listen opens the address.
func (s *Server) listen(ctx context.Context) error {
	var err error
	if s.listener, err = (&net.ListenConfig{}).Listen(ctx, "tcp", s.Addr); err != nil {
		return fmt.Errorf("serve: addr = %s: %w", s.Addr, err)
	}
	return nil
}

// URL is the address of the page, with the token where one is needed.
func (s *Server) URL() string {
	u := url.URL{Scheme: "http", Host: s.listener.Addr().String(), Path: "/"}
	if s.token != "" {
		u.RawQuery = url.Values{tokenKey: {s.token}}.Encode()
	}
	return u.String()
}

// Serve answers until ctx is done.
func (s *Server) Serve(ctx context.Context) error {
	s.http.BaseContext = func(net.Listener) context.Context { return ctx } // streams of events end with it
	ended := make(chan error, 1)
	stop := context.AfterFunc(ctx, func() {
		late, cancel := context.WithTimeout(context.WithoutCancel(ctx), closing)
		defer cancel()
		ended <- errors.Join(s.http.Shutdown(late), s.http.Close())
	})
	err := s.http.Serve(s.listener)
	if stop() {
		return fmt.Errorf("serve: %w", err)
	}
	<-ended
	return nil
}
