package codec_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sbinet/npyio"
	"gonum.org/v1/gonum/mat"

	"autoamp/datasets"
	"autoamp/kernels"
	"autoamp/train"
	"autoamp/train/codec"
	"autoamp/train/config"
	"autoamp/train/internal/traintest"
)

// openRows opens npy:FILE.
func openRows(t *testing.T, name string) *datasets.Array {
	t.Helper()
	a, err := datasets.OpenArray(t.Context(), strings.TrimPrefix(name, "npy:"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close() })
	return a
}

// trained trains a model and returns its run directory.
func trained(t *testing.T, c train.Config) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "run")
	tr := train.Trainer{Config: c, Executor: traintest.NewCPU(t, 1), Dir: dir}
	if _, err := tr.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	return dir
}

func openCodec(t *testing.T, model string, replica int) *codec.Codec {
	t.Helper()
	k, err := codec.Open(model, replica, traintest.NewCPU(t, 2))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { k.Close() })
	return k
}

// The decoded rows have the error that encode reported, and the error of the model's evaluation on
// the same rows. Batches are ragged and the data have units.
func TestCodecRoundTrip(t *testing.T) {
	t.Parallel()
	rows := traintest.StoreLaw(t, kernels.Law{Kind: kernels.SparseGaussian, P: 0.4}, 400, 12, 0, 5)
	held := traintest.StoreLaw(t, kernels.Law{Kind: kernels.SparseGaussian, P: 0.4}, 60, 12, 0, 5)
	for _, model := range []train.ModelConfig{
		{Name: "shallow", Rate: 1.3}, {Name: "denoiser", Tied: true, Encoder: "haar"}, {Name: "rigamp"}, {Name: "deep"},
	} {
		t.Run(model.Name, func(t *testing.T) {
			t.Parallel()
			c := train.Config{
				Model: model, Steps: 40, Batch: 20, Seeds: []uint64{3, 4},
				Data:       train.DataConfig{Name: rows, SetConfig: train.SetConfig{Test: held}},
				Checkpoint: train.CheckpointConfig{Every: 20},
			}
			dir := filepath.Join(t.TempDir(), "run")
			tr := train.Trainer{Config: c, Executor: traintest.NewCPU(t, 1), Dir: dir}
			summary, err := tr.Run(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			in, k := openRows(t, held), openCodec(t, dir, 1)
			file, back := filepath.Join(t.TempDir(), "x.a1b"), filepath.Join(t.TempDir(), "x.npy")
			var heard []int
			k.Progress = func(rows, total int) { heard = append(heard, rows, total) }
			encoded, err := k.Encode(t.Context(), in, file)
			if err != nil {
				t.Fatal(err)
			}
			decoded, err := k.Decode(t.Context(), file, back, in)
			if err != nil {
				t.Fatal(err)
			}
			if want := []int{20, 60, 40, 60, 60, 60}; !slices.Equal(heard, slices.Concat(want, want)) {
				t.Errorf("heard of %v rows, in pairs with all", heard)
			}
			if *encoded != *decoded {
				t.Errorf("encode reports %+v, decode %+v", *encoded, *decoded)
			}
			info, err := os.Stat(file)
			if err != nil || info.Size() != encoded.Bytes {
				t.Errorf("the file has %d bytes, the report says %d", info.Size(), encoded.Bytes)
			}
			stored, err := config.Load(filepath.Join(dir, "config.yaml"))
			if err != nil {
				t.Fatal(err)
			}
			// The final evaluation is one pass over the same rows, in units of the root mean square, and adds up in
			// float32 blocks.
			want := summary.Runs[1].TestMSE * stored.Data.RMS * stored.Data.RMS
			if math.Abs(encoded.MSE/want-1) > 1e-6 {
				t.Errorf("MSE %.9g, evaluation %.9g", encoded.MSE, want)
			}
			if got := distance(t, in, openRows(t, back)); math.Abs(got/encoded.MSE-1) > 1e-12 {
				t.Errorf("the decoded rows are at %.9g, reported %.9g", got, encoded.MSE)
			}
		})
	}
}

func distance(t *testing.T, a, b datasets.Samples) float64 {
	t.Helper()
	x, y, sum := make([]float32, a.Dim()), make([]float32, a.Dim()), 0.0
	for i := range a.Len() {
		if err := errors.Join(a.Row(x, i), b.Row(y, i)); err != nil {
			t.Fatal(err)
		}
		for j := range x {
			sum += (float64(x[j]) - float64(y[j])) * (float64(x[j]) - float64(y[j]))
		}
	}
	return sum / float64(a.Len()*a.Dim())
}

// The codes of zero rows are coins alone: the same coins every time, half of them heads.
func TestCodecCoins(t *testing.T) {
	t.Parallel()
	dir := trained(t, train.Config{Model: train.ModelConfig{Name: "shallow", Dim: 10, Rate: 5}, Steps: 1, Batch: 16})
	zeros := &datasets.Table{Data: make([]float32, 1000), Cols: 10}
	var files [2][]byte
	for i := range files {
		path := filepath.Join(t.TempDir(), "x.a1b")
		if _, err := openCodec(t, dir, 0).Encode(t.Context(), zeros, path); err != nil {
			t.Fatal(err)
		}
		var err error
		if files[i], err = os.ReadFile(path); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(files[0], files[1]) {
		t.Error("the same rows have two codes")
	}
	r, err := codec.NewReader(bytes.NewReader(files[0]))
	if err != nil {
		t.Fatal(err)
	}
	code, sum := make([]float32, 16*50), 0.0
	for n, err := r.Next(code); err == nil; n, err = r.Next(code) {
		for _, z := range code[:n*50] {
			sum += float64(z)
		}
	}
	if math.Abs(sum) > 4*math.Sqrt(100*50) {
		t.Errorf("5000 coins add up to %g", sum)
	}
}

func TestCodecRefuses(t *testing.T) {
	t.Parallel()
	c := train.Config{Model: train.ModelConfig{Name: "shallow", Dim: 6}, Steps: 1, Batch: 4, Seeds: []uint64{1, 2}}
	dir := trained(t, c)
	first, second := openCodec(t, dir, 0), openCodec(t, dir, 1)
	rows := &datasets.Table{Data: make([]float32, 60), Cols: 6}
	for i := range rows.Data {
		rows.Data[i] = float32(i%7) - 3
	}
	tmp := t.TempDir()
	file := filepath.Join(tmp, "x.a1b")
	if _, err := first.Encode(t.Context(), rows, file); err != nil {
		t.Fatal(err)
	}
	good, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	bad := bytes.Clone(good)
	bad[len(bad)-3] ^= 4
	damaged := filepath.Join(tmp, "damaged.a1b")
	if err := os.WriteFile(damaged, bad, 0o666); err != nil {
		t.Fatal(err)
	}
	nan := &datasets.Table{Data: append(make([]float32, 11), float32(math.NaN())), Cols: 6}
	out := filepath.Join(tmp, "out")
	_, other := second.Decode(t.Context(), file, out, nil)
	if !errors.Is(other, codec.ErrOtherModel) {
		t.Errorf("another seed's model: %v", other)
	}
	for want, run := range map[string]func() error{
		"block 2 (bytes ":        func() error { _, err := first.Decode(t.Context(), damaged, out, nil); return err },
		"no such file":           func() error { _, err := first.Decode(t.Context(), tmp+"/no", out, nil); return err },
		"row 1, column 5 is NaN": func() error { _, err := first.Encode(t.Context(), nan, out); return err },
		"the model codes 6": func() error {
			_, err := first.Encode(t.Context(), &datasets.Table{Data: make([]float32, 5), Cols: 5}, out)
			return err
		},
		"exists":                           func() error { _, err := first.Encode(t.Context(), rows, file); return err },
		"replica = 2: must be from 0 to 1": func() error { _, err := codec.Open(dir, 2, traintest.NewCPU(t, 1)); return err },
		"must be a run directory":          func() error { _, err := codec.Open(tmp, 0, traintest.NewCPU(t, 1)); return err },
		"the reference has 1 rows": func() error {
			_, err := first.Decode(t.Context(), file, out, &datasets.Table{Data: make([]float32, 6), Cols: 6})
			return err
		},
	} {
		if err := run(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
		if entries, _ := filepath.Glob(filepath.Join(tmp, "*")); len(entries) != 2 {
			t.Errorf("%s: left behind: %v", want, fmt.Sprint(entries))
		}
	}
}

// stored writes rows of six numbers to a .npy file and opens it.
func stored(t *testing.T, numbers []float32) (*datasets.Array, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "rows.npy")
	f, err := os.Create(path)
	if err == nil {
		err = errors.Join(npyio.Write(f, mat.NewDense(len(numbers)/6, 6, wide(numbers))), f.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
	return openRows(t, path), path
}

// An error about a row names its file, its number in the file and its column. An error about the codes names their file.
// Only an error about the output names the output.
func TestCodecNamesWhatIsWrong(t *testing.T) {
	t.Parallel()
	dir := trained(t, train.Config{Model: train.ModelConfig{Name: "shallow", Dim: 6}, Steps: 1, Batch: 4})
	k := openCodec(t, dir, 0)
	numbers := make([]float32, 60)
	for i := range numbers {
		numbers[i] = float32(i%7) - 3
	}
	good, _ := stored(t, numbers)
	with := func(at int, value float64) (*datasets.Array, string) {
		other := slices.Clone(numbers)
		other[at] = float32(value)
		return stored(t, other)
	}
	tmp := t.TempDir()
	file, out := filepath.Join(tmp, "x.a1b"), filepath.Join(tmp, "out.npy")
	if _, err := k.Encode(t.Context(), good, file); err != nil {
		t.Fatal(err)
	}
	nan, nanPath := with(6*5+2, math.NaN())
	large, largePath := with(6*7+1, 1e20)
	codes, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	encode := func(rows datasets.Samples) error { _, err := k.Encode(t.Context(), rows, out); return err }
	decode := func(in, out string, reference datasets.Samples) error {
		_, err := k.Decode(t.Context(), in, out, reference)
		return err
	}
	for name, tt := range map[string]struct {
		err  error
		want string
	}{
		"NaN":           {encode(nan), "npy:" + nanPath + ": row 5, column 2 is NaN"},
		"NaN reference": {decode(file, out, nan), "npy:" + nanPath + ": row 5, column 2 is NaN"},
		"overflow":      {encode(large), "npy:" + largePath + ": row 7: the root of its sum of squares is 1e+20: must be below "},
		"no directory":  {decode(file, filepath.Join(file, "out.npy"), nil), "train: out = " + file + "/out.npy: mkdir "},
	} {
		if tt.err == nil || !strings.Contains(tt.err.Error(), tt.want) {
			t.Errorf("%s: error %v, want %q", name, tt.err, tt.want)
		}
	}
	damaged := filepath.Join(tmp, "damaged.a1b")
	for at := range codes {
		bad := bytes.Clone(codes)
		bad[at] ^= 1
		if err := os.WriteFile(damaged, bad, 0o666); err != nil {
			t.Fatal(err)
		}
		if err := decode(damaged, out, nil); err == nil || !strings.Contains(err.Error(), damaged) || strings.Contains(err.Error(), out) {
			t.Errorf("byte %d: %v", at, err)
		}
	}
	if _, err := os.Stat(out); err == nil {
		t.Error("something was written")
	}
}

// Rows of zeros have an error and no mean square: JSON gets null, and both reports are the same.
func TestCodecOfZeros(t *testing.T) {
	t.Parallel()
	dir := trained(t, train.Config{Model: train.ModelConfig{Name: "shallow", Dim: 6}, Steps: 1, Batch: 4})
	k, zeros := openCodec(t, dir, 0), &datasets.Table{Data: make([]float32, 60), Cols: 6}
	file := filepath.Join(t.TempDir(), "x.a1b")
	encoded, err := k.Encode(t.Context(), zeros, file)
	if err != nil {
		t.Fatal(err)
	}
	decoded, err := k.Decode(t.Context(), file, file+".npy", zeros)
	if err != nil || *decoded != *encoded {
		t.Errorf("%+v, %+v, %v", encoded, decoded, err)
	}
	if text, err := json.Marshal(encoded); err != nil || !strings.Contains(string(text), `"relative_mse":null`) || encoded.MSE == 0 {
		t.Errorf("%s, %v", text, err)
	}
}

func wide(x []float32) []float64 {
	out := make([]float64, len(x))
	for i, v := range x {
		out[i] = float64(v)
	}
	return out
}
