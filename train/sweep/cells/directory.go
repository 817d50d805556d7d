package cells

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"autoamp/datasets/durable"
)

// Directory is a folder that several workers work in:
//
//	plan.json             the tasks
//	done/ab/ID.csv        the results of a job, a Table
//	failed/ab/ID.json     why a job has failed
//	claims/ID.N/          who is at a job, and how far
//	runs/ab/ID/           what a job keeps while it runs, and after it has failed
//	logs/TASK.log         what a task has said; of one that has failed the last line says why
//
// ab is a hash of ID: no folder holds more than a 256th of the jobs, or one entry for each task or worker.
type Directory struct {
	Path string
	Disk durable.Disk
}

// NewDirectory is a directory on the machine's disk.
func NewDirectory(path string) Directory { return Directory{Path: path, Disk: durable.OS} }

// The folders and files of a Directory.
const (
	DoneFolder   = "done"
	FailedFolder = "failed"
	ClaimsFolder = "claims"
	RunsFolder   = "runs"
	LogsFolder   = "logs"
	PlanFile     = "plan.json"
)

// LauncherClaim is the claim of the process that launches workers.
const LauncherClaim = "launcher"

// shard is the place of a job in a folder.
func (d Directory) shard(folder, id, end string) string {
	return filepath.Join(d.Path, folder, fmt.Sprintf("%02x", byte(durable.Sum([]byte(id)))), id+end)
}

// RunPath is the folder that a job keeps its state in.
func (d Directory) RunPath(id string) string { return d.shard(RunsFolder, id, "") }

// LogPath is the log of a task.
func (d Directory) LogPath(task int) string {
	return filepath.Join(d.Path, LogsFolder, strconv.Itoa(task)+".log")
}

// Claims are the claims on the directory's jobs, for a holder.
func (d Directory) Claims(me Holder) *Claims {
	return &Claims{Dir: filepath.Join(d.Path, ClaimsFolder), Disk: d.Disk, Me: me}
}

// Failure is why a job, or some of its cells, have failed.
type Failure struct {
	Job    string    `json:"job"`
	Cells  []string  `json:"cells"` // keys of those that failed
	Error  string    `json:"error"`
	Host   string    `json:"host"`
	Task   int       `json:"task"` // -1 for none
	At     time.Time `json:"at"`
	Killed bool      `json:"killed"` // the worker died
}

// maxFailure bounds the file of a failure, in bytes.
const maxFailure = 1 << 20

// maxMessage bounds the stored message of a failure.
const maxMessage = 4 << 10

// Fail stores why cells of a job have failed.
func (d Directory) Fail(job *Job, f Failure) error {
	f.Job, f.At = job.Name, time.Now().UTC()
	if len(f.Error) > maxMessage {
		f.Error = f.Error[:maxMessage] + "…"
	}
	path := d.shard(FailedFolder, job.ID, ".json")
	if err := durable.MkdirAll(d.Disk, filepath.Dir(path)); err != nil {
		return err
	}
	return durable.WriteJSON(d.Disk, path, f)
}

// Failure returns why cells of a job have failed, nil if none has. A damaged file counts as none: the job runs again.
func (d Directory) Failure(id string) *Failure {
	var f Failure
	if err := durable.ReadJSON(d.shard(FailedFolder, id, ".json"), maxFailure, &f); err != nil {
		return nil
	}
	return &f
}

// Forgive removes the failure of a job, so that its cells run again. It is no error if there is none.
func (d Directory) Forgive(id string) error {
	return absent(d.Disk.Remove(d.shard(FailedFolder, id, ".json")))
}

// absent drops the error of a file that is not there.
func absent(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// files lists the files of a folder with shards, by their names without the end.
func (d Directory) files(folder, end string) (map[string]bool, error) {
	out := map[string]bool{}
	shards, err := os.ReadDir(filepath.Join(d.Path, folder))
	if err != nil {
		return out, absent(err)
	}
	for _, shard := range shards {
		entries, err := os.ReadDir(filepath.Join(d.Path, folder, shard.Name()))
		if err != nil && shard.IsDir() {
			return out, absent(err)
		}
		for _, e := range entries {
			if id, ok := cutSuffix(e.Name(), end); ok {
				out[id] = true
			}
		}
	}
	return out, nil
}

// cutSuffix is the name of a whole file without its end.
func cutSuffix(name, end string) (string, bool) {
	n := len(name) - len(end)
	if n <= 0 || name[n:] != end || len(name) > len(durable.Temporary) && name[:len(durable.Temporary)] == durable.Temporary {
		return "", false
	}
	return name[:n], true
}

// Failed lists the jobs that have a failure.
func (d Directory) Failed() (map[string]bool, error) { return d.files(FailedFolder, ".json") }

// Done lists the files of results, by the ID of their jobs.
func (d Directory) Done() (map[string]bool, error) { return d.files(DoneFolder, ".csv") }

// Sweep removes the files that workers which were killed left half-written; Claims.Clean does the same for claims. No worker may be
// at work.
func (d Directory) Sweep() {
	durable.Sweep(d.Disk, d.Path)
	for _, folder := range []string{DoneFolder, FailedFolder} {
		shards, _ := os.ReadDir(filepath.Join(d.Path, folder)) // there may be none
		for _, shard := range shards {
			durable.Sweep(d.Disk, filepath.Join(d.Path, folder, shard.Name()))
		}
	}
}
