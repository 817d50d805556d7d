package rundir

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"autoamp/datasets/durable"
	"autoamp/graph"
	"autoamp/train/config"
	"autoamp/train/program"
)

// A checkpoint is a directory, checkpoints/step-000012000:
//
//	replica-0000.safetensors   weights and optimizer state of a replica, named as in PyTorch
//	config.yaml                the run's configuration
//	state.json                 what else the run needs to go on, with the CRC-32C of all other files and its own
//
// It is written under a temporary name, synced and renamed: it is whole or it is not there.
const (
	checkpointFormat  = 2
	checkpointPrefix  = "step-"
	StateFile         = "state.json"
	CheckpointFolder  = "checkpoints"
	ConfigFile        = "config.yaml"
	maxStateBytes     = 1 << 22
	checkpointVersion = "autoamp.checkpoint"
)

// State is where a run stands, apart from its weights.
type State struct {
	Format      int                         `json:"format"`
	Step        uint64                      `json:"step"`         // optimizer updates done
	Window      []float64                   `json:"window"`       // by replica: sum of losses since the last row
	WindowSteps int                         `json:"window_steps"` // updates since the last row
	Rows        map[string]Extent           `json:"rows"`         // extents of metrics.csv, structure.csv and gdmin.csv
	WallS       float64                     `json:"wall_s"`       // seconds, all sessions
	TrainS      float64                     `json:"train_s"`      // seconds in updates, all sessions
	Files       map[string]durable.Checksum `json:"files"`        // of the checkpoint's other files
}

// Checkpoint is a checkpoint on the disk. Its configuration and state have been read and checked.
type Checkpoint struct {
	Path   string
	Config config.Config // resolved
	State
}

// checkpointName is the folder of a step's checkpoint.
func checkpointName(step uint64) string { return fmt.Sprintf("%s%09d", checkpointPrefix, step) }

func replicaFile(replica int) string { return fmt.Sprintf("replica-%04d.safetensors", replica) }

// Reader copies a tensor of a replica into dst, row by row.
type Reader interface {
	Read(name string, replica int, dst []float32) error
}

// checkpointFiles writes the files of a checkpoint into a folder.
type checkpointFiles struct {
	disk   durable.Disk
	folder string
	sums   map[string]durable.Checksum
}

func (c *checkpointFiles) add(name string, write func(io.Writer) error) error {
	sum, err := writeSynced(c.disk, filepath.Join(c.folder, name), write)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	c.sums[name] = sum
	return nil
}

// addBytes is add of bytes at hand.
func (c *checkpointFiles) addBytes(name string, data []byte) error {
	return c.add(name, func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	})
}

// Save writes a checkpoint of the given tensors under folder and returns its path.
func Save(
	disk durable.Disk, folder string, s State, c config.Config, buffers []graph.Buffer, model Reader,
) (saved string, err error) {
	path := filepath.Join(folder, checkpointName(s.Step))
	files := &checkpointFiles{
		disk: disk, folder: filepath.Join(folder, durable.Temporary+checkpointName(s.Step)), sums: map[string]durable.Checksum{},
	}
	defer func() {
		if err != nil {
			_ = durable.RemoveAll(disk, files.folder)
			err = fmt.Errorf("train: checkpoint %s: %w", path, err)
		}
	}()
	if err := errors.Join(durable.RemoveAll(disk, files.folder), disk.Mkdir(files.folder, 0o777)); err != nil {
		return "", err
	}
	if err := files.write(s, c, buffers, model); err != nil {
		return "", err
	}
	if err := disk.Rename(files.folder, path); err != nil {
		return "", err
	}
	return path, disk.SyncDir(folder)
}

func (c *checkpointFiles) write(s State, config config.Config, buffers []graph.Buffer, model Reader) error {
	for i, r := range config.Replicas() {
		meta := map[string]string{
			"format": "pt", checkpointVersion: strconv.Itoa(checkpointFormat),
			"step": strconv.FormatUint(s.Step, 10), "replica": strconv.Itoa(i),
			"seed": strconv.FormatUint(r.Seed, 10), "p": strconv.FormatFloat(r.P, 'g', -1, 64),
		}
		read := func(name string, dst []float32) error { return model.Read(name, i, dst) }
		write := func(w io.Writer) error { return writeTensors(w, buffers, read, meta) }
		if err := c.add(replicaFile(i), write); err != nil {
			return err
		}
	}
	yaml, err := config.YAML()
	if err != nil {
		return err
	}
	if err := c.addBytes(ConfigFile, durable.SealText(yaml)); err != nil {
		return err
	}
	s.Format, s.Files = checkpointFormat, c.sums
	data, err := durable.SealJSON(s)
	if err != nil {
		return err
	}
	if err := c.addBytes(StateFile, data); err != nil {
		return err
	}
	return c.disk.SyncDir(c.folder)
}

// List returns the folders of whole checkpoints, oldest first.
func List(folder string) ([]string, error) {
	entries, err := os.ReadDir(folder)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("train: checkpoints: %w", err)
	}
	var paths []string
	for _, e := range entries {
		if _, ok := stepOf(e.Name()); ok && e.IsDir() {
			paths = append(paths, filepath.Join(folder, e.Name()))
		}
	}
	slices.SortFunc(paths, func(a, b string) int {
		x, _ := stepOf(filepath.Base(a))
		y, _ := stepOf(filepath.Base(b))
		return int(int64(x) - int64(y))
	})
	return paths, nil
}

func stepOf(name string) (step uint64, ok bool) {
	digits, ok := strings.CutPrefix(name, checkpointPrefix)
	step, err := strconv.ParseUint(digits, 10, 40)
	return step, ok && err == nil && name == checkpointName(step)
}

// Prune removes unfinished checkpoints, and all finished checkpoints except the newest keep ones.
func Prune(disk durable.Disk, folder string, keep int) error {
	paths, err := List(folder)
	if err != nil {
		return err
	}
	durable.Sweep(disk, folder)
	var errs []error
	for _, p := range paths[:max(0, len(paths)-keep)] {
		errs = append(errs, removeCheckpoint(disk, p))
	}
	return errors.Join(errs...)
}

// removeCheckpoint renames a checkpoint before it removes the files, so that a half-removed
// checkpoint is never taken for a whole one.
func removeCheckpoint(disk durable.Disk, path string) error {
	doomed := filepath.Join(filepath.Dir(path), durable.Temporary+"old-"+filepath.Base(path))
	if err := disk.Rename(path, doomed); err != nil {
		return err
	}
	return durable.RemoveAll(disk, doomed)
}

// Damaged returns an error that names the file, the damage, and an older checkpoint if there is one.
func Damaged(path, file string, reason error) error {
	hint := "; there is no older one: remove it to begin again from step 0"
	if older, err := List(filepath.Dir(path)); err == nil {
		if i := slices.Index(older, path); i > 0 {
			hint = fmt.Sprintf("; remove it to resume from the older %s", older[i-1])
		}
	}
	return fmt.Errorf("train: %s: %w: %w%s", filepath.Join(path, file), ErrCheckpoint, reason, hint)
}

// Open reads configuration and state of a checkpoint and checks that they belong together. Weights are checked when
// they are read.
func Open(path string) (*Checkpoint, error) {
	c := &Checkpoint{Path: path}
	if err := c.readState(); err != nil {
		return nil, Damaged(path, StateFile, err)
	}
	if err := c.readConfig(); err != nil {
		return nil, Damaged(path, ConfigFile, err)
	}
	if replicas := len(c.Config.Replicas()); len(c.Window) != replicas {
		return nil, Damaged(path, StateFile, fmt.Errorf("%d replicas, want %d", len(c.Window), replicas))
	}
	return c, nil
}

func (c *Checkpoint) readState() error {
	data, err := durable.ReadFile(filepath.Join(c.Path, StateFile), maxStateBytes)
	if err == nil {
		c.State, err = parseState(data)
	}
	if err == nil && checkpointName(c.Step) != filepath.Base(c.Path) {
		err = fmt.Errorf("step %d does not belong into %s", c.Step, filepath.Base(c.Path))
	}
	return err
}

func parseState(data []byte) (State, error) {
	var s State
	if err := durable.OpenJSON(data, &s); err != nil {
		if bytes.Contains(data, []byte(`"format": 1,`)) {
			return State{}, errors.New("format 1, of an earlier version of autoamp; this one reads 2")
		}
		return State{}, err
	}
	if s.Format != checkpointFormat {
		return State{}, fmt.Errorf("format %d, want %d", s.Format, checkpointFormat)
	}
	if s.WindowSteps < 0 || s.WallS < 0 || s.TrainS < 0 {
		return State{}, errors.New("a count or a time is negative")
	}
	return s, nil
}

func (c *Checkpoint) readConfig() error {
	data, err := durable.ReadFile(filepath.Join(c.Path, ConfigFile), config.MaxBytes)
	if err != nil {
		return err
	}
	if err := durable.Sum(data).Check(c.Files[ConfigFile]); err != nil {
		return err
	}
	if c.Config, err = config.ParseStored(data); err != nil {
		return err
	}
	c.Config = c.Config.WithDefaults()
	return c.Config.Validate()
}

// ErrNoCheckpoint says that a run directory has no checkpoint yet.
var ErrNoCheckpoint = errors.New("holds no checkpoint")

// Newest opens the newest checkpoint of a run directory. The error is ErrNoCheckpoint if there is none.
func Newest(dir string) (*Checkpoint, error) {
	checkpoints, err := List(filepath.Join(dir, CheckpointFolder))
	if err != nil {
		return nil, err
	}
	if len(checkpoints) == 0 {
		return nil, fmt.Errorf("train: %s: %w", dir, ErrNoCheckpoint)
	}
	return Open(checkpoints[len(checkpoints)-1])
}

// Steps lists the updates after which a run directory has checkpoints, ascending. No checkpoint is opened.
func Steps(dir string) ([]uint64, error) {
	paths, err := List(filepath.Join(dir, CheckpointFolder))
	var steps []uint64
	for _, path := range paths {
		step, _ := stepOf(filepath.Base(path)) // List lists no other names
		steps = append(steps, step)
	}
	return steps, err
}

// PathAt is the folder of the checkpoint of a run directory after a number of updates.
func PathAt(dir string, step uint64) string {
	return filepath.Join(dir, CheckpointFolder, checkpointName(step))
}

// NewestStep is the number of updates in the newest checkpoint of a run directory, 0 if there is none. The checkpoint is not
// opened.
func NewestStep(dir string) (int, error) {
	paths, err := List(filepath.Join(dir, CheckpointFolder))
	if err != nil || len(paths) == 0 {
		return 0, err
	}
	step, _ := stepOf(filepath.Base(paths[len(paths)-1])) // List lists no other names
	return int(step), nil
}

// belongs checks a file against the state that was saved with it.
func (f *tensorFile) belongs(s State, replica int, name string) error {
	if err := f.sum.Check(s.Files[name]); err != nil {
		return err
	}
	step, number := f.meta["step"], f.meta["replica"]
	if step != strconv.FormatUint(s.Step, 10) || number != strconv.Itoa(replica) {
		return fmt.Errorf("step %s, replica %s, want step %d, replica %d", step, number, s.Step, replica)
	}
	return nil
}

// readEarlier reads a checkpoint of alternating minimisation that an earlier version wrote: with a momentum beside each weight, which
// meant nothing.
func readEarlier(path string, buffers []graph.Buffer, visit func(graph.Buffer, []float32) error) (*tensorFile, error) {
	all := slices.Clone(buffers)
	for _, b := range buffers {
		all = append(all, graph.Buffer{Name: program.Momentum(b.Name), Shape: b.Shape, Kind: graph.State})
	}
	return readTensors(path, all, func(b graph.Buffer, values []float32) error {
		if b.Kind == graph.State {
			return nil
		}
		return visit(b, values)
	})
}

// LoadTensors reads and checks the tensors of one replica, handing each to visit.
func (c *Checkpoint) LoadTensors(replica int, buffers []graph.Buffer, visit func(graph.Buffer, []float32) error) error {
	name := replicaFile(replica)
	path := filepath.Join(c.Path, name)
	file, err := readTensors(path, buffers, visit)
	if err != nil && c.Config.Alternating() {
		if earlier, e := readEarlier(path, buffers, visit); e == nil {
			file, err = earlier, nil
		}
	}
	if err == nil {
		err = file.belongs(c.State, replica, name)
	}
	if err != nil {
		return Damaged(c.Path, name, err)
	}
	return nil
}
