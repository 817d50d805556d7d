package train

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
	checkpointState   = "state.json"
	checkpointFolder  = "checkpoints"
	configFile        = "config.yaml"
	maxStateBytes     = 1 << 22
	checkpointVersion = "autoamp.checkpoint"
)

// state is where a run stands, apart from its weights.
type state struct {
	Format      int                         `json:"format"`
	Step        uint64                      `json:"step"`         // optimizer updates done
	Window      []float64                   `json:"window"`       // by replica: sum of losses since the last row
	WindowSteps int                         `json:"window_steps"` // updates since the last row
	Rows        map[string]extent           `json:"rows"`         // what metrics.csv, structure.csv and gdmin.csv held
	WallS       float64                     `json:"wall_s"`       // seconds, all sessions
	TrainS      float64                     `json:"train_s"`      // seconds in updates, all sessions
	Files       map[string]durable.Checksum `json:"files"`        // of the checkpoint's other files
}

// checkpoint is a checkpoint on the disk, of which configuration and state are read and checked.
type checkpoint struct {
	path   string
	config Config // resolved
	state
}

// checkpointName is the folder of a step's checkpoint.
func checkpointName(step uint64) string { return fmt.Sprintf("%s%09d", checkpointPrefix, step) }

func replicaFile(replica int) string { return fmt.Sprintf("replica-%04d.safetensors", replica) }

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

// saveCheckpoint writes a checkpoint under folder and returns its path.
func saveCheckpoint(
	disk durable.Disk, folder string, s state, c Config, buffers []graph.Buffer, runner graph.Runner,
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
	if err := files.write(s, c, buffers, runner); err != nil {
		return "", err
	}
	if err := disk.Rename(files.folder, path); err != nil {
		return "", err
	}
	return path, disk.SyncDir(folder)
}

func (c *checkpointFiles) write(s state, config Config, buffers []graph.Buffer, runner graph.Runner) error {
	for i, r := range config.Replicas() {
		meta := map[string]string{
			"format": "pt", checkpointVersion: strconv.Itoa(checkpointFormat),
			"step": strconv.FormatUint(s.Step, 10), "replica": strconv.Itoa(i),
			"seed": strconv.FormatUint(r.Seed, 10), "p": strconv.FormatFloat(r.P, 'g', -1, 64),
		}
		read := func(name string, dst []float32) error { return runner.Read(name, i, dst) }
		write := func(w io.Writer) error { return writeTensors(w, buffers, read, meta) }
		if err := c.add(replicaFile(i), write); err != nil {
			return err
		}
	}
	yaml, err := config.YAML()
	if err != nil {
		return err
	}
	if err := c.addBytes(configFile, durable.SealText(yaml)); err != nil {
		return err
	}
	s.Format, s.Files = checkpointFormat, c.sums
	data, err := durable.SealJSON(s)
	if err != nil {
		return err
	}
	if err := c.addBytes(checkpointState, data); err != nil {
		return err
	}
	return c.disk.SyncDir(c.folder)
}

// listCheckpoints returns the folders of whole checkpoints, oldest first.
func listCheckpoints(folder string) ([]string, error) {
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

// pruneCheckpoints removes all but the newest keep checkpoints and what was never finished.
func pruneCheckpoints(disk durable.Disk, folder string, keep int) error {
	paths, err := listCheckpoints(folder)
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

// removeCheckpoint takes away a checkpoint's name before its files, so that a half-removed one
// is never taken for a whole one.
func removeCheckpoint(disk durable.Disk, path string) error {
	doomed := filepath.Join(filepath.Dir(path), durable.Temporary+"old-"+filepath.Base(path))
	if err := disk.Rename(path, doomed); err != nil {
		return err
	}
	return durable.RemoveAll(disk, doomed)
}

// checkpointError says what is wrong with which file, and which older checkpoint there is.
func checkpointError(path, file string, reason error) error {
	hint := "; there is no older one: remove it to begin again from step 0"
	if older, err := listCheckpoints(filepath.Dir(path)); err == nil {
		if i := slices.Index(older, path); i > 0 {
			hint = fmt.Sprintf("; remove it to resume from the older %s", older[i-1])
		}
	}
	return fmt.Errorf("train: %s: %w: %w%s", filepath.Join(path, file), ErrCheckpoint, reason, hint)
}

// openCheckpoint reads configuration and state of a checkpoint and checks that they belong together. Weights are checked when
// they are read.
func openCheckpoint(path string) (*checkpoint, error) {
	c := &checkpoint{path: path}
	if err := c.readState(); err != nil {
		return nil, checkpointError(path, checkpointState, err)
	}
	if err := c.readConfig(); err != nil {
		return nil, checkpointError(path, configFile, err)
	}
	if replicas := len(c.config.Replicas()); len(c.Window) != replicas {
		return nil, checkpointError(path, checkpointState, fmt.Errorf("%d replicas, want %d", len(c.Window), replicas))
	}
	return c, nil
}

func (c *checkpoint) readState() error {
	data, err := durable.ReadFile(filepath.Join(c.path, checkpointState), maxStateBytes)
	if err == nil {
		c.state, err = parseState(data)
	}
	if err == nil && checkpointName(c.Step) != filepath.Base(c.path) {
		err = fmt.Errorf("step %d does not belong into %s", c.Step, filepath.Base(c.path))
	}
	return err
}

func parseState(data []byte) (state, error) {
	var s state
	if err := durable.OpenJSON(data, &s); err != nil {
		if bytes.Contains(data, []byte(`"format": 1,`)) {
			return state{}, errors.New("format 1, of an earlier version of autoamp; this one reads 2")
		}
		return state{}, err
	}
	if s.Format != checkpointFormat {
		return state{}, fmt.Errorf("format %d, want %d", s.Format, checkpointFormat)
	}
	if s.WindowSteps < 0 || s.WallS < 0 || s.TrainS < 0 {
		return state{}, errors.New("a count or a time is negative")
	}
	return s, nil
}

func (c *checkpoint) readConfig() error {
	data, err := durable.ReadFile(filepath.Join(c.path, configFile), maxConfigBytes)
	if err != nil {
		return err
	}
	if err := durable.Sum(data).Check(c.Files[configFile]); err != nil {
		return err
	}
	if c.config, err = Parse(data); err != nil {
		return err
	}
	c.config = c.config.WithDefaults()
	return c.config.Validate()
}

var errNoCheckpoint = errors.New("holds no checkpoint")

// newest opens the newest checkpoint of a run directory. The error is errNoCheckpoint if there is none.
func newest(dir string) (*checkpoint, error) {
	checkpoints, err := listCheckpoints(filepath.Join(dir, checkpointFolder))
	if err != nil {
		return nil, err
	}
	if len(checkpoints) == 0 {
		return nil, fmt.Errorf("train: %s: %w", dir, errNoCheckpoint)
	}
	return openCheckpoint(checkpoints[len(checkpoints)-1])
}

// belongs checks a file against the state that was saved with it.
func (f *tensorFile) belongs(s state, replica int, name string) error {
	if err := f.sum.Check(s.Files[name]); err != nil {
		return err
	}
	step, number := f.meta["step"], f.meta["replica"]
	if step != strconv.FormatUint(s.Step, 10) || number != strconv.Itoa(replica) {
		return fmt.Errorf("step %s, replica %s, want step %d, replica %d", step, number, s.Step, replica)
	}
	return nil
}

// loadTensors reads and checks the tensors of one replica, handing each to visit.
func (c *checkpoint) loadTensors(replica int, buffers []graph.Buffer, visit func(graph.Buffer, []float32) error) error {
	name := replicaFile(replica)
	file, err := readTensors(filepath.Join(c.path, name), buffers, visit)
	if err == nil {
		err = file.belongs(c.state, replica, name)
	}
	if err != nil {
		return checkpointError(c.path, name, err)
	}
	return nil
}
