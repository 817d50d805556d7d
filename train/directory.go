package train

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"autoamp/datasets/durable"
)

// The files of a run directory, besides config.yaml and checkpoints/.
const (
	metricsFile   = "metrics.csv"
	structureFile = "structure.csv"
	sweepFile     = "sweep.csv"
	gdminFile     = "gdmin.csv"
	summaryFile   = "summary.json"
	logFile       = "log.txt"
	lockName      = "lock"
)

// directory is a run directory: first looked at, then, once nothing can be refused any more,
// owned.
type directory struct {
	path       string
	disk       durable.Disk
	checkpoint *checkpoint // the newest, nil if there is none
	begun      bool        // it holds this run's config.yaml
	lock       durable.File
	noLocks    bool // the file system has none
	log        durable.File
	inodes     map[string]fs.FileInfo // of the directory and its lock, once it is owned
}

// inspect decides whether a run may have the directory, without writing anything.
func inspect(disk durable.Disk, path string, c Config, resume bool) (*directory, error) {
	d := &directory{path: path, disk: disk}
	if err := d.lockExisting(); err != nil {
		return nil, err
	}
	if err := d.inspect(c, resume); err != nil {
		d.close()
		return nil, err
	}
	return d, nil
}

func (d *directory) inspect(c Config, resume bool) error {
	d.begun = exists(d.file(configFile))
	switch {
	case d.begun && !resume:
		return fmt.Errorf("train: out = %s: holds a run: %w; choose another directory, or --resume to continue it",
			d.path, ErrRunExists)
	case !d.begun:
		return d.inspectEmpty()
	}
	if err := d.sameConfig(c); err != nil {
		return err
	}
	checkpoints, err := listCheckpoints(d.file(checkpointFolder))
	if err != nil || len(checkpoints) == 0 {
		return err
	}
	path := checkpoints[len(checkpoints)-1]
	if d.checkpoint, err = openCheckpoint(path); err != nil {
		return err
	}
	if err := differs(c, d.checkpoint.config); err != nil {
		return checkpointError(path, configFile, err)
	}
	return nil
}

// sameConfig compares a configuration with the one of the run.
func (d *directory) sameConfig(c Config) error {
	path := d.file(configFile)
	data, err := durable.ReadFile(path, maxConfigBytes)
	if err == nil {
		_, err = durable.OpenText(data)
	}
	var stored Config
	if err == nil {
		stored, err = Parse(data)
	}
	if err != nil {
		return fmt.Errorf("train: %s: %w; the checkpoints have copies of it", path, err)
	}
	if err := differs(c, stored); err != nil {
		return fmt.Errorf("train: out = %s: holds a run with %w", d.path, err)
	}
	return nil
}

// differs reports the first field in which a stored configuration is another one.
func differs(c, stored Config) error {
	if field, here, there, differ := c.diff(stored); differ {
		return fmt.Errorf("%w: %s is %s there and %s here", ErrConfigMismatch, field, there, here)
	}
	return nil
}

// inspectEmpty refuses a directory with files that are not a run's. What a run leaves that was
// killed before it wrote its configuration is no obstacle.
func (d *directory) inspectEmpty() error {
	entries, err := os.ReadDir(d.path)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("train: out: %w", err)
	}
	for _, e := range entries {
		if name := e.Name(); name != lockName && name != logFile && !strings.HasPrefix(name, durable.Temporary) {
			return fmt.Errorf("train: out = %s: %w: holds %s, which is not part of a run; choose another directory",
				d.path, ErrRunExists, name)
		}
	}
	return nil
}

func (d *directory) file(name string) string { return filepath.Join(d.path, name) }

// lockExisting locks the directory if a run was in it before.
func (d *directory) lockExisting() error {
	if !exists(d.file(lockName)) {
		return nil
	}
	f, err := durable.Append(d.disk, d.file(lockName))
	if err != nil {
		return fmt.Errorf("train: out: %w", err)
	}
	return d.hold(f)
}

func (d *directory) hold(f durable.File) error {
	switch err := durable.Lock(f); {
	case errors.Is(err, durable.ErrLocked):
		f.Close()
		return fmt.Errorf("train: out = %s: %w", d.path, ErrLocked)
	case errors.Is(err, durable.ErrNoLocks):
		d.noLocks = true
	case err != nil:
		f.Close()
		return fmt.Errorf("train: out = %s: lock: %w", d.path, err)
	}
	d.lock = f
	return nil
}

// own makes the directory, locks it, clears what an earlier process left half-written, and writes the configuration of a new
// run.
func (d *directory) own(c Config) error {
	if err := durable.MkdirAll(d.disk, d.path); err != nil {
		return fmt.Errorf("train: out: %w", err)
	}
	if err := d.lockNew(); err != nil {
		return err
	}
	if err := d.recordInodes(); err != nil {
		return err
	}
	durable.Sweep(d.disk, d.path)
	var err error
	if d.log, err = durable.Append(d.disk, d.file(logFile)); err != nil {
		return fmt.Errorf("train: out: %w", err)
	}
	if !d.begun {
		data, err := c.YAML()
		if err == nil {
			err = durable.WriteBytes(d.disk, d.file(configFile), durable.SealText(data))
		}
		if err != nil {
			return fmt.Errorf("train: out: %w", err)
		}
	}
	if err := durable.MkdirAll(d.disk, d.file(checkpointFolder)); err != nil {
		return fmt.Errorf("train: out: %w", err)
	}
	return nil
}

// recordInodes remembers which directory and which lock are this run's.
func (d *directory) recordInodes() error {
	d.inodes = map[string]fs.FileInfo{}
	for _, path := range []string{d.path, d.file(lockName)} {
		info, err := os.Stat(path)
		if err != nil {
			return fmt.Errorf("train: out: %w", err)
		}
		d.inodes[path] = info
	}
	return nil
}

// same reports whether the directory and its lock are still those that the run owns. Whoever removed or renamed them must not
// find a torso of the run in their place.
func (d *directory) same() error {
	for path, was := range d.inodes {
		if now, err := os.Stat(path); err != nil || !os.SameFile(was, now) {
			return fmt.Errorf("train: out = %s: %w: %s is not what it was when the run began; nothing more is written there",
				d.path, ErrGone, path)
		}
	}
	return nil
}

// warn says what keeps the directory from being safe.
func (d *directory) warn(log *slog.Logger) {
	if d.noLocks {
		log.Warn("the file system has no locks: keep a second run out of the directory yourself", keyOut, d.path)
	}
}

// lockNew locks the directory if lockExisting found nothing to lock.
func (d *directory) lockNew() error {
	if d.lock != nil {
		return nil
	}
	f, err := durable.Append(d.disk, d.file(lockName))
	if err != nil {
		return fmt.Errorf("train: out: %w", err)
	}
	if err := d.hold(f); err != nil {
		return err
	}
	if !d.begun && exists(d.file(configFile)) { // another run began since inspect
		return fmt.Errorf("train: out = %s: %w", d.path, ErrRunExists)
	}
	return nil
}

// logger adds the directory's log.txt to a logger that may be nil.
func (d *directory) logger(l *slog.Logger) *slog.Logger {
	var w io.Writer = io.Discard
	if d != nil && d.log != nil {
		w = d.log
	}
	own := slog.NewTextHandler(w, nil)
	if l == nil {
		return slog.New(own)
	}
	return slog.New(slog.NewMultiHandler(l.Handler(), own))
}

func (d *directory) close() {
	if d == nil {
		return
	}
	for _, f := range []durable.File{d.log, d.lock} {
		if f != nil {
			f.Close()
		}
	}
}
