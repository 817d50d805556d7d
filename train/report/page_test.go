package report_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"autoamp/datasets/durable"
	"autoamp/kernels"
	"autoamp/train"
	"autoamp/train/internal/traintest"
	"autoamp/train/report"
	"autoamp/train/rundir"
)

// finished trains c in a directory whose name is that of a script.
func finished(t *testing.T, c train.Config) (string, *train.Summary) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "<script>alert(1)<")
	tr := train.Trainer{Executor: traintest.NewCPU(t, 1), Dir: dir, Config: c}
	s, err := tr.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return dir, s
}

func page(t *testing.T, dir string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, "report.html"))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func quick() train.Config {
	return train.Config{
		Model: train.ModelConfig{Dim: 16}, Steps: 30, Batch: 8, Seeds: []uint64{1, 2}, Data: train.DataConfig{P: []float64{0.8, 0.4}},
		Evaluation: train.EvaluationConfig{Every: 1, Batches: 2, FinalBatches: 4},
	}
}

// The page shows the result, and the hash of the newest checkpoint; it needs nothing from outside, and every element is closed.
func TestPage(t *testing.T) {
	t.Parallel()
	dir, s := finished(t, quick())
	text := page(t, dir)
	wellFormed(t, text)
	paths, _ := filepath.Glob(filepath.Join(dir, "checkpoints", "step-000000030", "*.safetensors"))
	if len(paths) != 4 {
		t.Fatal(paths)
	}
	weights, err := os.ReadFile(paths[3])
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		fmt.Sprintf("%.4f ± %.4f", s.Points[1].TestMSE, s.Points[1].TestMSEStderr), fmt.Sprintf("%x", sha256.Sum256(weights)),
		s.Device, s.Environment.Version, s.Environment.Machine.CPU, "autoamp train --config config.yaml", "Shannon", "data:image/png;base64,",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if left := regexp.MustCompile(`(?:fill|stroke):#[0-9A-Fa-f]+`).FindAllString(text, -1); len(left) > 0 {
		t.Errorf("colours that the dark scheme does not have: %v", left)
	}
	for _, address := range strings.Split(text, `="http`)[1:] {
		if !strings.HasPrefix(address, "://www.w3.org/") { // the name of SVG
			t.Errorf("the page points to http%.40s", address)
		}
	}
}

// wellFormed reports elements that are not closed, and scripts.
func wellFormed(t *testing.T, text string) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(text))
	d.Strict, d.AutoClose, d.Entity = false, xml.HTMLAutoClose, xml.HTMLEntity
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		if e, ok := token.(xml.StartElement); ok && strings.EqualFold(e.Name.Local, "script") {
			t.Errorf("a script: %v", e)
		}
	}
}

// A data file called <script> is a name in the page and in the figures, never a script.
func TestPageEscapesNames(t *testing.T) {
	t.Parallel()
	stored := strings.TrimPrefix(traintest.StoreLaw(t, kernels.Law{Kind: kernels.SparseGaussian, P: 0.5}, 200, 8, 0, 1), "npy:")
	data := filepath.Join(filepath.Dir(stored), "<script>alert(1)<!--.npy")
	if err := os.Rename(stored, data); err != nil {
		t.Fatal(err)
	}
	c := quick()
	c.Model.Dim, c.Data = 8, train.DataConfig{Name: "npy:" + data}
	dir, _ := finished(t, c)
	text := page(t, dir)
	wellFormed(t, text)
	if !strings.Contains(text, "&lt;script&gt;alert(1)&lt;!--.npy") {
		t.Error("the page lacks the name of the file")
	}
	figure, err := os.ReadFile(filepath.Join(dir, "loss.svg"))
	if err != nil || bytes.Contains(figure, []byte("<script")) || !bytes.Contains(figure, []byte("&lt;script")) {
		t.Errorf("loss.svg: the name of the file is not escaped, or not there: %v", err)
	}
}

// A run that an earlier version finished has a page that says what is not known; a summary that does not fit has none.
func TestPageOfOtherSummaries(t *testing.T) {
	t.Parallel()
	dir, _ := finished(t, quick())
	change := func(f func(s *rundir.StoredSummary)) error {
		s, err := rundir.ReadSummary(dir)
		if err != nil {
			t.Fatal(err)
		}
		f(s)
		if err := durable.WriteJSON(durable.OS, filepath.Join(dir, "summary.json"), s); err != nil {
			t.Fatal(err)
		}
		_, err = report.Figures(dir)
		return err
	}
	if err := change(func(s *rundir.StoredSummary) { s.Environment = nil }); err != nil || !strings.Contains(page(t, dir), "not recorded") {
		t.Errorf("without an environment: %v", err)
	}
	for converged, cell := range map[bool]string{true: ">yes: by and by</td>", false: ">no: by and by</td>"} {
		err := change(func(s *rundir.StoredSummary) { s.Points[0].Converged, s.Points[0].Reason = &converged, "by and by" })
		if err != nil || !strings.Contains(page(t, dir), cell) {
			t.Errorf("the page lacks %s: %v", cell, err)
		}
	}
	if err := change(func(s *rundir.StoredSummary) { s.Points = s.Points[:1] }); err == nil || !strings.Contains(err.Error(), "summary.json") {
		t.Errorf("without a point: %v", err)
	}
}

// What an earlier version wrote as summary.json has no environment and can be read.
func TestSummaryWithoutEnvironment(t *testing.T) {
	t.Parallel()
	text, err := json.Marshal(rundir.Summary{})
	if err != nil || bytes.Contains(text, []byte("environment")) {
		t.Errorf("%s, %v", text, err)
	}
}
