package train

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"autoamp/datasets"
	"autoamp/graph"
)

// A checkpoint is a directory, checkpoints/step-000012000:
//
//	replica-0000.safetensors   weights and optimizer state of a replica, named as in PyTorch
//	config.yaml                the run's configuration
//	state.json                 what else the run needs to go on, with the CRC-32C of the other files
//
// It is written under a temporary name, synced and renamed: it is whole or it is not there.
const (
	checkpointFormat  = 1
	checkpointPrefix  = "step-"
	checkpointState   = "state.json"
	checkpointFolder  = "checkpoints"
	configFile        = "config.yaml"
	maxStateBytes     = 1 << 22
	checkpointVersion = "autoamp.checkpoint"
)

// state is where a run stands, apart from its weights.
type state struct {
	Format       int       `json:"format"`
	Step         uint64    `json:"step"`          // optimizer updates done
	Window       []float64 `json:"window"`        // by replica: sum of losses since the last row
	WindowSteps  int       `json:"window_steps"`  // updates since the last row
	MetricsBytes int64     `json:"metrics_bytes"` // length of metrics.csv
	// StructureBytes is the length of structure.csv; 0 in checkpoints from before there was one.
	StructureBytes int64             `json:"structure_bytes"`
	TraceBytes     int64             `json:"trace_bytes,omitempty"` // length of gdmin.csv
	WallS          float64           `json:"wall_s"`                // seconds, all sessions
	TrainS         float64           `json:"train_s"`               // seconds in updates, all sessions
	Files          map[string]string `json:"files"`                 // CRC-32C of the other files, hexadecimal
}

// checkpointName is the folder of a step's checkpoint.
func checkpointName(step uint64) string { return fmt.Sprintf("%s%09d", checkpointPrefix, step) }

func replicaFile(replica int) string { return fmt.Sprintf("replica-%04d.safetensors", replica) }

// checkpointFiles writes the files of a checkpoint into a folder.
type checkpointFiles struct {
	folder string
	sums   map[string]string
}

func (c *checkpointFiles) add(name string, write func(io.Writer) error) error {
	sum := newChecksum()
	err := writeSynced(filepath.Join(c.folder, name), func(w io.Writer) error {
		return write(io.MultiWriter(w, sum))
	})
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	c.sums[name] = fmt.Sprintf("%08x", sum.Sum32())
	return nil
}

func (c *checkpointFiles) addBytes(name string, data []byte) error {
	return c.add(name, func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	})
}

// saveCheckpoint writes a checkpoint under folder and returns its path.
func saveCheckpoint(
	folder string, s state, c Config, buffers []graph.Buffer, runner graph.Runner,
) (path string, err error) {
	path = filepath.Join(folder, checkpointName(s.Step))
	files := &checkpointFiles{
		folder: filepath.Join(folder, temporary+checkpointName(s.Step)), sums: map[string]string{},
	}
	if err := errors.Join(os.RemoveAll(files.folder), os.MkdirAll(files.folder, 0o777)); err != nil {
		return "", fmt.Errorf("train: checkpoint: %w", err)
	}
	defer func() {
		if err != nil {
			os.RemoveAll(files.folder)
			err = fmt.Errorf("train: checkpoint %s: %w", path, err)
		}
	}()
	if err := files.write(s, c, buffers, runner); err != nil {
		return "", err
	}
	if exists(path) {
		if err := removeCheckpoint(path); err != nil {
			return "", err
		}
	}
	return path, rename(files.folder, path)
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
	if err := c.addBytes(configFile, yaml); err != nil {
		return err
	}
	s.Format, s.Files = checkpointFormat, c.sums
	data, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return err
	}
	if err := c.addBytes(checkpointState, append(data, '\n')); err != nil {
		return err
	}
	return datasets.SyncDirectory(c.folder)
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
func pruneCheckpoints(folder string, keep int) error {
	paths, err := listCheckpoints(folder)
	if err != nil {
		return err
	}
	stale, _ := filepath.Glob(filepath.Join(folder, temporary+"*"))
	if len(paths) > keep {
		stale = append(stale, paths[:len(paths)-keep]...)
	}
	var errs []error
	for _, p := range stale {
		errs = append(errs, removeCheckpoint(p))
	}
	return errors.Join(errs...)
}

// removeCheckpoint takes away a checkpoint's name before its files, so that a half-removed one
// is never taken for a whole one.
func removeCheckpoint(path string) error {
	doomed := filepath.Join(filepath.Dir(path), temporary+"old-"+strings.TrimPrefix(filepath.Base(path), temporary))
	if err := os.Rename(path, doomed); err != nil {
		return err
	}
	return os.RemoveAll(doomed)
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

// loadState reads and checks a checkpoint's state.json.
func loadState(path string, replicas int) (state, error) {
	var s state
	data, err := readSmall(filepath.Join(path, checkpointState), maxStateBytes)
	if err == nil {
		s, err = parseState(data)
	}
	if err == nil {
		err = s.fits(path, replicas)
	}
	if err != nil {
		return state{}, checkpointError(path, checkpointState, err)
	}
	return s, nil
}

func parseState(data []byte) (state, error) {
	var s state
	if err := json.Unmarshal(data, &s); err != nil {
		return state{}, err
	}
	if s.Format != checkpointFormat {
		return state{}, fmt.Errorf("format %d, want %d", s.Format, checkpointFormat)
	}
	if s.WindowSteps < 0 || s.MetricsBytes < 0 || s.StructureBytes < 0 || s.TraceBytes < 0 || s.WallS < 0 || s.TrainS < 0 {
		return state{}, errors.New("a count or a time is negative")
	}
	return s, nil
}

// fits checks a state against its folder's name and the configuration.
func (s state) fits(path string, replicas int) error {
	if name := checkpointName(s.Step); name != filepath.Base(path) {
		return fmt.Errorf("step %d does not belong into %s", s.Step, filepath.Base(path))
	}
	if len(s.Window) != replicas {
		return fmt.Errorf("%d replicas, want %d", len(s.Window), replicas)
	}
	return nil
}

// belongs checks a file against the state that was saved with it.
func (f *tensorFile) belongs(s state, replica int, name string) error {
	if sum := fmt.Sprintf("%08x", f.sum); sum != s.Files[name] {
		return fmt.Errorf("CRC-32C %s, want %s", sum, s.Files[name])
	}
	step, number := f.meta["step"], f.meta["replica"]
	if step != strconv.FormatUint(s.Step, 10) || number != strconv.Itoa(replica) {
		return fmt.Errorf("step %s, replica %s, want step %d, replica %d", step, number, s.Step, replica)
	}
	return nil
}

// loadTensors reads and checks the tensors of one replica, handing each to visit.
func loadTensors(path string, s state, replica int, buffers []graph.Buffer, visit func(graph.Buffer, []float32) error) error {
	name := replicaFile(replica)
	file, err := readTensors(filepath.Join(path, name), buffers, visit)
	if err == nil {
		err = file.belongs(s, replica, name)
	}
	if err != nil {
		return checkpointError(path, name, err)
	}
	return nil
}
