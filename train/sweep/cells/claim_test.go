package cells

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"autoamp/datasets/durable"
)

// claimsOf are the claims of a holder in a folder.
func claimsOf(dir string, me Holder) *Claims { return &Claims{Dir: dir, Disk: durable.OS, Me: me} }

// elsewhere is a live holder of another machine.
func elsewhere(name string) Holder {
	return Holder{Host: name, PID: 7, Process: name + "/pid:[1]/9", Task: -1}
}

// take claims a job and fails the test if it cannot.
func take(t *testing.T, c *Claims, id string) *Claim {
	t.Helper()
	claim, err := c.Take(id)
	if err != nil {
		t.Fatal(err)
	}
	return claim
}

// A claim of a live worker is refused with its holder, and free once it is released.
func TestClaimIsHeld(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	a, b := claimsOf(dir, elsewhere("a")), claimsOf(dir, elsewhere("b"))
	claim := take(t, a, "job")
	claim.Report(Progress{Cells: 3})
	_, err := b.Take("job")
	var held *HeldError
	if !errors.As(err, &held) || held.Holder.Host != "a" {
		t.Fatalf("taken twice: %v", err)
	}
	take(t, b, "other").Release()
	if list, err := b.List(); err != nil || len(list) != 1 || list[0].ID != "job" || list[0].Host != "a" {
		t.Errorf("%+v, %v", list, err)
	}
	claim.Release()
	take(t, b, "job").Release()
	if entries, _ := os.ReadDir(dir); len(entries) > 0 {
		t.Errorf("left behind: %v", entries)
	}
}

// The claim of a process that has died is taken over at once on its machine, and elsewhere when its batch system says so, or its
// task runs again, or it has been silent for long.
func TestClaimOfTheDead(t *testing.T) {
	t.Parallel()
	dead := exec.Command(os.Args[0], "-test.run=^$")
	if err := dead.Start(); err != nil {
		t.Fatal(err)
	}
	here := ThisHolder("", -1)
	here.PID, here.Process = dead.Process.Pid, processName(dead.Process.Pid)
	if err := dead.Wait(); err != nil {
		t.Fatal(err)
	}
	if here.Process == "" {
		t.Skip("no /proc names the processes here")
	}
	silent, batch := elsewhere("silent"), elsewhere("batch")
	batch.Batch = "slurm:1_2"
	for _, test := range []struct {
		name   string
		holder Holder
		age    time.Duration
		me     Holder
		dead   func(Holder) bool
		free   bool
	}{
		{"dead here", here, 0, ThisHolder("", -1), nil, true},
		{"dead here, seen from elsewhere", here, 0, elsewhere("b"), nil, false},
		{"alive elsewhere", silent, 0, ThisHolder("", -1), nil, false},
		{"silent elsewhere", silent, 2 * Silence, ThisHolder("", -1), nil, true},
		{"the same task of a batch system", batch, 0, ThisHolder("slurm:1_2", 2), nil, true},
		{"another task of a batch system", batch, 0, ThisHolder("slurm:1_3", 3), nil, false},
		{"the batch system knows", batch, 0, ThisHolder("slurm:1_3", 3), func(h Holder) bool { return h.Batch == "slurm:1_2" }, true},
	} {
		dir := t.TempDir()
		test.holder.Began = time.Now().Add(-test.age)
		if err := os.Mkdir(filepath.Join(dir, "job.1"), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := durable.WriteJSON(durable.OS, filepath.Join(dir, "job.1", holderFile), test.holder); err != nil {
			t.Fatal(err)
		}
		c := claimsOf(dir, test.me)
		c.Dead = test.dead
		claim, err := c.Take("job")
		if free := err == nil; free != test.free {
			t.Errorf("%s: %v", test.name, err)
		}
		if err == nil {
			claim.Release()
			if entries, _ := os.ReadDir(dir); len(entries) > 0 {
				t.Errorf("%s: left behind: %v", test.name, entries)
			}
		}
	}
}

// Of many workers that claim at once, also over the claim of a dead one, no two have the job at a time, and each gets it.
func TestClaimRace(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	left := claimsOf(dir, elsewhere("dead"))
	if err := left.place(filepath.Join(dir, "job.1")); err != nil {
		t.Fatal(err)
	}
	isDead := func(h Holder) bool { return h.Host == "dead" }
	var (
		workers sync.WaitGroup
		mu      sync.Mutex
		inside  int
	)
	for i := range 8 {
		c := claimsOf(dir, elsewhere(string(rune('a'+i))))
		c.Dead = isDead
		workers.Go(func() {
			for had := 0; had < 5; {
				claim, err := c.Take("job")
				if held := (*HeldError)(nil); errors.As(err, &held) {
					continue
				}
				if err != nil {
					t.Error(err)
					return
				}
				had++
				mu.Lock()
				if inside++; inside > 1 {
					t.Error("two workers have the job")
				}
				mu.Unlock()
				mu.Lock()
				inside--
				mu.Unlock()
				claim.Release()
			}
		})
	}
	workers.Wait()
}

// What a worker that was killed while it claimed has left is removed, and the claims of others stay.
func TestClean(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	c := claimsOf(dir, elsewhere("a"))
	claim := take(t, c, "alive")
	defer claim.Release()
	if err := os.Mkdir(filepath.Join(dir, "half.1"), 0o777); err != nil { // its holder is removed already
		t.Fatal(err)
	}
	c.Clean()
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 || entries[0].Name() != "alive.1" {
		t.Errorf("%v, %v", entries, err)
	}
}

// Of the folders in which claims are made, only those of workers that died long ago are removed: another worker may be at one.
func TestClaimInTheMakingStays(t *testing.T) {
	t.Parallel()
	d := NewDirectory(t.TempDir())
	claims := d.Claims(elsewhere("a"))
	for name, age := range map[string]time.Duration{"now": 0, "old": 2 * Silence} {
		path := filepath.Join(claims.Dir, durable.Temporary+name)
		if err := os.MkdirAll(path, 0o777); err != nil {
			t.Fatal(err)
		}
		made := time.Now().Add(-age)
		if err := os.Chtimes(path, made, made); err != nil {
			t.Fatal(err)
		}
	}
	claims.Clean()
	d.Sweep()
	entries, err := os.ReadDir(claims.Dir)
	if err != nil || len(entries) != 1 || entries[0].Name() != durable.Temporary+"now" {
		t.Errorf("%v, %v", entries, err)
	}
}
