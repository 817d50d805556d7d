package datasets

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/md5"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// smallIDX is a collection like MNIST: 40 training and 20 test images of 6×6 in three classes, the borders black. It
// returns the content of its files.
func smallIDX() (*collection, map[string][]byte) {
	c := mnist
	c.classes, c.size = []string{"0", "1", "2"}, 200
	content := map[string][]byte{}
	r := rand.New(rand.NewPCG(3, 4))
	for i, n := range []int{40, 20} {
		images, labels := words(idxImages, n, 6, 6), words(idxLabels, n)
		for k := range n {
			labels = append(labels, byte(k%3))
			for at := range 36 {
				pixel := byte(0)
				if at/6%5 > 0 && at%6%5 > 0 {
					pixel = byte(r.IntN(256))
				}
				images = append(images, pixel)
			}
		}
		content[c.files[2*i].name], content[c.files[2*i+1].name] = images, labels
	}
	return c.publish(content), content
}

// smallCIFAR is a collection like CIFAR-10 with 12 images in every file.
func smallCIFAR() (*collection, map[string][]byte) {
	c := cifar10
	c.size = 100
	content := map[string][]byte{}
	r := rand.New(rand.NewPCG(5, 6))
	for _, f := range c.files {
		var batch []byte
		for k := range 12 {
			batch = append(batch, byte(k%10))
			for range cifarShape.Size() {
				batch = append(batch, byte(r.IntN(256)))
			}
		}
		content[f.name] = batch
	}
	return c.publish(content), content
}

// publish returns the collection with sizes and checksums of content.
func (c collection) publish(content map[string][]byte) *collection {
	var files []file
	for _, f := range c.files {
		sum := md5.Sum(content[f.name])
		files = append(files, file{f.name, int64(len(content[f.name])), hex.EncodeToString(sum[:]), f.test})
	}
	c.files = files
	return &c
}

func words(values ...int) (out []byte) {
	for _, v := range values {
		out = binary.BigEndian.AppendUint32(out, uint32(v))
	}
	return out
}

func gzipped(content []byte) []byte {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	w.Write(content)
	w.Close()
	return out.Bytes()
}

// archived returns a gzipped tar of the files, as the mirror of CIFAR-10 has it.
func archived(content map[string][]byte) []byte {
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	w.WriteHeader(&tar.Header{Name: "cifar-10-batches-bin/readme.html", Size: 2, Mode: 0o644})
	w.Write([]byte("hi"))
	for name, data := range content {
		w.WriteHeader(&tar.Header{Name: "cifar-10-batches-bin/" + name, Size: int64(len(data)), Mode: 0o644})
		w.Write(data)
	}
	w.Close()
	return gzipped(out.Bytes())
}

// place writes files below dir.
func place(t *testing.T, dir string, content map[string][]byte) string {
	t.Helper()
	for name, data := range content {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestLoad(t *testing.T) {
	t.Parallel()
	c, content := smallIDX()
	name := c.files[0].name
	content[name+".gz"] = gzipped(content[name])
	delete(content, name)
	l, err := c.load(place(t, t.TempDir(), content))
	if err != nil {
		t.Fatal(err)
	}
	if l.Train.Len() != 40 || l.Test.Len() != 20 || l.Train.Shape.Size() != 36 || len(l.Missing) > 0 || l.Train.Labels[4] != 1 {
		t.Errorf("%d training, %d test images of %v, missing %v", l.Train.Len(), l.Test.Len(), l.Train.Shape, l.Missing)
	}
}

func TestLoadSomeBatches(t *testing.T) {
	t.Parallel()
	c, content := smallCIFAR()
	for _, name := range []string{"data_batch_1.bin", "data_batch_4.bin"} {
		delete(content, name)
	}
	dir := place(t, t.TempDir(), content)
	l, err := c.load(dir)
	if err != nil {
		t.Fatal(err)
	}
	if l.Train.Len() != 36 || l.Test.Len() != 12 || strings.Join(l.Missing, " ") != "data_batch_1.bin data_batch_4.bin" {
		t.Errorf("%d training, %d test images, missing %v", l.Train.Len(), l.Test.Len(), l.Missing)
	}
	if err := os.Remove(filepath.Join(dir, "test_batch.bin")); err != nil {
		t.Fatal(err)
	}
	if _, err := c.load(dir); !errors.Is(err, ErrNotFetched) || !strings.Contains(err.Error(), "test_batch.bin") {
		t.Errorf("without test images: %v", err)
	}
}

func TestLoadDamaged(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		damage func(content map[string][]byte, name string)
		want   string
	}{
		"one byte":    {func(c map[string][]byte, name string) { c[name][100] ^= 1 }, "content has MD5 "},
		"empty":       {func(c map[string][]byte, name string) { c[name] = nil }, "content of 0 bytes, want 1456"},
		"truncated":   {func(c map[string][]byte, name string) { c[name] = c[name][:99] }, "content of 99 bytes, want 1456"},
		"too long":    {func(c map[string][]byte, name string) { c[name] = append(c[name], 0) }, "more than 1456 bytes: trailing bytes"},
		"half a gzip": {func(c map[string][]byte, name string) { c[name] = gzipped(c[name])[:500] }, "unexpected EOF"},
		"gzip and more": {func(c map[string][]byte, name string) {
			c[name] = append(gzipped(c[name]), "more than a header of it"...)
		}, "gzip: invalid header"},
		"gzip bomb":  {func(c map[string][]byte, name string) { c[name] = gzipped(make([]byte, 1<<24)) }, "more than 1456 bytes"},
		"a web page": {func(c map[string][]byte, name string) { c[name] = []byte("<html>") }, "content of 6 bytes"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, content := smallIDX()
			tt.damage(content, c.files[0].name)
			_, err := c.load(place(t, t.TempDir(), content))
			if err == nil || !strings.HasPrefix(err.Error(), "datasets: ") || !strings.Contains(err.Error(), "train-images-idx3-ubyte: "+tt.want) {
				t.Errorf("got %v, want %s", err, tt.want)
			}
		})
	}
}

// Files that pass their checksums can still disagree with each other.
func TestLabelsAndImagesMustAgree(t *testing.T) {
	t.Parallel()
	c, content := smallIDX()
	name := c.files[1].name
	content[name] = append(words(idxLabels, 3), 0, 1, 2)
	c = c.publish(content)
	if _, err := c.load(place(t, t.TempDir(), content)); err == nil || !strings.Contains(err.Error(), "3 labels for 40 images") {
		t.Error(err)
	}
}
