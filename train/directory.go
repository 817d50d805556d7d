package train

import (
	"errors"
	"fmt"
	"io"
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
	lockName      = durable.LockName
)

// directory is a run directory: first looked at, then, once nothing can be refused any more,
// owned.
type directory struct {
	path       string
	disk       durable.Disk
	checkpoint *checkpoint // the newest, nil if there is none
	begun      bool        // it holds this run's config.yaml
	held       *durable.Held
	log        durable.File
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
	stored, err := LoadRun(d.path)
	if err != nil {
		return err
	}
	if err := differs(c, stored); err != nil {
		return fmt.Errorf("train: out = %s: holds a run with %w", d.path, err)
	}
	return nil
}

// LoadRun reads the configuration of the run in a directory, with overrides as Parse takes them. A config.yaml that was changed
// since the run wrote it is an error.
func LoadRun(dir string, overrides ...string) (Config, error) {
	path := filepath.Join(dir, configFile)
	data, err := durable.ReadFile(path, maxConfigBytes)
	if err == nil {
		_, err = durable.OpenText(data)
	}
	if err != nil {
		return Config{}, fmt.Errorf("train: %s: %w; the checkpoints have copies of it, unless an earlier version of autoamp wrote it, which alone continues it", path, err)
	}
	c, err := Parse(data, overrides...)
	if err != nil {
		return Config{}, fmt.Errorf("train: %s: %w", path, err)
	}
	return c, nil
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
		name := e.Name()
		own := name == lockName || name == logFile || strings.HasPrefix(name, durable.Temporary)
		if !own && !durable.Unrelated(name) {
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
	return d.hold()
}

// hold locks the directory. From then on changes are made only while it is the same.
func (d *directory) hold() error {
	held, err := durable.Hold(d.disk, d.path)
	switch {
	case errors.Is(err, durable.ErrLocked):
		return fmt.Errorf("train: out = %s: %w", d.path, ErrLocked)
	case err != nil:
		return fmt.Errorf("train: out = %s: lock: %w", d.path, err)
	}
	d.held, d.disk = held, held
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

// warn says what keeps the directory from being safe.
func (d *directory) warn(log *slog.Logger) {
	if !d.held.Locked {
		log.Warn("the file system has no locks: keep a second run out of the directory yourself", keyOut, d.path)
	}
}

// lockNew locks the directory if lockExisting found nothing to lock.
func (d *directory) lockNew() error {
	if d.held != nil {
		return nil
	}
	if err := d.hold(); err != nil {
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
	if d.log != nil {
		d.log.Close()
	}
	if d.held != nil {
		d.held.Close()
	}
}
