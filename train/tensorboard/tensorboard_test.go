package tensorboard_test

import (
	"bytes"
	"image/color"
	"image/png"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"

	"autoamp/datasets/durable"
	"autoamp/datasets/durable/durabletest"
	"autoamp/train"
	"autoamp/train/internal/traintest"
	"autoamp/train/matrix"
	"autoamp/train/rundir"
	"autoamp/train/tensorboard/internal/tfevents"
	"autoamp/train/theory"
)

// The file of the checksum's definition: 0xe3069283 is the check value of CRC-32C for these digits.
func TestChecksumOfReader(t *testing.T) {
	const sum = 0xe3069283
	if want := uint32(sum>>15|(sum<<17)&(1<<32-1)) + 0xa282ead8; maskedBitByBit([]byte("123456789")) != want {
		t.Errorf("masked checksum %x, want %x", maskedBitByBit([]byte("123456789")), want)
	}
}

// small is a run with few calls of the disk.
func small() train.Config {
	return train.Config{
		Model: train.ModelConfig{Dim: 4}, Steps: 24, Batch: 4, Seeds: []uint64{3}, Data: train.DataConfig{P: []float64{0.5}},
		Evaluation: train.EvaluationConfig{Every: 4, Batches: 2, FinalBatches: 4},
		Checkpoint: train.CheckpointConfig{Every: 8, Keep: 2}, Tensorboard: true,
	}
}

// untold is small without a theory, whose files and numbers take most of the time.
func untold() train.Config {
	c := small()
	c.Model.Name = "tied"
	return c
}

// trainOn runs c into dir, or continues it.
func trainOn(t *testing.T, disk durable.Disk, dir string, c train.Config) (*train.Summary, error) {
	tr := train.Trainer{Config: c, Executor: traintest.NewCPU(t, 1), Dir: dir, Resume: true, Disk: disk, NoFigures: true}
	return tr.Run(t.Context())
}

func mustTrain(t *testing.T, dir string, c train.Config) *train.Summary {
	t.Helper()
	s, err := trainOn(t, &durabletest.Faults{At: -1}, dir, c)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// Every number of metrics.csv and of structure.csv stands in the event files, of every replica in its folder.
func TestRowsOfSeveralReplicas(t *testing.T) {
	t.Parallel()
	c := small()
	c.Seeds, c.Data.P = []uint64{3, 4}, []float64{0.5, 0.25}
	dir := filepath.Join(t.TempDir(), "run")
	s := mustTrain(t, dir, c)
	for i, folder := range []string{"replica-0_p=0.5_seed=3", "replica-1_p=0.5_seed=4", "replica-2_p=0.25_seed=3", "replica-3_p=0.25_seed=4"} {
		got := bySession(t, filepath.Join(dir, folder))
		if d := cmp.Diff(wanted(t, dir, i, s), got); d != "" {
			t.Errorf("%s:\n%s", folder, d)
		}
	}
}

// wanted is what the event files of a replica of a finished run should hold, from the run's own files.
func wanted(t *testing.T, dir string, replica int, s *train.Summary) series {
	t.Helper()
	out := series{}
	add := func(step int, tag string, v float64) { out[tag] = append(out[tag], point{int64(step), float32(v)}) }
	rows, err := rundir.ReadMetrics(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rows {
		if r.Replica == replica {
			add(r.Step, "metrics/learning_rate", r.LearningRate)
			add(r.Step, "metrics/train_mse", r.TrainMSE)
			add(r.Step, "metrics/test_mse", r.TestMSE)
			add(r.Step, "metrics/test_mse_stderr", r.TestMSEStderr)
			add(r.Step, "metrics/finite_d", r.Expected)
			add(r.Step, "metrics/mark", float64(slices.Index([]rundir.Mark{rundir.NoMark, rundir.OnPlateau, rundir.LeftPlateau}, r.Mark)))
		}
	}
	shape := s.Runs[replica].Structure // of the last step, the only one that a short run measures
	for tag, v := range map[string]float64{
		"gram_rms": shape.GramRMS, "gram_max": shape.GramMax, "permutation": shape.Permutation,
		"empty_columns": shape.EmptyColumns, "permutation_rows": shape.PermutationRows,
	} {
		add(s.TrainSteps, "structure/"+tag, v)
	}
	add(s.TrainSteps, "weights/BtB", 400)
	if shape.Tied != nil {
		add(s.TrainSteps, "structure/tied", *shape.Tied)
		add(s.TrainSteps, "weights/AB", 400)
	}
	r := s.Runs[replica]
	add(s.TrainSteps, "summary/test_mse", r.TestMSE)
	add(s.TrainSteps, "summary/test_mse_stderr", r.TestMSEStderr)
	add(s.TrainSteps, "summary/train_mse", r.TrainMSE)
	for _, p := range s.Points {
		if p.P == r.P && p.Expected > 0 {
			add(s.TrainSteps, "summary/gap", r.TestMSE/p.Expected-1)
		}
	}
	return out
}

// The theory's levels have the name of the test error, in folders of their own, and reach over the whole run.
func TestTheoryIsOnTheChartOfTheTestError(t *testing.T) {
	t.Parallel()
	c := small()
	c.Model.Dim = 100 // where there is a value at this d
	dir := filepath.Join(t.TempDir(), "run")
	s := mustTrain(t, dir, c)
	lines := theory.Lines(s.Model, theory.Completed(s.Model, s.Theory))
	var names []string
	for _, line := range lines {
		names = append(names, line.Name)
		want := series{"metrics/test_mse": {{0, float32(line.MSE)}, {24, float32(line.MSE)}}}
		if d := cmp.Diff(want, bySession(t, filepath.Join(dir, "theory", line.Name))); d != "" {
			t.Errorf("%s:\n%s", line.Name, d)
		}
	}
	if want := []string{"limit", "finite_d", "identity", "envelope", "bayes", "shannon"}; !slices.Equal(names, want) {
		t.Errorf("lines %v, want %v", names, want)
	}
}

// The settings of a replica stand in the metadata of a value, as TensorBoard's plugin wants it, and so does the success.
func TestSettings(t *testing.T) {
	t.Parallel()
	c := small()
	c.Seeds = []uint64{3, 4}
	dir := filepath.Join(t.TempDir(), "run")
	mustTrain(t, dir, c)
	var start *tfevents.SessionStartInfo
	var end *tfevents.SessionEndInfo
	for _, e := range eventsIn(t, filepath.Join(dir, "replica-1_p=0.5_seed=4")) {
		for _, v := range e.GetSummary().GetValue() {
			if v.GetMetadata().GetPluginData().GetPluginName() != "hparams" {
				continue
			}
			data := &tfevents.HParamsPluginData{}
			if err := proto.Unmarshal(v.Metadata.PluginData.Content, data); err != nil || v.Metadata.DataClass != tfevents.DataClass_DATA_CLASS_TENSOR {
				t.Fatalf("%v, %v", v, err)
			}
			if z := v.GetTensor(); z.Dtype != tfevents.DataType_DT_FLOAT || z.TensorShape.Dim[0].Size != 1 || !slices.Equal(z.FloatVal, []float32{0}) {
				t.Errorf("%s: tensor %v", v.Tag, z)
			}
			switch v.Tag {
			case "_hparams_/session_start_info":
				start = data.GetSessionStartInfo()
			case "_hparams_/session_end_info":
				end = data.GetSessionEndInfo()
			}
		}
	}
	for key, want := range map[string]any{"p": 0.5, "seed": 4., "steps": 24., "model.name": "denoiser", "model.dim": 4., "optimizer.project": true} {
		if got := start.GetHparams()[key].AsInterface(); got != want {
			t.Errorf("%s = %v, want %v", key, got, want)
		}
	}
	if end.GetStatus() != tfevents.Status_STATUS_SUCCESS {
		t.Errorf("status %v", end.GetStatus())
	}
}

// The picture of BᵀB has the colours of the numbers that the checkpoint's weights give.
func TestPictures(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "run")
	mustTrain(t, dir, small())
	checkpoint, err := rundir.Newest(dir)
	if err != nil {
		t.Fatal(err)
	}
	weights, err := checkpoint.Weights(0)
	if err != nil {
		t.Fatal(err)
	}
	b := matrix.New(2, 4, weights["encoder.weight"])
	matrix.NormaliseRows(b)
	gram := matrix.Product(matrix.Transpose(b), b)
	for _, e := range eventsIn(t, dir) {
		for _, v := range e.GetSummary().GetValue() {
			if v.Tag != "weights/BtB" {
				continue
			}
			img, err := png.Decode(bytes.NewReader(v.GetImage().EncodedImageString))
			if err != nil {
				t.Fatal(err)
			}
			for i, value := range gram.Data {
				c := color.NRGBAModel.Convert(img.At(i%4*100+50, i/4*100+50)).(color.NRGBA)
				if math.Abs(float64(value)) > 0.1 && (value > 0) != (c.R > c.B) {
					t.Errorf("element %d is %g, its colour %v", i, value, c)
				}
			}
			return
		}
	}
	t.Error("no picture of BᵀB")
}

// A run is killed at every call, and resumed: both of TensorBoard's readers show every step of metrics.csv once.
func TestNoStepTwiceAfterAKill(t *testing.T) {
	t.Parallel()
	calls := &durabletest.Faults{At: -1}
	if _, err := trainOn(t, calls, filepath.Join(t.TempDir(), "run"), untold()); err != nil {
		t.Fatal(err)
	}
	for at := range calls.Calls() {
		dir := filepath.Join(t.TempDir(), "run")
		_, _ = trainOn(t, &durabletest.Faults{At: at, Err: durabletest.ErrKilled}, dir, untold()) // fails, but not where only the log does
		checkResumed(t, dir, calls.Calls()[at], untold())
	}
	t.Logf("killed at each of %d calls", len(calls.Calls()))
}

// The power fails after every call, and any part of what was not synced is lost.
func TestNoStepTwiceAfterAPowerCut(t *testing.T) {
	t.Parallel()
	parent := t.TempDir()
	journal := durabletest.NewJournal(parent)
	if _, err := trainOn(t, journal, filepath.Join(parent, "run"), untold()); err != nil {
		t.Fatal(err)
	}
	for calls := range journal.Len() + 1 {
		after := t.TempDir()
		if err := journal.Crash(calls, rand.New(rand.NewPCG(uint64(calls), 1)), after); err != nil {
			t.Fatal(err)
		}
		checkResumed(t, filepath.Join(after, "run"), "", untold())
	}
}

// checkResumed resumes a run and compares its event files with its rows.
func checkResumed(t *testing.T, dir, where string, c train.Config) {
	t.Helper()
	s := mustTrain(t, dir, c)
	want := wanted(t, dir, 0, s)
	for name, got := range map[string]series{"by session": bySession(t, dir), "by step": byStep(t, dir)} {
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s: read %s:\n%.1500s", where, name, d)
		}
	}
}

// A run that began without event files has its earlier rows in them once it is resumed with them; without them again, it goes on.
func TestResumedWithEventFiles(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "run")
	without := small()
	without.Tensorboard = false
	tr := train.Trainer{Config: without, Executor: traintest.NewCPU(t, 1), Dir: dir, NoFigures: true, Disk: &durabletest.Faults{At: -1}}
	if _, err := tr.Run(stopAfter(t, &tr, 16)); err == nil {
		t.Fatal("not interrupted")
	}
	if found, _ := filepath.Glob(filepath.Join(dir, "*tfevents*")); len(found) > 0 {
		t.Errorf("%v without being asked for", found)
	}
	checkResumed(t, dir, "resumed", small())
}

// The names of the files are in the order of the sessions, also where the clock has gone back.
func TestClockGoesBack(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "run")
	tr := train.Trainer{Config: small(), Executor: traintest.NewCPU(t, 1), Dir: dir, NoFigures: true, Disk: &durabletest.Faults{At: -1}}
	if _, err := tr.Run(stopAfter(t, &tr, 16)); err == nil {
		t.Fatal("not interrupted")
	}
	found, _ := filepath.Glob(filepath.Join(dir, "*tfevents*"))
	if err := os.Rename(found[0], filepath.Join(dir, "events.out.tfevents.5000000000.autoamp")); err != nil || len(found) != 1 {
		t.Fatal(found, err)
	}
	checkResumed(t, dir, "resumed", small())
	if _, err := os.Stat(filepath.Join(dir, "events.out.tfevents.5000000001.autoamp")); err != nil {
		t.Error(err)
	}
}
