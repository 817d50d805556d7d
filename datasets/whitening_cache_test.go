package datasets

import (
	"bytes"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"autoamp/datasets/durable/durabletest"
)

func smallWhitening(t *testing.T) (*Whitening, []byte) {
	t.Helper()
	table := &Table{Data: []float32{1, 2, 3, 5, 1, 7, 2, 2, 1, 0, 4, 4}, Cols: 3}
	w, err := FitWhitening(t.Context(), table, 1e-6)
	if err != nil {
		t.Fatal(err)
	}
	var file bytes.Buffer
	if err := w.write(&file); err != nil {
		t.Fatal(err)
	}
	return w, file.Bytes()
}

func TestWhiteningFile(t *testing.T) {
	t.Parallel()
	w, file := smallWhitening(t)
	got, err := parseWhitening(bytes.NewReader(file), 3)
	if err != nil {
		t.Fatal(err)
	}
	if got.Rank != w.Rank || !slices.Equal(got.Mean, w.Mean) || !slices.Equal(got.Eigenvalues, w.Eigenvalues) || !slices.Equal(got.Matrix, w.Matrix) {
		t.Errorf("read %+v, want %+v", got, w)
	}
	for i := range file {
		damaged := slices.Clone(file)
		damaged[i] ^= 0x10
		if _, err := parseWhitening(bytes.NewReader(damaged), 3); err == nil {
			t.Fatalf("a change of byte %d goes unnoticed", i)
		}
		if _, err := parseWhitening(bytes.NewReader(file[:i]), 3); err == nil {
			t.Fatalf("a file of %d bytes is accepted", i)
		}
	}
	if _, err := parseWhitening(bytes.NewReader(append(file, 0)), 3); err == nil {
		t.Error("a byte too many is accepted")
	}
	if _, err := parseWhitening(bytes.NewReader(file), 4); err == nil {
		t.Error("another dimension is accepted")
	}
	if _, err := parseWhitening(bytes.NewReader(file), maxWhitening+1); err == nil {
		t.Error("any dimension is accepted")
	}
}

func FuzzWhitening(f *testing.F) {
	f.Add([]byte(whiteningMagic), 1)
	f.Fuzz(func(t *testing.T, file []byte, d int) {
		durabletest.Budget(t, len(file), 32, func() {
			if w, err := parseWhitening(bytes.NewReader(file), d); err == nil && len(w.Matrix) != d*d {
				t.Errorf("d = %d: %+v", d, w)
			}
		})
	})
}

// A full disk leaves nothing behind: neither the file nor a part of it.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "deep", "file")
	err := store(path, func(w io.Writer) error {
		if _, err := w.Write([]byte("half")); err != nil {
			return err
		}
		return syscall.ENOSPC
	})
	if !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("got %v", err)
	}
	onlyFiles(t, filepath.Dir(path), 0)
	if err := store(path, writing([]byte("old"))); err != nil {
		t.Fatal(err)
	}
	_ = store(path, func(io.Writer) error { return syscall.ENOSPC })
	if data, err := os.ReadFile(path); string(data) != "old" || err != nil {
		t.Errorf("the old file is %q, %v", data, err)
	}
}

// settings of a small image set on the disk, and what is logged.
func smallSettings(t *testing.T) (*collection, ImageSettings, *bytes.Buffer) {
	t.Helper()
	c, content := smallIDX()
	dir := t.TempDir()
	place(t, filepath.Join(dir, c.name), content)
	log := &bytes.Buffer{}
	return c, c.defaults(ImageSettings{Dir: dir, Cache: filepath.Join(dir, "cache"), Augment: true, Whiten: true, Seed: 1,
		Log: slog.New(slog.NewTextHandler(log, nil))}), log
}

func TestWhiteningIsCached(t *testing.T) {
	t.Parallel()
	c, s, log := smallSettings(t)
	first, err := c.images(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	onlyFiles(t, s.Cache, 1)
	again, err := c.images(t.Context(), s)
	if err != nil || !slices.Equal(again.Train.Data, first.Train.Data) || !slices.Equal(again.Test.Data, first.Test.Data) {
		t.Errorf("the cached map whitens differently: %v", err)
	}
	files, _ := filepath.Glob(filepath.Join(s.Cache, "*.whitening"))
	if err := os.Truncate(files[0], 1000); err != nil {
		t.Fatal(err)
	}
	again, err = c.images(t.Context(), s)
	if err != nil || !slices.Equal(again.Train.Data, first.Train.Data) {
		t.Errorf("a damaged cache: %v", err)
	}
	if !strings.Contains(log.String(), "1000 bytes, want") {
		t.Errorf("nothing said of the damaged file:\n%s", log)
	}
	if _, err := readWhitening(files[0], 36); err != nil {
		t.Errorf("the damaged file was not replaced: %v", err)
	}
}

// Everything that decides the map is in its name, and nothing else: what is done to the images shows in them.
func TestWhiteningNames(t *testing.T) {
	t.Parallel()
	name := func(change func(table *Table, s *ImageSettings)) string {
		table, s := &Table{Data: []float32{1, 2, 3, 5, 1, 7, 2, 2, 1, 0, 4, 4}, Cols: 3}, ImageSettings{Cache: "cache", Cut: 1e-6, Seed: 1}
		change(table, &s)
		path, err := whiteningPath(table, s)
		if err != nil {
			t.Fatal(err)
		}
		return path
	}
	same := name(func(*Table, *ImageSettings) {})
	for what, change := range map[string]func(table *Table, s *ImageSettings){
		"number":    func(table *Table, _ *ImageSettings) { table.Data[7] = 2.0000002 },
		"order":     func(table *Table, _ *ImageSettings) { slices.Reverse(table.Data) },
		"dimension": func(table *Table, _ *ImageSettings) { table.Cols = 4 },
		"size":      func(table *Table, _ *ImageSettings) { table.Data = table.Data[:9] },
		"cut":       func(_ *Table, s *ImageSettings) { s.Cut = 1e-3 },
	} {
		if name(change) == same {
			t.Errorf("another %s has the same name", what)
		}
	}
	if name(func(_ *Table, s *ImageSettings) { s.Seed, s.Classes, s.Augment = 2, []int{1}, true }) != same {
		t.Error("settings that leave the images alone change the name")
	}
}

// A change of how images are augmented is another map.
func TestAnotherAugmentationIsWhitenedAnew(t *testing.T) {
	t.Parallel()
	c, s, _ := smallSettings(t)
	for files, shift := range []int{1, 2} {
		c.augment.shift = shift
		if _, err := c.images(t.Context(), s); err != nil {
			t.Fatal(err)
		}
		onlyFiles(t, s.Cache, files+1)
	}
}

func TestCacheThatCannotBeWritten(t *testing.T) {
	t.Parallel()
	c, s, log := smallSettings(t)
	if err := os.WriteFile(s.Cache, nil, 0o644); err != nil { // a file where the directory should be
		t.Fatal(err)
	}
	if set, err := c.images(t.Context(), s); err != nil || set.Train.Len() != 200 {
		t.Errorf("got %v", err)
	}
	if !strings.Contains(log.String(), "the whitening map is not kept") {
		t.Errorf("nothing said of it:\n%s", log)
	}
}
