//go:build unix

package durable

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// TestInUse checks that looking at a directory tells whether it is held and takes nothing away from its holder.
func TestInUse(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, want := range []bool{false, true, false} {
		var held *Held
		if want {
			var err error
			if held, err = Hold(OS, dir); err != nil {
				t.Fatal(err)
			}
		}
		for range 2 {
			if got, err := InUse(dir); got != want || err != nil {
				t.Errorf("InUse = %v, %v, want %v", got, err, want)
			}
		}
		if held != nil {
			if err := errors.Join(held.Check(), held.Close()); err != nil {
				t.Error(err)
			}
		}
	}
}

// TestHoldWaitsForALook checks that a process that looks at a directory does not keep another from holding it.
func TestHoldWaitsForALook(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), LockName)
	look, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := lockShared(look); err != nil {
		t.Fatal(err)
	}
	lock, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer lock.Close()
	pauses := 0
	ended := func() {
		if pauses++; pauses == 2 {
			look.Close()
		}
	}
	if err := lockAgain(func() error { return Lock(lock) }, ended); err != nil || pauses != 2 {
		t.Errorf("after %d pauses: %v", pauses, err)
	}
}
