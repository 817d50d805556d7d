package main

import (
	"context"
	"fmt"
	"net"
	"strconv"

	"autoamp/cmd/autoamp/serve"
)

// serveCmd is autoamp serve.
type serveCmd struct {
	Dir  []string `arg:"" complete:"dir" help:"Folders to look in."`
	Addr string   `complete:"-" default:"127.0.0.1:0" help:"Address to listen at; port 0 takes a free one. Another than the loopback needs a token, which is part of the address that is printed." placeholder:"HOST:PORT"`
}

// Help is shown by autoamp serve --help.
func (c *serveCmd) Help() string {
	return `A page with every run, sweep and reproduction below the folders, which follows them while they are written. The first line
of standard output is its address. Nothing is written, and runs at work are not disturbed. Ctrl-C ends it.`
}

// Run serves until the context is done.
func (c *serveCmd) Run(ctx context.Context, a *app) error {
	if err := c.checkAddr(); err != nil {
		return err
	}
	s, err := serve.New(ctx, serve.Settings{Dirs: c.Dir, Addr: c.Addr, Logger: a.log, Resume: resumeIn})
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintln(a.stdout, s.URL()); err != nil {
		return err // nobody would know the address
	}
	return s.Serve(ctx)
}

// checkAddr refuses what is no address, before anything is read.
func (c *serveCmd) checkAddr() error {
	_, port, err := net.SplitHostPort(c.Addr)
	if err == nil {
		_, err = strconv.ParseUint(port, 10, 16)
	}
	if err != nil {
		return usagef("--addr = %s: must be HOST:PORT, PORT from 0 to 65535, such as 127.0.0.1:0", c.Addr)
	}
	return nil
}

// resumeIn is the command that continues the run in a directory.
func resumeIn(dir string) string { return commandLine("train", []string{"--resume", "--out", dir}) }

// serveRun serves the run in a directory until stop is called, which returns once the last answers are given.
func (a *app) serveRun(ctx context.Context, dir string) (stop func(), err error) {
	log := a.runLog()
	s, err := serve.New(ctx, serve.Settings{Dirs: []string{dir}, Wait: true, Logger: log, Resume: resumeIn})
	if err != nil {
		return nil, err
	}
	// --quiet does not silence the address: somebody asked for it.
	fmt.Fprintf(a.stderr, "the run is shown at %s\n", s.URL())
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx)) // an interrupted run is shown until it has saved
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if err := s.Serve(ctx); err != nil {
			log.Warn("the run is no longer shown", "error", err)
		}
	}()
	return func() { cancel(); <-ended }, nil
}
