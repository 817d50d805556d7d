package sweep

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"autoamp/datasets/durable"
	"autoamp/train"
	"autoamp/train/rundir"
	"autoamp/train/sweep/cells"
)

// The files of a sweep's directory beside those of cells.Directory.
const (
	ManifestFile = "sweep.json"
	TableFile    = rundir.SweepFile
	SummaryFile  = rundir.SummaryFile
)

const manifestFormat = 1

// manifest is sweep.json: which sweep a directory belongs to.
type manifest struct {
	Format  int       `json:"format"`
	File    string    `json:"file"`    // the text of the newest file
	Cells   int       `json:"cells"`   // of it
	Version string    `json:"version"` // of autoamp
	Begun   time.Time `json:"begun"`
}

// maxManifest bounds sweep.json, in bytes.
const maxManifest = 1 << 20

// Sweep is a sweep in its directory.
type Sweep struct {
	cells.Directory
	Grid *Grid
	// Plan divides Jobs into tasks. Nil before the sweep was launched.
	Plan *cells.Plan
	Jobs []*cells.Job
	// Version is the version of autoamp that launched the sweep.
	Version string
}

// Is reports whether a directory holds a sweep.
func Is(dir string) bool { return rundir.Exists(filepath.Join(dir, ManifestFile)) }

// Open reads the sweep in a directory. It writes nothing.
func Open(dir string) (*Sweep, error) {
	if err := folder(dir); err != nil {
		return nil, err
	}
	m, err := readManifest(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, refused(dir, "holds no sweep: there is no %s", ManifestFile)
	}
	if err != nil {
		return nil, err
	}
	s := &Sweep{Directory: cells.NewDirectory(dir), Version: m.Version}
	if s.Grid, err = m.grid(); err != nil {
		return nil, fmt.Errorf("%s: %w", filepath.Join(dir, ManifestFile), err)
	}
	if s.Plan, err = s.ReadPlan(); err != nil {
		return nil, fmt.Errorf("sweep: %w", err)
	}
	replicas := CPUReplicas
	if s.Plan != nil {
		replicas = s.Plan.Replicas
	}
	s.Jobs = s.Grid.Jobs(replicas)
	if p := s.Plan; p != nil && (p.Jobs != len(s.Jobs) || p.File != durable.Sum([]byte(m.File))) { // a launch that was cut off in between
		s.Plan = nil
	}
	return s, nil
}

// readManifest reads sweep.json.
func readManifest(dir string) (*manifest, error) {
	path := filepath.Join(dir, ManifestFile)
	var m manifest
	err := durable.ReadJSON(path, maxManifest, &m)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.ENOTDIR) {
		return nil, refused(dir, "%w", err)
	}
	if err == nil && m.Format != manifestFormat {
		err = fmt.Errorf("format %d: this version reads %d", m.Format, manifestFormat)
	}
	if err != nil {
		return nil, &train.RefusedError{Err: fmt.Errorf("sweep: %w", &cells.DamagedError{
			Path: path, Err: err, Remedy: "remove it and run autoamp sweep FILE --out again; no result is lost",
		})}
	}
	return &m, nil
}

// grid is the grid of the file in a manifest, whose cells were checked when it was written.
func (m *manifest) grid() (*Grid, error) {
	f, err := Parse([]byte(m.File))
	if err != nil {
		return nil, err
	}
	e, err := f.expand(m.Cells)
	if err != nil {
		return nil, err
	}
	return e.Grid, e.keys()
}

// Launch is how a sweep is to be run.
type Launch = cells.Launch

// Begin makes or takes the directory of a grid, and writes manifest and plan. The claim is the launcher's: another launcher is
// refused until it is released.
//
// A directory may hold an earlier version of the file, which shares cells with this one, if no worker is at it. A directory
// with another sweep, or with other files, is refused.
func Begin(dir string, g *Grid, l Launch) (*Sweep, *cells.Claim, error) {
	before, err := inspect(dir, g)
	if err != nil {
		return nil, nil, err
	}
	s := &Sweep{Directory: cells.NewDirectory(dir), Grid: g, Version: l.Version, Jobs: g.Jobs(l.Replicas)}
	if err := durable.MkdirAll(s.Disk, dir); err != nil {
		return nil, nil, &train.RefusedError{Err: fmt.Errorf("sweep: out: %w", err)}
	}
	claims := s.Claims(cells.ThisHolder(l.Batch, -1))
	claims.Dead = l.Dead
	claim, err := claims.Take(cells.LauncherClaim)
	if held := (*cells.HeldError)(nil); errors.As(err, &held) {
		return nil, nil, refused(dir, "%w; autoamp sweep status %s shows how far", err, dir)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("sweep: out = %s: %w", dir, err)
	}
	if err := s.begin(before, claims, l); err != nil {
		claim.Release()
		return nil, nil, err
	}
	return s, claim, nil
}

// begin writes manifest and plan, if no worker is at a different plan.
func (s *Sweep) begin(before *manifest, claims *cells.Claims, l Launch) error {
	s.Plan = l.Plan(s.Grid.File.Text, s.Jobs)
	workers, err := claims.Workers()
	if err != nil {
		return fmt.Errorf("sweep: out = %s: %w", s.Path, err)
	}
	if len(workers) > 0 {
		if there, err := s.ReadPlan(); err != nil || there == nil || !there.Same(s.Plan) || before == nil || before.File != string(s.Grid.File.Text) {
			return refused(s.Path, "an earlier launch of it is at work: %w; wait for its workers, or autoamp sweep cancel %s",
				&cells.HeldError{Holder: workers[0].Holder}, s.Path)
		}
		return nil // they share the work
	}
	claims.Clean()
	s.Sweep()
	m := manifest{Format: manifestFormat, File: string(s.Grid.File.Text), Cells: len(s.Grid.Cells), Version: l.Version, Begun: time.Now().UTC()}
	if before != nil {
		m.Begun = before.Begun
	}
	if err := durable.WriteJSON(s.Disk, filepath.Join(s.Path, ManifestFile), m); err != nil {
		return fmt.Errorf("sweep: %w", err)
	}
	if err := s.WritePlan(s.Plan); err != nil {
		return fmt.Errorf("sweep: %w", err)
	}
	return nil
}

// inspect decides whether a sweep may use a directory, and returns the manifest of the sweep that is in it.
func inspect(dir string, g *Grid) (*manifest, error) {
	if err := folder(dir); err != nil {
		return nil, err
	}
	m, err := readManifest(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, refuseForeign(dir)
	}
	if err != nil {
		return nil, err
	}
	if m.File == string(g.File.Text) {
		return m, nil
	}
	there, err := m.grid()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", filepath.Join(dir, ManifestFile), err)
	}
	here := map[string]bool{}
	for i := range g.Cells {
		here[g.Cells[i].Key] = true
	}
	if !slices.ContainsFunc(there.Cells, func(c Cell) bool { return here[c.Key] }) {
		return nil, refused(dir, "holds another sweep, which has no cell in common with this one (its first: %s; here: %s); choose another directory",
			there.Label(&there.Cells[0]), g.Label(&g.Cells[0]))
	}
	return m, nil
}

// folder refuses a path at which there is something other than a folder.
func folder(dir string) error {
	if info, err := os.Stat(dir); err == nil && !info.IsDir() {
		return refused(dir, "is a file: name a directory")
	}
	return nil
}

// refuseForeign refuses a directory with files in it that are not of a sweep.
func refuseForeign(dir string) error {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return &train.RefusedError{Err: fmt.Errorf("sweep: out: %w", err)}
	}
	own := []string{cells.PlanFile, cells.ClaimsFolder, cells.DoneFolder, cells.FailedFolder, cells.RunsFolder, cells.LogsFolder, TableFile, SummaryFile}
	for _, e := range entries {
		name := e.Name()
		figure := strings.HasPrefix(name, figurePrefix)
		if !slices.Contains(own, name) && !figure && !strings.HasPrefix(name, durable.Temporary) && !durable.Unrelated(name) {
			return refused(dir, "holds %s, which is not part of a sweep; choose another directory", name)
		}
	}
	return nil
}

// refused is an error of a sweep that did not begin.
func refused(dir, format string, args ...any) error {
	return &train.RefusedError{Err: fmt.Errorf("sweep: out = %s: "+format, append([]any{dir}, args...)...)}
}
