package serve

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"autoamp/datasets/durable"
	"autoamp/kernels/cpu"
	"autoamp/train"
	"autoamp/train/config"
	"autoamp/train/runs"
)

// trained trains a run of 40 steps into a directory.
func trained(t testing.TB, dir string, settings ...string) {
	t.Helper()
	exec, err := cpu.New(cpu.Settings{Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	all := append([]string{
		"model.name=shallow", "model.dim=12", "batch=8", "steps=40", "seeds=[1, 2]", "data.p=[0.4, 0.8]", "checkpoint.every=20", "evaluation.batches=2",
		"evaluation.final_batches=2",
	}, settings...)
	c, err := config.Parse(nil, all...)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := (&train.Trainer{Config: c, Executor: exec, Dir: dir, NoFigures: true}).Run(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// unfinished takes the summary from a run, as if the run had been killed.
func unfinished(t *testing.T, dir string) {
	t.Helper()
	if err := os.Remove(filepath.Join(dir, "summary.json")); err != nil {
		t.Fatal(err)
	}
}

// serving serves folders on the loopback.
func serving(t testing.TB, dirs ...string) *Server {
	t.Helper()
	return servingAs(t, Settings{Dirs: dirs})
}

func servingAs(t testing.TB, settings Settings) *Server {
	t.Helper()
	s, err := New(t.Context(), settings)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error)
	go func() { ended <- s.Serve(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return s
}

// ask sends a request to the handler and returns the answer.
func ask(t *testing.T, s *Server, path string, headers ...string) *http.Response {
	t.Helper()
	s.registry.stale()
	r := httptest.NewRequest(http.MethodGet, path, nil)
	r.Host = s.listener.Addr().String()
	for i := 0; i < len(headers); i += 2 {
		if r.Header.Set(headers[i], headers[i+1]); headers[i] == "Host" {
			r.Host = headers[i+1]
		}
	}
	w := httptest.NewRecorder()
	s.http.Handler.ServeHTTP(w, r)
	return w.Result()
}

// text is an answer's body.
func text(t *testing.T, r *http.Response) string {
	t.Helper()
	data, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// fetch reads a JSON answer that must be a success.
func fetch[T any](t *testing.T, s *Server, path string) T {
	t.Helper()
	var out T
	r := ask(t, s, path)
	body := text(t, r)
	if r.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s: %s", path, r.Status, body)
	}
	if err := json.Unmarshal([]byte(body), &out); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return out
}

// failure is the message of an answer that must be a failure.
func failure(t *testing.T, s *Server, path string, status int) string {
	t.Helper()
	r := ask(t, s, path)
	body := text(t, r)
	if r.StatusCode != status {
		t.Errorf("%s: %s: want %d: %s", path, r.Status, status, body)
	}
	return body
}

// byName is the first row of a name.
func byName(t *testing.T, l List, name string) Row {
	t.Helper()
	for _, row := range l.Rows {
		if row.Name == name {
			return row
		}
	}
	t.Fatalf("no %s in %+v", name, l.Rows)
	return Row{}
}

// TestListStates lists runs in every state that files alone can tell.
func TestListStates(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	for _, name := range []string{"finished", "deep/interrupted", "half", "broken"} {
		trained(t, filepath.Join(root, name))
	}
	unfinished(t, filepath.Join(root, "deep/interrupted"))
	unfinished(t, filepath.Join(root, "half"))
	cut(t, filepath.Join(root, "half", "metrics.csv"), 20) // into the last line
	if err := os.RemoveAll(filepath.Join(root, "half", "checkpoints")); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(root, "broken", "config.yaml"), []byte("steps: 3\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	l := fetch[List](t, serving(t, root), "/api/list")
	for name, want := range map[string]runs.State{
		"finished": runs.Finished, "deep/interrupted": runs.Interrupted, "half": runs.Interrupted, "broken": runs.Damaged,
	} {
		if row := byName(t, l, name); row.State != want {
			t.Errorf("%s: %s (%s), want %s", name, row.State, row.Reason, want)
		}
	}
	if row := byName(t, l, "broken"); !strings.Contains(row.Reason, "config.yaml") {
		t.Errorf("the reason does not name the file: %q", row.Reason)
	}
	row := byName(t, l, "finished")
	if row.Progress != 1 || row.TestMSE == nil || row.Limit == nil || row.Gap == nil || row.EtaS != nil || len(row.Spark) < 3 {
		t.Errorf("%+v", row)
	}
	if half := byName(t, l, "half"); half.Step >= 40 || half.TestMSE == nil || half.Progress >= 1 {
		t.Errorf("a line that is cut counts as a step: %+v", half)
	}
	if len(l.Rows) != 7 { // two p each, but for the damaged one
		t.Errorf("%d rows", len(l.Rows))
	}
}

// cut removes the last bytes of a file.
func cut(t *testing.T, path string, bytes int64) {
	t.Helper()
	info, err := os.Stat(path)
	if err == nil {
		err = os.Truncate(path, info.Size()-bytes)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// TestRemovedWhileShown removes runs, and the folder, and puts a run there again.
func TestRemovedWhileShown(t *testing.T) {
	t.Parallel()
	root := filepath.Join(t.TempDir(), "runs")
	trained(t, filepath.Join(root, "a"))
	s := serving(t, root)
	id := byName(t, fetch[List](t, s, "/api/list"), "a").ID
	before := s.registry.current()
	if err := os.RemoveAll(filepath.Join(root, "a")); err != nil {
		t.Fatal(err)
	}
	if l := fetch[List](t, s, "/api/list"); len(l.Rows) != 0 || !strings.Contains(l.Note, "no runs below") {
		t.Errorf("%+v", l)
	}
	if c := s.registry.since(before); len(c.Removed) != 1 || c.Removed[0] != id {
		t.Errorf("removed: %+v", c)
	}
	for _, path := range []string{"", "/metrics", "/structure", "/log", "/picture/40/0/gram.png", "/file/loss.svg"} {
		if message := failure(t, s, "/api/run/"+id+path, http.StatusNotFound); !strings.Contains(message, "was removed") {
			t.Errorf("%s: %s", path, message)
		}
	}
	if err := os.RemoveAll(root); err != nil {
		t.Fatal(err)
	}
	if l := fetch[List](t, s, "/api/list"); !strings.Contains(l.Note, "no such file") {
		t.Errorf("%+v", l)
	}
	trained(t, filepath.Join(root, "a"))
	if l := fetch[List](t, s, "/api/list"); byName(t, l, "a").ID != id || l.Note != "" {
		t.Errorf("%+v", l)
	}
}

// TestFilesGoWhileShown removes and damages single files of a run that stays.
func TestFilesGoWhileShown(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	dir := filepath.Join(root, "a")
	trained(t, dir)
	s := serving(t, root)
	url := "/api/run/" + fetch[List](t, s, "/api/list").Rows[0].ID
	if err := errors.Join(os.RemoveAll(filepath.Join(dir, "checkpoints")), os.Remove(filepath.Join(dir, "metrics.csv")),
		os.Truncate(filepath.Join(dir, "log.txt"), 0), os.WriteFile(filepath.Join(dir, "structure.csv"), []byte("\x00\xff\n1,2\n"), 0o666)); err != nil {
		t.Fatal(err)
	}
	if m := fetch[Metrics](t, s, url+"/metrics"); m.State != missing || len(m.Series) != 0 {
		t.Errorf("%+v", m)
	}
	if m := fetch[Structure](t, s, url+"/structure"); m.State != damaged || !strings.Contains(m.Reason, "structure.csv") {
		t.Errorf("%+v", m)
	}
	if l := fetch[Log](t, s, url+"/log"); len(l.Lines) != 0 {
		t.Errorf("%+v", l)
	}
	if message := failure(t, s, url+"/picture/40/0/gram.png", http.StatusNotFound); !strings.Contains(message, "step 40 was removed") {
		t.Error(message)
	}
	if r := fetch[Run](t, s, url); r.State != runs.Finished || len(r.Checks) != 0 {
		t.Errorf("%+v", r)
	}
}

// TestRun reads everything that there is of a run.
func TestRun(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	dir := filepath.Join(root, "a")
	trained(t, dir)
	unfinished(t, dir)
	for _, name := range []string{"loss.svg", "report.html", "notes.html"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("<svg>"), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	s := servingAs(t, Settings{Dirs: []string{root}, Resume: func(dir string) string { return "resume " + dir }})
	url := "/api/run/" + fetch[List](t, s, "/api/list").Rows[0].ID
	r := fetch[Run](t, s, url)
	if len(r.Rows) != 2 || len(r.Theory) != 2 || len(r.Replicas) != 4 || r.Replicas[3].Seed != "2" || r.Replicas[3].P != 0.8 || r.Resume != "resume "+dir {
		t.Errorf("%+v", r)
	}
	if len(r.Checks) != 2 || r.Checks[0].Step != 20 || len(r.Checks[0].Pictures) != 6 {
		t.Errorf("checkpoints: %+v", r.Checks)
	}
	for _, p := range r.Checks[1].Pictures {
		answer := ask(t, s, p.URL)
		if body := text(t, answer); !strings.HasPrefix(body, "\x89PNG") || answer.Header.Get("Content-Type") != "image/png" {
			t.Errorf("%s: %s %.80s", p.URL, answer.Status, body)
		}
	}
	if len(r.Files) != 2 {
		t.Errorf("files: %+v", r.Files)
	}
	for _, f := range r.Files {
		if body := text(t, ask(t, s, f.URL)); !strings.Contains(body, "<svg") {
			t.Errorf("%s: %.80s", f.URL, body)
		}
	}
	if l := fetch[Log](t, s, url+"/log"); len(l.Lines) < 2 || !strings.Contains(l.Lines[0], "msg=training") || l.Cut {
		t.Errorf("%+v", l)
	}
	if l := fetch[Log](t, s, url+"/log?bytes=300"); len(l.Lines) == 0 || !l.Cut {
		t.Errorf("%+v", l)
	}
	st := fetch[Structure](t, s, url+"/structure")
	if len(st.Steps) == 0 || len(st.Series) != 4 || len(st.Series[0].Values) != 6 || len(st.Series[0].Values[0]) != len(st.Steps) || st.State != whole {
		t.Errorf("%+v", st)
	}
	for _, path := range []string{"/picture/40/4/gram.png", "/picture/40/-1/gram.png", "/picture/40/0/gram", "/picture/40/0/other.png", "/picture/41/0/gram.png", "/file/config.yaml", "/file/notes.html"} {
		failure(t, s, url+path, http.StatusNotFound)
	}
	for _, query := range []string{"/metrics?points=1", "/metrics?points=a", "/metrics?spacing=cubic", "/metrics?from=-1", "/structure?to=x", "/log?bytes=0"} {
		failure(t, s, url+query, http.StatusBadRequest)
	}
}

// TestTheory waits for the lines of a run and checks them against the summary.
func TestTheory(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	trained(t, filepath.Join(root, "a"))
	s := serving(t, root)
	told := make(chan string, 1)
	s.theories.done = func(id string) { told <- id }
	row := fetch[List](t, s, "/api/list").Rows[0]
	url := "/api/run/" + row.ID
	if r := fetch[Run](t, s, url); !r.Theory[0].Pending || len(r.Theory[0].Lines) < 2 {
		t.Errorf("before: %+v", r.Theory)
	}
	if id := <-told; id != row.ID {
		t.Errorf("told of %s", id)
	}
	r := fetch[Run](t, s, url)
	levels := map[string]float64{}
	for _, l := range r.Theory[0].Lines {
		levels[l.Name] = float64(l.MSE)
	}
	if r.Theory[0].Pending || levels["limit"] != *row.Limit || levels["finite_d"] != *row.FiniteD || r.Theory[0].Candidate != row.Candidate {
		t.Errorf("%+v, row %+v", r.Theory[0], row)
	}
	if !(0 < levels["shannon"] && levels["shannon"] < levels["bayes"] && levels["bayes"] < levels["limit"]) {
		t.Errorf("levels are not in order: %v", levels)
	}
}

// TestCompare compares runs that differ in two settings.
func TestCompare(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	trained(t, filepath.Join(root, "a"))
	trained(t, filepath.Join(root, "b"), "optimizer.learning_rate=0.01", "steps=20")
	s := serving(t, root)
	l := fetch[List](t, s, "/api/list")
	c := fetch[Compare](t, s, "/api/compare?run="+byName(t, l, "b").ID+"&run="+byName(t, l, "a").ID)
	got := map[string]string{}
	for _, d := range c.Settings {
		got[d.Key] = strings.Join(d.Values, " ")
	}
	if len(c.Runs) != 2 || c.Runs[0].Name != "b" || got["steps"] != "20 40" || !strings.HasPrefix(got["optimizer.learning_rate"], "0.01 ") {
		t.Errorf("%v", got)
	}
	failure(t, s, "/api/compare", http.StatusBadRequest)
	failure(t, s, "/api/compare?run=x", http.StatusNotFound)
}

// TestHostileNames serves a run whose names are markup.
func TestHostileNames(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	name := `<script>alert('"1&2')`
	trained(t, filepath.Join(root, name))
	s := serving(t, root)
	answer := ask(t, s, "/api/list")
	body := text(t, answer)
	if strings.ContainsAny(body, "<>") || answer.Header.Get("Content-Type") != "application/json" || answer.Header.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("%v %s", answer.Header, body)
	}
	if row := fetch[List](t, s, "/api/list").Rows[0]; row.Name != name {
		t.Errorf("%q", row.Name)
	}
}

// TestPortTaken names the address.
func TestPortTaken(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	first := serving(t, root)
	addr := first.listener.Addr().String()
	if _, err := New(t.Context(), Settings{Dirs: []string{root}, Addr: addr}); err == nil || !strings.Contains(err.Error(), addr) || !strings.Contains(err.Error(), "in use") {
		t.Errorf("%v", err)
	}
	if _, err := New(t.Context(), Settings{Dirs: []string{filepath.Join(root, "nowhere")}}); err == nil || !strings.Contains(err.Error(), "nowhere") {
		t.Errorf("%v", err)
	}
}

// TestNothingBlocks sends 500 requests at once over the network.
func TestNothingBlocks(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	trained(t, filepath.Join(root, "a"))
	s := serving(t, root)
	id := fetch[List](t, s, "/api/list").Rows[0].ID
	const requests = 500
	client := http.Client{Timeout: time.Minute, Transport: &http.Transport{MaxConnsPerHost: 0, MaxIdleConnsPerHost: requests}}
	defer client.CloseIdleConnections()
	failed := make(chan error, requests)
	for i := range requests {
		path := []string{"api/list", "api/run/" + id + "/metrics", "api/run/" + id, "api/run/" + id + "/picture/40/0/gram.png", ""}[i%5]
		go func() {
			answer, err := client.Get(s.URL() + path)
			if err == nil {
				_, err = io.Copy(io.Discard, answer.Body)
				answer.Body.Close()
				if answer.StatusCode != http.StatusOK {
					err = errors.New(path + ": " + answer.Status)
				}
			}
			failed <- err
		}()
	}
	for range requests {
		if err := <-failed; err != nil {
			t.Error(err)
		}
	}
}

// runOf is a run with a number of values of p and of seeds.
func runOf(dir string, points, seeds int) runs.Run {
	return runs.Run{Dir: dir, Points: make([]runs.Point, points), Seeds: seeds}
}

// TestRunning shows a run that a process holds: with the limit that its files do not say yet, and not after the process is gone.
func TestRunning(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	dir := filepath.Join(root, "a")
	trained(t, dir)
	unfinished(t, dir)
	held, err := durable.Hold(durable.OS, dir)
	if err != nil {
		t.Fatal(err)
	}
	defer held.Close()
	s := serving(t, root)
	told := make(chan string, 9)
	s.theories.done = func(id string) { s.registry.touch(id); told <- id }
	before := s.registry.current()
	row := fetch[List](t, s, "/api/list").Rows[0]
	if row.State != runs.Running || row.EtaS == nil || *row.EtaS != 0 || row.Limit != nil {
		t.Errorf("%+v", row)
	}
	<-told
	if c := s.registry.since(before); len(c.Rows) != 2 || c.Rows[0].Limit == nil || c.Rows[0].Candidate != "haar" || math.Abs(*c.Rows[0].Limit-0.363380) > 1e-6 { // 1 − 2/π
		t.Errorf("%+v", c)
	}
	if r := fetch[Run](t, s, "/api/run/"+row.ID); r.Resume != "" || r.Rows[0].Limit == nil {
		t.Errorf("%+v", r)
	}
	if err := held.Check(); err != nil {
		t.Error(err)
	}
	held.Close() // as if it was killed: no file changes
	e, now := s.registry.byID[row.ID], time.Now()
	if again := e.again(now.Add(-judgement)); again != e {
		t.Error("the lock was tried at once")
	}
	if again := e.again(now.Add(judgement)); again.run.State != runs.Interrupted {
		t.Errorf("%+v", again.run)
	}
}
