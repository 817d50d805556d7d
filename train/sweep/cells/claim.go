package cells

import (
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"autoamp/datasets/durable"
)

// Claims keeps workers from doing the same job twice. It needs a file system that renames atomically, and no locks.
//
// A claim is a folder ID.N with the files of its holder. The folder is made whole under another name and renamed: a rename to
// a name that is taken fails. N is 1, and one more than the claim of a worker that has died. A claim whose holder is gone is
// replaced and not removed, since of two that remove and make it anew each could remove the other's.
type Claims struct {
	Dir  string
	Disk durable.Disk
	Me   Holder
	// Dead tells whether the holder of another machine is gone, such as a job that its batch system has ended. Nil means that nobody
	// knows; then the holder is gone after Silence without a sign of life.
	Dead func(Holder) bool
}

// Beat is the time between two signs of life of a holder, Silence is the time after which a holder on another machine that
// gave none is taken for dead. Should it live, a job is done twice, with the same results.
const (
	Beat    = 20 * time.Second
	Silence = 10 * time.Minute
)

// HeldError says who has a claim.
type HeldError struct {
	Holder Holder
}

func (e *HeldError) Error() string {
	who := fmt.Sprintf("process %d on %s", e.Holder.PID, e.Holder.Host)
	if e.Holder.Batch != "" {
		who += ", job " + e.Holder.Batch
	}
	return fmt.Sprintf("%s is at it since %s", who, e.Holder.Began.Local().Format("2006-01-02 15:04:05"))
}

// Claim is a claim that this process holds.
type Claim struct {
	claims   *Claims
	id, path string

	mu       sync.Mutex
	progress Progress
	stop     chan struct{}
	stopped  sync.WaitGroup
}

// Take claims a job. A claim of a live worker is a *HeldError.
func (c *Claims) Take(id string) (*Claim, error) {
	others, err := c.of(id)
	if err != nil {
		return nil, err
	}
	number := 1
	for _, o := range others {
		if o.alive {
			return nil, &HeldError{o.Holder}
		}
		number = max(number, o.number+1)
	}
	path := filepath.Join(c.Dir, id+"."+strconv.Itoa(number))
	if err := c.place(path); err != nil {
		if errors.Is(err, fs.ErrExist) {
			return nil, &HeldError{c.holderOf(path)}
		}
		return nil, err
	}
	claim := &Claim{claims: c, id: id, path: path, stop: make(chan struct{})}
	if err := claim.alone(); err != nil {
		claim.drop()
		return nil, err
	}
	claim.stopped.Go(claim.beat)
	return claim, nil
}

// place makes the folder of a claim. If the name is taken, the error is fs.ErrExist.
func (c *Claims) place(path string) error {
	if err := durable.MkdirAll(c.Disk, c.Dir); err != nil {
		return err
	}
	hidden := filepath.Join(c.Dir, fmt.Sprintf("%s%d-%x", durable.Temporary, c.Me.PID, rand.Uint64()))
	if err := c.Disk.Mkdir(hidden, 0o777); err != nil {
		return err
	}
	me := c.Me
	me.Began = time.Now().UTC()
	err := durable.WriteJSON(c.Disk, filepath.Join(hidden, holderFile), me)
	if err == nil {
		if err = c.Disk.Rename(hidden, path); err == nil {
			return nil
		}
		if _, there := os.Stat(path); there == nil { // systems have several errors for it
			err = fs.ErrExist
		}
	}
	_ = durable.RemoveAll(c.Disk, hidden) // Clean removes what stays
	return err
}

// alone checks that no live worker has another claim on the job: one that was made while this process judged an older one.
func (c *Claim) alone() error {
	others, err := c.claims.of(c.id)
	if err != nil {
		return err
	}
	for _, o := range others {
		if o.alive && o.path != c.path {
			return &HeldError{o.Holder}
		}
	}
	return nil
}

// Report keeps the progress for the next sign of life.
func (c *Claim) Report(p Progress) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.progress = p
}

// beat gives signs of life until the claim is released. A sign that cannot be written is left out.
func (c *Claim) beat() {
	tick := time.NewTicker(Beat)
	defer tick.Stop()
	for {
		select {
		case <-c.stop:
			return
		case <-tick.C:
			c.mu.Lock()
			p := c.progress
			c.mu.Unlock()
			p.Updated = time.Now().UTC()
			_ = durable.WriteJSON(c.claims.Disk, filepath.Join(c.path, progressFile), p)
		}
	}
}

// Release gives the claim back.
func (c *Claim) Release() {
	close(c.stop)
	c.stopped.Wait()
	c.drop()
}

// drop removes the claims on the job of workers that are gone, and the own one last. What cannot be removed counts as dead once
// this process ends.
func (c *Claim) drop() {
	others, err := c.claims.of(c.id)
	if err != nil {
		return
	}
	for _, o := range others {
		if !o.alive && o.path != c.path {
			_ = durable.RemoveAll(c.claims.Disk, o.path)
		}
	}
	_ = durable.RemoveAll(c.claims.Disk, c.path)
}

// Held is a claim in the folder.
type Held struct {
	Holder
	ID       string
	Progress Progress

	number int
	path   string
	alive  bool
}

// of lists the claims on a job.
func (c *Claims) of(id string) ([]Held, error) {
	names, err := c.names()
	var out []Held
	for _, name := range names {
		if of, _, _ := cutNumber(name); of == id {
			out = append(out, c.read(name))
		}
	}
	return out, err
}

// names lists the folders of claims.
func (c *Claims) names() ([]string, error) {
	entries, err := os.ReadDir(c.Dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var names []string
	for _, e := range entries {
		if _, _, ok := cutNumber(e.Name()); ok {
			names = append(names, e.Name())
		}
	}
	return names, err
}

// cutNumber splits the name of a claim.
func cutNumber(name string) (id string, number int, ok bool) {
	i := strings.LastIndexByte(name, '.')
	if i < 1 || strings.HasPrefix(name, durable.Temporary) {
		return "", 0, false
	}
	number, err := strconv.Atoi(name[i+1:])
	return name[:i], number, err == nil
}

// read reads a claim. One without a whole holder is being removed.
func (c *Claims) read(name string) Held {
	h := Held{path: filepath.Join(c.Dir, name)}
	h.ID, h.number, _ = cutNumber(name)
	var err error
	if h.Holder, err = readHolder(h.path); err != nil {
		return h
	}
	_ = durable.ReadJSON(filepath.Join(h.path, progressFile), maxClaim, &h.Progress) // there may be none yet
	h.alive = c.alive(h)
	return h
}

func (c *Claims) holderOf(path string) Holder { return c.read(filepath.Base(path)).Holder }

// alive reports whether the holder of a claim is at work.
func (c *Claims) alive(h Held) bool {
	if h.PID == c.Me.PID && h.Process == c.Me.Process && h.Host == c.Me.Host {
		return true
	}
	if alive, known := h.Alive(c.Me); known {
		return alive
	}
	if h.Batch != "" && h.Batch == c.Me.Batch || c.Dead != nil && c.Dead(h.Holder) { // a batch system runs a task once at a time
		return false
	}
	last := h.Began
	if h.Progress.Updated.After(last) {
		last = h.Progress.Updated
	}
	return time.Since(last) < Silence
}

// List lists the claims of live workers by ID.
func (c *Claims) List() ([]Held, error) {
	names, err := c.names()
	var out []Held
	for _, name := range names {
		if h := c.read(name); h.alive {
			out = append(out, h)
		}
	}
	slices.SortFunc(out, func(a, b Held) int { return strings.Compare(a.ID, b.ID) })
	return out, err
}

// Workers lists the claims of live workers on jobs by ID.
func (c *Claims) Workers() ([]Held, error) {
	held, err := c.List()
	return slices.DeleteFunc(held, func(h Held) bool { return h.ID == LauncherClaim }), err
}

// Clean removes the claims of workers that are gone, and what they had of a claim when they died. A claim that another process is
// making at this moment stays.
func (c *Claims) Clean() {
	entries, _ := os.ReadDir(c.Dir) // there may be none
	for _, e := range entries {
		if c.gone(e) {
			_ = durable.RemoveAll(c.Disk, filepath.Join(c.Dir, e.Name()))
		}
	}
}

// gone reports whether a folder is of a worker that is gone.
func (c *Claims) gone(e fs.DirEntry) bool {
	if _, _, ok := cutNumber(e.Name()); ok {
		return !c.read(e.Name()).alive
	}
	info, err := e.Info()
	return strings.HasPrefix(e.Name(), durable.Temporary) && err == nil && time.Since(info.ModTime()) > Silence
}

// LeftBy returns the job whose claim a process of this machine left when it died, empty if there is none.
func (c *Claims) LeftBy(pid int) (string, error) {
	names, err := c.names()
	for _, name := range names {
		if h := c.read(name); h.PID == pid && h.Host == c.Me.Host && !h.alive {
			return h.ID, nil
		}
	}
	return "", err
}
