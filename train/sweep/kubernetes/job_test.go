package kubernetes_test

import (
	"flag"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"autoamp/train/sweep/kubernetes"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// whole is a job with all settings, and a file that is hard to write as YAML.
func whole() kubernetes.Job {
	return kubernetes.Job{
		Name: "grid-1", Image: "registry.example/autoamp:1", Volume: "results", Tasks: 24, Parallel: 8, CPUs: 2, Memory: "2Gi", GPUs: 1,
		File: []byte("# --- a grid: 'all' \"of\" it\ngrid:\n  model.rate: [0.5, 1]   \n\n\tbase: {data: {name: 'npy:é'}}\n# no line end"),
		Plan: []string{"--device", "gpu", "--task-minutes", "30"}, Work: []string{"--device", "gpu", "--threads", "2"},
	}
}

func plain() kubernetes.Job {
	return kubernetes.Job{
		Name: "s", Image: "autoamp", Volume: "v", Tasks: 1, CPUs: 1, Memory: "512Mi", File: []byte("grid:\n  model.rate: [0.5, 1]\n"),
		Plan: []string{"--task-minutes", "30"}, Work: []string{"--threads", "1"},
	}
}

// names is a job whose names are other things than texts in some versions of YAML.
func names() kubernetes.Job {
	j := plain()
	j.Name, j.Volume, j.Image, j.Memory = "y", "1e3", "0x10", "1024"
	j.Plan, j.Work = []string{"--max-cells", "1_000", "no", "0o7", "1:30"}, []string{"null", "~", "", "2026-11-30", "*a", "a: b", "# c"}
	return j
}

// TestManifest compares manifests with files, which module strict decodes with the types of Kubernetes.
func TestManifest(t *testing.T) {
	t.Parallel()
	for name, j := range map[string]kubernetes.Job{"whole": whole(), "plain": plain(), "names": names()} {
		got, err := j.Manifest()
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join("testdata", name+".yaml")
		if *update {
			if err := os.WriteFile(path, got, 0o666); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if difference := cmp.Diff(string(want), string(got)); difference != "" || err != nil {
			t.Errorf("%s: %v\n%s", path, err, difference)
		}
	}
}

// TestKubectl lets kubectl read the manifests, where it is installed. A server in place of a cluster names the resources for it.
func TestKubectl(t *testing.T) {
	t.Parallel()
	kubectl, err := exec.LookPath("kubectl")
	if err != nil {
		t.Skip("kubectl is not in PATH: https://kubernetes.io/docs/tasks/tools")
	}
	server := httptest.NewServer(http.HandlerFunc(discovery))
	defer server.Close()
	for name, want := range map[string]string{"whole": "configmap/grid-1\njob.batch/grid-1\n", "names": "configmap/y\njob.batch/y\n"} {
		cmd := exec.Command(kubectl, "--server="+server.URL, "create", "--dry-run=client", "--validate=false", "--output=name",
			"--filename=testdata/"+name+".yaml")
		cmd.Env = []string{"HOME=" + t.TempDir(), "PATH=" + os.Getenv("PATH")}
		if out, err := cmd.CombinedOutput(); err != nil || string(out) != want {
			t.Errorf("%s: %v: %s", name, err, out)
		}
	}
}

// discovery answers which resources a cluster has.
func discovery(w http.ResponseWriter, r *http.Request) {
	answers := map[string]string{
		"/api":           `{"kind":"APIVersions","versions":["v1"]}`,
		"/apis":          `{"kind":"APIGroupList","groups":[{"name":"batch","versions":[{"groupVersion":"batch/v1","version":"v1"}]}]}`,
		"/api/v1":        `{"kind":"APIResourceList","groupVersion":"v1","resources":[{"name":"configmaps","namespaced":true,"kind":"ConfigMap","verbs":["create"]}]}`,
		"/apis/batch/v1": `{"kind":"APIResourceList","groupVersion":"batch/v1","resources":[{"name":"jobs","namespaced":true,"kind":"Job","verbs":["create"]}]}`,
	}
	answer, ok := answers[r.URL.Path]
	if !ok {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = io.WriteString(w, answer) // kubectl reports what it does not get
}

// TestBadJobs checks that what Kubernetes would refuse is refused, by name.
func TestBadJobs(t *testing.T) {
	t.Parallel()
	for want, change := range map[string]func(*kubernetes.Job){
		`name = "Grid"`:               func(j *kubernetes.Job) { j.Name = "Grid" },
		`name = "-a"`:                 func(j *kubernetes.Job) { j.Name = "-a" },
		`at most 57`:                  func(j *kubernetes.Job) { j.Name = strings.Repeat("a", 58) },
		`image = ""`:                  func(j *kubernetes.Job) { j.Image = "" },
		`image = "a b"`:               func(j *kubernetes.Job) { j.Image = "a b" },
		`volume = ""`:                 func(j *kubernetes.Job) { j.Volume = "" },
		`0 tasks: must be from 1`:     func(j *kubernetes.Job) { j.Tasks = 0 },
		`10001 tasks`:                 func(j *kubernetes.Job) { j.Tasks = 10001 },
		`cpus = 0`:                    func(j *kubernetes.Job) { j.CPUs = 0 },
		`jobs = -1`:                   func(j *kubernetes.Job) { j.Parallel = -1 },
		`gpus = 2: must be 0 or 1`:    func(j *kubernetes.Job) { j.GPUs = 2 },
		`memory = "much"`:             func(j *kubernetes.Job) { j.Memory = "much" },
		`the file has 1048576 bytes:`: func(j *kubernetes.Job) { j.File = make([]byte, 1<<20) },
	} {
		j := plain()
		change(&j)
		if _, err := j.Manifest(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}
