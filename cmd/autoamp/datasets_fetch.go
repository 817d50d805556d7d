package main

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"time"

	"github.com/schollz/progressbar/v3"

	"autoamp/datasets"
)

// datasetsFetchCmd is autoamp datasets fetch.
type datasetsFetchCmd struct {
	imageFlags
	From string `help:"Take the files from a directory instead of the mirrors: as they are, gzipped, or the archive." placeholder:"DIR"`
}

// Help is shown by autoamp datasets fetch --help.
func (c *datasetsFetchCmd) Help() string {
	return `Tries the official mirrors in order. A file gets its name when it is whole and has the published
checksum. What was interrupted goes on where it stopped. With --from, training batches of CIFAR-10
may be missing.`
}

// Run fetches an image set.
func (c *datasetsFetchCmd) Run(ctx context.Context, a *app) error {
	dir, err := c.directory()
	if err != nil {
		return err
	}
	bytes := &transfer{w: a.stderr}
	defer bytes.done()
	l, err := datasets.Fetch(ctx, datasets.FetchSettings{Name: c.Name, Dir: dir, From: c.From, Progress: bytes.update, Log: a.log})
	if err != nil {
		return err
	}
	bytes.done()
	fmt.Fprintf(a.stdout, "%s in %s: %d training and %d test images of %v\n",
		c.Name, filepath.Join(dir, c.Name), l.Train.Len(), l.Test.Len(), l.Train.Shape)
	if len(l.Missing) > 0 {
		fmt.Fprintf(a.stdout, "%d of %d training images: %s are not there\n", l.Train.Len(), l.Full, strings.Join(l.Missing, ", "))
	}
	return nil
}

// transfer shows how much of a file has arrived: a bar on a terminal, elsewhere a line every 30 seconds.
type transfer struct {
	w    io.Writer
	bar  *progressbar.ProgressBar // nil without a terminal
	file string
	next time.Time // when the next line is due
}

// update is datasets.FetchSettings' Progress.
func (t *transfer) update(file string, done, total int64) {
	if file != t.file {
		t.done()
		t.file, t.next = file, time.Now().Add(quiet)
		if f, ok := terminal(t.w); ok {
			t.bar = progressbar.NewOptions64(total,
				progressbar.OptionSetWriter(f), progressbar.OptionClearOnFinish(), progressbar.OptionFullWidth(),
				progressbar.OptionShowBytes(true), progressbar.OptionThrottle(100*time.Millisecond),
				progressbar.OptionSetDescription(file))
		}
	}
	switch {
	case t.bar != nil:
		_ = t.bar.Set64(done) // a terminal that went away is no reason to stop
	case time.Now().After(t.next):
		t.next = time.Now().Add(quiet)
		fmt.Fprintf(t.w, "%s: %.1f of %.1f MB\n", file, float64(done)/1e6, float64(total)/1e6)
	}
}

// done removes the bar. It may be called twice.
func (t *transfer) done() {
	if t.bar != nil {
		_ = t.bar.Clear()
		t.bar = nil
	}
}
