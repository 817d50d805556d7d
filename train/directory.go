package train

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
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
	checkpoint string // the newest, empty if there is none
	begun      bool   // it holds this run's config.yaml
	lock       *os.File
	log        *os.File
}

// inspect decides whether a run may have the directory, without writing anything.
func inspect(path string, c Config, resume bool) (*directory, error) {
	d := &directory{path: path}
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
	if err := sameConfig(d.file(configFile), c); err != nil {
		return fmt.Errorf("train: out = %s: holds a run with %w", d.path, err)
	}
	checkpoints, err := listCheckpoints(d.file(checkpointFolder))
	if err != nil {
		return err
	}
	if len(checkpoints) > 0 {
		d.checkpoint = checkpoints[len(checkpoints)-1]
		if err := sameConfig(filepath.Join(d.checkpoint, configFile), c); err != nil {
			return checkpointError(d.checkpoint, configFile, err)
		}
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
		if name := e.Name(); name != lockName && name != logFile && !strings.HasPrefix(name, temporary) {
			return fmt.Errorf("train: out = %s: %w: holds %s, which is not part of a run; choose another directory",
				d.path, ErrRunExists, name)
		}
	}
	return nil
}

// sameConfig reports the first field in which a stored configuration differs.
func sameConfig(path string, c Config) error {
	data, err := readSmall(path, maxConfigBytes)
	if err != nil {
		return err
	}
	stored, err := Parse(data)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if field, here, there, differ := c.diff(stored); differ {
		return fmt.Errorf("%w: %s is %s there and %s here", ErrConfigMismatch, field, there, here)
	}
	return nil
}

func (d *directory) file(name string) string { return filepath.Join(d.path, name) }

// lockExisting locks the directory if a run was in it before.
func (d *directory) lockExisting() error {
	f, err := os.OpenFile(d.file(lockName), os.O_RDWR, 0)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("train: out: %w", err)
	}
	return d.hold(f)
}

func (d *directory) hold(f *os.File) error {
	if err := lockFile(f); err != nil {
		f.Close()
		return fmt.Errorf("train: out = %s: %w", d.path, err)
	}
	d.lock = f
	return nil
}

// own makes the directory, locks it, and writes the configuration of a new run.
func (d *directory) own(c Config) error {
	if err := os.MkdirAll(d.path, 0o777); err != nil {
		return fmt.Errorf("train: out: %w", err)
	}
	if err := d.lockNew(); err != nil {
		return err
	}
	var err error
	if d.log, err = os.OpenFile(d.file(logFile), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o666); err != nil {
		return fmt.Errorf("train: out: %w", err)
	}
	if !d.begun {
		data, err := c.YAML()
		if err == nil {
			err = writeBytes(d.file(configFile), data)
		}
		if err != nil {
			return fmt.Errorf("train: out: %w", err)
		}
	}
	if err := os.MkdirAll(d.file(checkpointFolder), 0o777); err != nil {
		return fmt.Errorf("train: out: %w", err)
	}
	return nil
}

// lockNew locks the directory if lockExisting found nothing to lock.
func (d *directory) lockNew() error {
	if d.lock != nil {
		return nil
	}
	f, err := os.OpenFile(d.file(lockName), os.O_RDWR|os.O_CREATE, 0o666)
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
	for _, f := range []*os.File{d.log, d.lock} {
		if f != nil {
			f.Close()
		}
	}
}
