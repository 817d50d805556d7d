package datasets_test

import (
	"bytes"
	"strings"
	"testing"

	"autoamp/datasets"
	"autoamp/datasets/durable/durabletest"
)

// record is the size of a record of CIFAR-10.
const record = 1 + 3*32*32

// cifar returns records with the given labels; pixel k of record i is 7i + k.
func cifar(labels ...byte) []byte {
	var out []byte
	for i, label := range labels {
		out = append(out, label)
		for k := range record - 1 {
			out = append(out, byte(7*i+k))
		}
	}
	return out
}

func TestReadCIFAR(t *testing.T) {
	t.Parallel()
	p, err := datasets.ReadCIFAR(bytes.NewReader(cifar(3, 9, 3)))
	if err != nil {
		t.Fatal(err)
	}
	if p.Len() != 3 || !bytes.Equal(p.Labels, []byte{3, 9, 3}) || p.Shape.String() != "3×32×32" {
		t.Errorf("%d images, labels %v, shape %v", p.Len(), p.Labels, p.Shape)
	}
	if got := p.Image(2)[1024]; got != byte(14+1024%256) {
		t.Errorf("the first green pixel of image 2 is %d", got)
	}
	if green := p.Channel(1); green.Shape.Size() != 1024 || green.Image(2)[0] != p.Image(2)[1024] || green.Image(2)[1023] != p.Image(2)[2047] {
		t.Errorf("the green plane is another one")
	}
	threes := p.Select([]int{3})
	if threes.Len() != 2 || !bytes.Equal(threes.Image(1), p.Image(2)) || p.Select(nil).Len() != 3 {
		t.Errorf("class 3 has %d images", threes.Len())
	}
	if counts := p.Counts(10); counts[3] != 2 || counts[9] != 1 || counts[0] != 0 {
		t.Errorf("counts %v", counts)
	}
}

func TestBadCIFAR(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		file []byte
		want string
	}{
		"empty":     {nil, "0 bytes: must be a positive multiple of 3073"},
		"truncated": {cifar(1, 2)[:2*record-1], "6145 bytes: must be a positive multiple of 3073"},
		"trailing":  {append(cifar(1), 0), "3074 bytes: must be"},
		"label":     {cifar(1, 10), "label 10 of record 1: must be in [0, 9]"},
	} {
		if _, err := datasets.ReadCIFAR(bytes.NewReader(tt.file)); err == nil || !strings.HasPrefix(err.Error(), tt.want) {
			t.Errorf("%s: got %v, want %s", name, err, tt.want)
		}
	}
}

// What is accepted are its records.
func FuzzCIFAR(f *testing.F) {
	f.Add(cifar(0, 9))
	f.Add(cifar(10))
	f.Add(cifar(1)[:100])
	f.Fuzz(func(t *testing.T, file []byte) {
		durabletest.Budget(t, len(file), 32, func() { tryCIFAR(t, file) })
	})
}

// tryCIFAR reads a file that may be damaged.
func tryCIFAR(t *testing.T, file []byte) {
	p, err := datasets.ReadCIFAR(bytes.NewReader(file))
	if err != nil {
		return
	}
	var again []byte
	for i, label := range p.Labels {
		again = append(append(again, label), p.Image(i)...)
	}
	if !bytes.Equal(again, file) {
		t.Error("the records are others")
	}
}
