package reproduce

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"autoamp/datasets"
	"autoamp/train"
)

// manifest is run.json: what a directory is for.
type manifest struct {
	Format      int      `json:"format"`
	Experiments []string `json:"experiments"`
	Scale       Scale    `json:"scale"`
	Seed        uint64   `json:"seed"`
}

const (
	manifestFile   = "run.json"
	manifestFormat = 1
	tableFile      = "table.csv"
	verdictFile    = "verdict.json"
	costFile       = "cost.json"
	reportFile     = "index.html"
	matricesFolder = "matrices"
	cellsFolder    = "cells"
)

// claimDirectory takes dir for a run, or refuses if it holds another one or other files.
func claimDirectory(dir string, m manifest) error {
	data, err := os.ReadFile(filepath.Join(dir, manifestFile))
	if errors.Is(err, fs.ErrNotExist) {
		if err := refuseForeign(dir); err != nil {
			return err
		}
		if err := os.MkdirAll(dir, 0o777); err != nil {
			return fmt.Errorf("reproduce: out: %w", err)
		}
		return writeJSON(filepath.Join(dir, manifestFile), m)
	}
	var there manifest
	if err == nil {
		err = json.Unmarshal(data, &there)
	}
	if err != nil {
		return fmt.Errorf("reproduce: out = %s: %s: %w", dir, manifestFile, err)
	}
	if field, here, is := m.differs(there); field != "" {
		return refused(dir, "holds a run with another %s, %s instead of %s; choose another directory", field, is, here)
	}
	return nil
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

// refuseForeign refuses a directory with files in it that are not ours.
func refuseForeign(dir string) error {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return &train.RefusedError{Err: fmt.Errorf("reproduce: out: %w", err)}
	}
	if len(entries) > 0 {
		return refused(dir, "holds %s, which is not part of a reproduction; choose another directory", entries[0].Name())
	}
	return nil
}

// refused is an error of a run that did not begin.
func refused(dir, format string, args ...any) error {
	return &train.RefusedError{Err: fmt.Errorf("reproduce: out = %s: "+format, append([]any{dir}, args...)...)}
}

// writeJSON writes a value, indented.
func writeJSON(path string, value any) error {
	data, err := json.MarshalIndent(value, "", "  ")
	if err == nil {
		err = datasets.WriteFile(path, func(w io.Writer) error {
			_, err := w.Write(append(data, '\n'))
			return err
		})
	}
	if err != nil {
		return fmt.Errorf("reproduce: %w", err)
	}
	return nil
}
