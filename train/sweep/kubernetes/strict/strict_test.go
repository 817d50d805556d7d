package strict

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	batch "k8s.io/api/batch/v1"
	core "k8s.io/api/core/v1"
	"sigs.k8s.io/yaml"
)

// read decodes a golden manifest: an unknown field, a field that is there twice and a value of another type are errors.
func read(t *testing.T, name string) (core.ConfigMap, batch.Job) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "testdata", name+".yaml"))
	if err != nil {
		t.Fatal(err)
	}
	documents := bytes.Split(text, []byte("---\napiVersion"))
	if len(documents) != 3 || len(documents[0]) > 0 {
		t.Fatalf("%d documents", len(documents)-1)
	}
	var file core.ConfigMap
	var job batch.Job
	for i, object := range []any{&file, &job} {
		if err := yaml.UnmarshalStrict(append([]byte("apiVersion"), documents[i+1]...), object); err != nil {
			t.Fatalf("%s, document %d: %v", name, i+1, err)
		}
	}
	return file, job
}

func TestWhole(t *testing.T) {
	file, job := read(t, "whole")
	if want := "# --- a grid: 'all' \"of\" it\ngrid:\n  model.rate: [0.5, 1]   \n\n\tbase: {data: {name: 'npy:é'}}\n# no line end"; file.Data["sweep.yaml"] != want {
		t.Errorf("the file is %q, want %q", file.Data["sweep.yaml"], want)
	}
	s := job.Spec
	if job.Kind != "Job" || job.APIVersion != "batch/v1" || *s.CompletionMode != batch.IndexedCompletion || *s.Completions != 24 || *s.Parallelism != 8 ||
		*s.BackoffLimitPerIndex != 3 || *s.PodReplacementPolicy != batch.Failed {
		t.Errorf("%+v", s)
	}
	pod := s.Template.Spec
	if pod.RestartPolicy != core.RestartPolicyNever || *pod.TerminationGracePeriodSeconds != 120 { // the first is what a podFailurePolicy needs
		t.Errorf("%+v", pod)
	}
	worker := pod.Containers[0]
	gpus, memory, cpus := worker.Resources.Limits["nvidia.com/gpu"], worker.Resources.Limits[core.ResourceMemory], worker.Resources.Requests[core.ResourceCPU]
	if gpus.Value() != 1 || memory.Value() != 2<<30 || cpus.Value() != 2 {
		t.Errorf("%+v", worker.Resources)
	}
	if path := worker.Env[0].ValueFrom.FieldRef.FieldPath; path != "metadata.annotations['"+batch.JobCompletionIndexAnnotation+"']" {
		t.Errorf("the index is read from %s", path)
	}
	for _, c := range append(slices.Clone(pod.InitContainers), pod.Containers...) {
		for _, m := range c.VolumeMounts {
			if !slices.ContainsFunc(pod.Volumes, func(v core.Volume) bool { return v.Name == m.Name }) {
				t.Errorf("container %s mounts %s, which is no volume", c.Name, m.Name)
			}
		}
	}
	if pod.Volumes[0].PersistentVolumeClaim.ClaimName != "results" || pod.Volumes[1].ConfigMap.Name != file.Name {
		t.Errorf("%+v", pod.Volumes)
	}
}

// TestFailures looks up what follows from each exit status. The first rule that matches counts.
func TestFailures(t *testing.T) {
	_, job := read(t, "plain")
	for _, want := range []struct {
		container string
		status    int32
		action    batch.PodFailurePolicyAction
	}{
		{"worker", 130, batch.PodFailurePolicyActionIgnore}, {"worker", 1, batch.PodFailurePolicyActionFailIndex},
		{"worker", 2, batch.PodFailurePolicyActionFailJob}, {"plan", 2, batch.PodFailurePolicyActionFailJob},
		{"worker", 137, batch.PodFailurePolicyActionCount}, {"plan", 1, batch.PodFailurePolicyActionCount},
	} {
		got := batch.PodFailurePolicyActionCount // where no rule matches
		for _, rule := range slices.Backward(job.Spec.PodFailurePolicy.Rules) {
			if c := rule.OnExitCodes; c != nil && *c.ContainerName == want.container && c.Operator == batch.PodFailurePolicyOnExitCodesOpIn &&
				slices.Contains(c.Values, want.status) {
				got = rule.Action
			}
		}
		if got != want.action {
			t.Errorf("exit status %d of %s: %s, want %s", want.status, want.container, got, want.action)
		}
	}
	last := job.Spec.PodFailurePolicy.Rules[len(job.Spec.PodFailurePolicy.Rules)-1]
	if last.Action != batch.PodFailurePolicyActionIgnore || last.OnPodConditions[0].Type != core.DisruptionTarget || last.OnPodConditions[0].Status != core.ConditionTrue {
		t.Errorf("a pod that was evicted: %+v", last)
	}
}

// TestNames checks that names which YAML 1.1 could take for numbers or truths are texts.
func TestNames(t *testing.T) {
	file, job := read(t, "names")
	pod := job.Spec.Template.Spec
	if job.Name != "y" || file.Name != "y" || pod.Containers[0].Image != "0x10" || pod.Volumes[0].PersistentVolumeClaim.ClaimName != "1e3" {
		t.Errorf("%s, %s, %+v", job.Name, file.Name, pod)
	}
	if memory := pod.Containers[0].Resources.Requests[core.ResourceMemory]; memory.Value() != 1024 {
		t.Errorf("memory is %v", memory)
	}
	for container, want := range map[*core.Container]string{
		&pod.InitContainers[0]: "autoamp|sweep|/sweep/sweep.yaml|--out|/autoamp/y|--launcher|kubernetes|--max-cells|1_000|no|0o7|1:30",
		&pod.Containers[0]:     "autoamp|sweep|work|/autoamp/y|--task|$(JOB_COMPLETION_INDEX)|null|~||2026-11-30|*a|a: b|# c",
	} {
		if got := strings.Join(container.Command, "|"); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}
