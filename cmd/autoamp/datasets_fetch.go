package main

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"autoamp/cmd/autoamp/terminal"
	"autoamp/datasets"
)

// datasetsFetchCmd is autoamp datasets fetch.
type datasetsFetchCmd struct {
	imageFlags
	From string `complete:"dir" help:"Take the files from a directory instead of the mirrors: as they are, gzipped, or the archive." placeholder:"DIR"`
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
	bytes := &transfer{a: a}
	defer a.clear()
	l, err := datasets.Fetch(ctx, datasets.FetchSettings{Name: c.Name, Dir: dir, From: c.From, Progress: bytes.update, Log: a.log})
	if err != nil {
		return err
	}
	a.clear()
	fmt.Fprintf(a.stdout, "%s in %s: %d training and %d test images of %v\n",
		c.Name, filepath.Join(dir, c.Name), l.Train.Len(), l.Test.Len(), l.Train.Shape)
	if len(l.Missing) > 0 {
		fmt.Fprintf(a.stdout, "%d of %d training images: %s are not there\n", l.Train.Len(), l.Full, strings.Join(l.Missing, ", "))
	}
	return nil
}

// transfer shows how much of a file has arrived: a bar on a terminal, elsewhere a line every 30 seconds.
type transfer struct {
	a     *app
	file  string
	pace  terminal.Pace
	began time.Time // of the file
	next  time.Time // when the next line is due
}

// update is datasets.FetchSettings' Progress.
func (t *transfer) update(file string, done, total int64) {
	now := time.Now()
	if file != t.file {
		t.file, t.began, t.next, t.pace = file, now, now.Add(silence), terminal.Pace{Window: 10 * time.Second}
	}
	const mb = 1e6
	size := fmt.Sprintf("%.1f of %.1f MB", float64(done)/mb, float64(total)/mb)
	t.pace.Add(now.Sub(t.began), float64(done)/mb)
	switch {
	case !t.a.draws() && now.After(t.next):
		t.next = now.Add(silence)
		fmt.Fprintf(t.a.notes(), "%s: %s\n", file, size)
	case t.a.draws() && t.a.screen.Due():
		t.a.showBar(terminal.Fields{file, size, t.pace.Rate("MB"), t.pace.Left(float64(total-done) / mb)}, float64(done), float64(total))
	}
}
