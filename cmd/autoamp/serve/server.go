package serve

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"time"

	"autoamp/train/rundir"
)

// Settings configures a Server.
type Settings struct {
	// Dirs are the folders to look in. There is at least one.
	Dirs []string
	// Wait allows folders that do not exist yet.
	Wait bool
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
	http     http.Server

	registry       *registry
	hub            *hub
	theories       *theories
	pictures       *pictures
	drawings       *drawings
	metricsFiles   *files[rundir.Row]
	structureFiles *files[rundir.StructureRow]
}

// New looks at the folders and listens. A folder that does not exist and an address that is taken are errors.
func New(ctx context.Context, s Settings) (*Server, error) {
	if s.Logger == nil {
		s.Logger = slog.New(slog.DiscardHandler)
	}
	if s.Addr == "" {
		s.Addr = "127.0.0.1:0"
	}
	registry := newRegistry(s.Dirs)
	server := &Server{
		Settings: s, registry: registry, hub: newHub(registry), theories: newTheories(registry.touch), pictures: newPictures(), drawings: newDrawings(registry.touch),
		metricsFiles: newMetricsFiles(), structureFiles: newStructureFiles(),
	}
	registry.limits = server.theories.limits
	if err := registry.refresh(ctx); err != nil && !s.Wait {
		return nil, err
	}
	handler, err := server.handler()
	if err == nil {
		err = server.listen(ctx)
	}
	if err != nil {
		return nil, err
	}
	server.http = http.Server{
		Handler: handler, ReadHeaderTimeout: headerTimeout, WriteTimeout: writeTimeout, IdleTimeout: idleTimeout, MaxHeaderBytes: maxHeader,
		ErrorLog: slog.NewLogLogger(s.Logger.Handler(), slog.LevelDebug),
	}
	return server, nil
}

// Limits of a connection.
const (
	headerTimeout = 10 * time.Second
	writeTimeout  = time.Minute // of an answer; a stream of events sets its own
	idleTimeout   = 2 * time.Minute
	maxHeader     = 16 << 10
	// closing is how long Serve waits for answers that are under way when it ends.
	closing = time.Second
)

// listen opens the address.
func (s *Server) listen(ctx context.Context) error {
	var err error
	if s.listener, err = (&net.ListenConfig{}).Listen(ctx, "tcp", s.Addr); err != nil {
		return fmt.Errorf("serve: addr = %s: %w; port 0 takes a free one", s.Addr, err)
	}
	if !s.ip().IsLoopback() {
		s.token = newToken()
	}
	return nil
}

// ip is the address that the server listens at.
func (s *Server) ip() net.IP {
	at, _ := s.listener.Addr().(*net.TCPAddr) // of a listener for tcp
	return at.IP
}

// URL is the address of the page, with the token where one is needed. A server that listens at every address of the machine is named
// by the machine's name.
func (s *Server) URL() string {
	host := s.listener.Addr().String()
	if name, err := os.Hostname(); err == nil && s.ip().IsUnspecified() {
		_, port, _ := net.SplitHostPort(host) // a listener's address has a port
		host = net.JoinHostPort(name, port)
	}
	u := url.URL{Scheme: "http", Host: host, Path: "/"}
	if s.token != "" {
		u.RawQuery = url.Values{tokenKey: {s.token}}.Encode()
	}
	return u.String()
}

// Serve answers until ctx is done. Streams of events end with the last changes.
func (s *Server) Serve(ctx context.Context) error {
	ended := make(chan error, 1)
	stop := context.AfterFunc(ctx, func() {
		s.hub.end()
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
