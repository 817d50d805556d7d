package reproduce

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"autoamp/datasets/durable"
	"autoamp/train"
	"autoamp/train/sweep/cells"
)

// manifest is run.json: which run a directory belongs to.
type manifest struct {
	Format      int      `json:"format"`
	Experiments []string `json:"experiments"`
	Scale       Scale    `json:"scale"`
	Seed        uint64   `json:"seed"`
}

const (
	manifestFile   = "run.json"
	manifestFormat = 2 // 1 had no checksums
	tableFile      = "table.csv"
	verdictFile    = "verdict.json"
	costFile       = "cost.json"
	reportFile     = "index.html"
	matricesFolder = "matrices"
	cellsFolder    = "cells"
)

// manifestOf is the manifest of a suite.
func manifestOf(experiments []*Experiment, p Params) manifest {
	m := manifest{Format: manifestFormat, Scale: p.Scale, Seed: p.Seed}
	for _, e := range experiments {
		m.Experiments = append(m.Experiments, e.Name)
	}
	return m
}

// take locks a directory for the run of a manifest, or refuses if it holds another run or other files.
func (s Settings) take(m manifest) (*durable.Held, error) {
	if _, err := m.inspect(s.Dir); err != nil {
		return nil, err
	}
	held, err := s.hold()
	if err != nil {
		return nil, err
	}
	begun, err := m.inspect(s.Dir) // again: another process may have begun
	if err == nil && !begun {
		err = durable.WriteJSON(held, filepath.Join(s.Dir, manifestFile), m)
	}
	if err != nil {
		held.Close()
		return nil, err
	}
	return held, nil
}

// hold makes the directory if there is none, locks it, and removes the files that an earlier process did not finish.
func (s Settings) hold() (*durable.Held, error) {
	disk := s.Disk
	if disk == nil {
		disk = durable.OS
	}
	err := durable.MkdirAll(disk, s.Dir)
	var held *durable.Held
	if err == nil {
		held, err = durable.Hold(disk, s.Dir)
	}
	if errors.Is(err, durable.ErrLocked) {
		return nil, refused(s.Dir, "%w; wait for it, or choose another directory", err)
	}
	if err != nil {
		return nil, refuse(fmt.Errorf("reproduce: out: %w", err))
	}
	if !held.Locked {
		s.log().Warn("no lock: do not start a second process with this directory", "out", s.Dir, "error", durable.ErrNoLocks)
	}
	durable.Sweep(held, s.Dir)
	return held, nil
}

// log returns the logger. If there is none, it returns a logger that drops all messages.
func (s Settings) log() *slog.Logger {
	if s.Logger == nil {
		return slog.New(slog.DiscardHandler)
	}
	return s.Logger
}

// inspect decides whether a run may use a directory, and reports whether the run has begun there. It writes nothing.
func (m manifest) inspect(dir string) (begun bool, err error) {
	path := filepath.Join(dir, manifestFile)
	var there manifest
	err = durable.ReadJSON(path, maxJSON, &there)
	if errors.Is(err, fs.ErrNotExist) {
		return false, m.refuseForeign(dir)
	}
	if err != nil {
		return false, refuseDamaged(path, err, "if it is not of an earlier version, remove it to have it written again; or choose another directory")
	}
	if field, here, is := m.differs(there); field != "" {
		return false, refused(dir, "holds a run with another %s, %s instead of %s; choose another directory", field, is, here)
	}
	return true, nil
}

// differs names the first field in which a directory's manifest differs from m, with both values.
func (m manifest) differs(there manifest) (field, here, is string) {
	switch {
	case there.Format != m.Format:
		return "format", fmt.Sprint(m.Format), fmt.Sprint(there.Format)
	case !slices.Equal(there.Experiments, m.Experiments):
		return "experiment", strings.Join(m.Experiments, " "), strings.Join(there.Experiments, " ")
	case there.Scale != m.Scale:
		return "scale", string(m.Scale), string(there.Scale)
	case there.Seed != m.Seed:
		return "seed", fmt.Sprint(m.Seed), fmt.Sprint(there.Seed)
	}
	return "", "", ""
}

// refuseForeign refuses a directory with files in it that are not of such a run.
func (m manifest) refuseForeign(dir string) error {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return refuse(fmt.Errorf("reproduce: out: %w", err))
	}
	for _, e := range entries {
		name := e.Name()
		own := name == durable.LockName || name == reportFile || strings.HasPrefix(name, durable.Temporary) || slices.Contains(m.Experiments, name) ||
			slices.Contains([]string{cells.PlanFile, cells.ClaimsFolder, cells.DoneFolder, cells.FailedFolder, cells.RunsFolder, cells.LogsFolder}, name)
		if !own && !durable.Unrelated(name) {
			return refused(dir, "holds %s, which is not part of a reproduction; choose another directory", name)
		}
	}
	return nil
}

// refused is an error of a run that did not begin.
func refused(dir, format string, args ...any) error {
	return &train.RefusedError{Err: fmt.Errorf("reproduce: out = %s: "+format, append([]any{dir}, args...)...)}
}
