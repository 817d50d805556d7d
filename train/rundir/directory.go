package rundir

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"autoamp/datasets/durable"
	"autoamp/train/config"
)

// The files of a run directory, besides config.yaml and checkpoints/.
const (
	MetricsFile   = "metrics.csv"
	StructureFile = "structure.csv"
	SweepFile     = "sweep.csv"
	GDMinFile     = "gdmin.csv"
	SummaryFile   = "summary.json"
	LogFile       = "log.txt"
	lockName      = durable.LockName
)

// Directory is a run directory. It is first inspected and, after every check that may refuse the
// run, owned.
type Directory struct {
	Path       string
	Disk       durable.Disk
	Checkpoint *Checkpoint // the newest, nil if there is none
	begun      bool        // it holds this run's config.yaml
	held       *durable.Held
	log        durable.File
}

// Inspect decides whether a run may use the directory. It writes nothing.
func Inspect(disk durable.Disk, path string, c config.Config, resume bool) (*Directory, error) {
	d := &Directory{Path: path, Disk: disk}
	if err := d.lockExisting(); err != nil {
		return nil, err
	}
	if err := d.inspect(c, resume); err != nil {
		d.Close()
		return nil, err
	}
	return d, nil
}

func (d *Directory) inspect(c config.Config, resume bool) error {
	d.begun = Exists(d.File(ConfigFile))
	switch {
	case d.begun && !resume:
		return fmt.Errorf("train: out = %s: holds a run: %w; choose another directory, or --resume to continue it",
			d.Path, ErrRunExists)
	case !d.begun:
		return d.inspectEmpty()
	}
	if err := d.sameConfig(c); err != nil {
		return err
	}
	newest, err := Newest(d.Path)
	if errors.Is(err, ErrNoCheckpoint) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := differs(c, newest.Config); err != nil {
		return Damaged(newest.Path, ConfigFile, err)
	}
	d.Checkpoint = newest
	return nil
}

// sameConfig compares a configuration with the configuration of the run.
func (d *Directory) sameConfig(c config.Config) error {
	stored, err := LoadRun(d.Path)
	if err != nil {
		return err
	}
	if err := differs(c, stored); err != nil {
		return fmt.Errorf("train: out = %s: holds a run with %w", d.Path, err)
	}
	return nil
}

// LoadRun reads the configuration of the run in a directory, with overrides as Parse takes them. A config.yaml that was changed
// since the run wrote it is an error.
func LoadRun(dir string, overrides ...string) (config.Config, error) {
	data, err := readConfig(dir)
	if err != nil {
		return config.Config{}, err
	}
	c, err := config.ParseStored(data, overrides...)
	if err != nil {
		return config.Config{}, fmt.Errorf("train: %s: %w", filepath.Join(dir, ConfigFile), err)
	}
	return c, nil
}

// ReadTexts reads the settings of the run in a directory as they were written, see config.Texts. A config.yaml that was changed
// since is an error.
func ReadTexts(dir string) (map[string]string, error) {
	data, err := readConfig(dir)
	if err != nil {
		return nil, err
	}
	texts, err := config.Texts(data)
	if err != nil {
		return nil, fmt.Errorf("train: %s: %w", filepath.Join(dir, ConfigFile), err)
	}
	return texts, nil
}

// readConfig reads config.yaml and checks its checksum.
func readConfig(dir string) ([]byte, error) {
	path := filepath.Join(dir, ConfigFile)
	data, err := durable.ReadFile(path, config.MaxBytes)
	if err == nil {
		_, err = durable.OpenText(data)
	}
	if err != nil {
		return nil, fmt.Errorf("train: %s: %w; the checkpoints have copies of it, unless an earlier version of autoamp wrote it, which alone continues it", path, err)
	}
	return data, nil
}

// differs reports the first field in which a stored configuration differs.
func differs(c, stored config.Config) error {
	if field, here, there, differ := c.Diff(stored); differ {
		return fmt.Errorf("%w: %s is %s there and %s here", ErrConfigMismatch, field, there, here)
	}
	return nil
}

// inspectEmpty refuses a directory with files that are not a run's. Files of a run that was killed
// before it wrote its configuration are allowed.
func (d *Directory) inspectEmpty() error {
	entries, err := os.ReadDir(d.Path)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("train: out: %w", err)
	}
	for _, e := range entries {
		name := e.Name()
		own := name == lockName || name == LogFile || strings.HasPrefix(name, durable.Temporary)
		if !own && !durable.Unrelated(name) {
			return fmt.Errorf("train: out = %s: %w: holds %s, which is not part of a run; choose another directory",
				d.Path, ErrRunExists, name)
		}
	}
	return nil
}

// File is the path of a file of the directory.
func (d *Directory) File(name string) string { return filepath.Join(d.Path, name) }

// lockExisting locks the directory if a run was in it before.
func (d *Directory) lockExisting() error {
	if !Exists(d.File(lockName)) {
		return nil
	}
	return d.hold()
}

// hold locks the directory. After that the run changes files only while the directory at its path is still the locked one.
func (d *Directory) hold() error {
	held, err := durable.Hold(d.Disk, d.Path)
	switch {
	case errors.Is(err, durable.ErrLocked):
		return fmt.Errorf("train: out = %s: %w", d.Path, ErrLocked)
	case err != nil:
		return fmt.Errorf("train: out = %s: lock: %w", d.Path, err)
	}
	d.held, d.Disk = held, held
	return nil
}

// Own makes the directory, locks it, removes half-written files of an earlier process, and writes the configuration of a new
// run.
func (d *Directory) Own(c config.Config) error {
	if err := durable.MkdirAll(d.Disk, d.Path); err != nil {
		return fmt.Errorf("train: out: %w", err)
	}
	if err := d.lockNew(); err != nil {
		return err
	}
	durable.Sweep(d.Disk, d.Path)
	var err error
	if d.log, err = durable.Append(d.Disk, d.File(LogFile)); err != nil {
		return fmt.Errorf("train: out: %w", err)
	}
	if !d.begun {
		data, err := c.YAML()
		if err == nil {
			err = durable.WriteBytes(d.Disk, d.File(ConfigFile), durable.SealText(data))
		}
		if err != nil {
			return fmt.Errorf("train: out: %w", err)
		}
	}
	if err := durable.MkdirAll(d.Disk, d.File(CheckpointFolder)); err != nil {
		return fmt.Errorf("train: out: %w", err)
	}
	return nil
}

// Warn logs the reasons why the directory is not safe.
func (d *Directory) Warn(log *slog.Logger) {
	if !d.held.Locked {
		log.Warn("the file system has no locks: keep a second run out of the directory yourself", "out", d.Path)
	}
}

// lockNew locks the directory if lockExisting found nothing to lock.
func (d *Directory) lockNew() error {
	if d.held != nil {
		return nil
	}
	if err := d.hold(); err != nil {
		return err
	}
	if !d.begun && Exists(d.File(ConfigFile)) { // another run began since inspect
		return fmt.Errorf("train: out = %s: %w", d.Path, ErrRunExists)
	}
	return nil
}

// Logger adds the directory's log.txt to a logger. The logger may be nil.
func (d *Directory) Logger(l *slog.Logger) *slog.Logger {
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

// Close closes the log and gives the lock back. A nil Directory is allowed.
func (d *Directory) Close() {
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
