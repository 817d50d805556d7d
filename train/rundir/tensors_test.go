package rundir

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"autoamp/datasets/durable"
	"autoamp/graph"
)

var someBuffers = []graph.Buffer{
	{Name: "encoder.weight", Shape: []int{2, 3}, Kind: graph.Weight},
	{Name: "decoder.scale", Shape: []int{1}, Kind: graph.Weight},
}

// someTensors is a file with someBuffers: 0, 1, 2, … in each.
func someTensors(t testing.TB) []byte {
	t.Helper()
	var b bytes.Buffer
	read := func(_ string, dst []float32) error {
		for i := range dst {
			dst[i] = float32(i)
		}
		return nil
	}
	if err := writeTensors(&b, someBuffers, read, map[string]string{"step": "3"}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// parseBytes parses a file and keeps its tensors.
func parseBytes(data []byte, buffers []graph.Buffer) (map[string][]float32, map[string]string, error) {
	values := map[string][]float32{}
	meta, err := parseTensors(bytes.NewReader(data), buffers, func(b graph.Buffer, v []float32) error {
		values[b.Name] = slices.Clone(v)
		return nil
	})
	return values, meta, err
}

func TestTensorsComeBack(t *testing.T) {
	t.Parallel()
	data := someTensors(t)
	values, meta, err := parseBytes(data, someBuffers)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string][]float32{"encoder.weight": {0, 1, 2, 3, 4, 5}, "decoder.scale": {0}}
	if d := cmp.Diff(want, values) + cmp.Diff(map[string]string{"step": "3"}, meta); d != "" {
		t.Error(d)
	}
	if !bytes.Equal(data, someTensors(t)) {
		t.Error("the same tensors give other bytes")
	}
}

func TestForeignTensors(t *testing.T) {
	t.Parallel()
	data := someTensors(t)
	for name, tt := range map[string]struct {
		buffers []graph.Buffer
		want    string
	}{
		"missing": {append(someBuffers[:2:2], graph.Buffer{Name: "x", Shape: []int{1}}), "tensor x is missing"},
		"more":    {someBuffers[:1], "2 tensors, want 1"},
		"shape": {[]graph.Buffer{{Name: "encoder.weight", Shape: []int{3, 2}}, someBuffers[1]},
			"tensor encoder.weight: F32 [2 3], want F32 [3 2]"},
	} {
		if _, _, err := parseBytes(data, tt.buffers); err == nil || err.Error() != tt.want {
			t.Errorf("%s: got %v, want %s", name, err, tt.want)
		}
	}
}

func FuzzReadTensors(f *testing.F) {
	data := someTensors(f)
	f.Add(data)
	f.Add(data[:len(data)-1])
	f.Add([]byte(strings.Replace(string(data), "F32", "F16", 1)))
	f.Add([]byte("\x02\x00\x00\x00\x00\x00\x00\x00{}"))
	f.Add([]byte("\xff\xff\xff\xff\xff\xff\xff\xff{}"))
	f.Add([]byte("\x60\x00\x00\x00\x00\x00\x00\x00" +
		`{"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,0]},"b":{"dtype":"F32"}}   `))
	f.Fuzz(func(t *testing.T, data []byte) {
		values, _, err := parseBytes(data, someBuffers)
		if err == nil && (len(values["encoder.weight"]) != 6 || len(values["decoder.scale"]) != 1) {
			t.Errorf("%v without an error", values)
		}
	})
}

func FuzzState(f *testing.F) {
	for _, s := range []State{{Format: 2, Step: 3, Window: []float64{0.5, 1}}, {Format: 1}, {Format: 2, WindowSteps: -1}} {
		data, err := durable.SealJSON(s)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add([]byte(`{"format": 1, "step": 3, "window": [0.5, 1]}`))
	f.Add([]byte(`{"format": 2, "window": [1e999]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := parseState(data)
		if err == nil && (s.Format != checkpointFormat || s.WindowSteps < 0) {
			t.Errorf("%+v without an error", s)
		}
	})
}

func FuzzMetrics(f *testing.F) {
	header := strings.Join(MetricsHeader, ",") + "\n"
	f.Add([]byte(header + "1,0,1,0.3,0.003,0.31,0.31,0.0003,0.36,\n2,0,1,0.3"))
	f.Add([]byte(header))
	f.Fuzz(func(t *testing.T, data []byte) {
		rows, err := ParseMetrics(data)
		if err != nil {
			return
		}
		path := filepath.Join(t.TempDir(), "metrics.csv")
		c, err := OpenCSV(durable.OS, path, Extent{}, MetricsHeader)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range rows {
			if err := c.Record(r); err != nil {
				t.Fatal(err)
			}
		}
		c.Close()
		written, err := c.read(path)
		if err != nil {
			t.Fatal(err)
		}
		if info, _ := os.Stat(path); info.Size() != int64(len(written)) {
			t.Errorf("%d bytes, counted %d", info.Size(), len(written))
		}
		back, err := ParseMetrics(written)
		if d := cmp.Diff(rows, back, cmpopts.EquateNaNs(), cmpopts.EquateEmpty()); err != nil || d != "" {
			t.Errorf("%v\n%s", err, d)
		}
	})
}

// A file's tensors go through the memory of the largest one. The test is not parallel: it counts what the process allocates.
func TestTensorMemory(t *testing.T) {
	const size = 1 << 18
	var buffers []graph.Buffer
	for _, name := range []string{"a", "b", "c", "d"} {
		buffers = append(buffers, graph.Buffer{Name: name, Shape: []int{size}, Kind: graph.Weight})
	}
	read := func(string, []float32) error { return nil }
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if err := writeTensors(io.Discard, buffers, read, nil); err != nil {
		t.Fatal(err)
	}
	runtime.ReadMemStats(&after)
	if got := after.TotalAlloc - before.TotalAlloc; got > 5*size {
		t.Errorf("%d bytes allocated for four tensors of %d bytes, want room for one", got, 4*size)
	}
}
