package kubernetes

import (
	"fmt"
	"path"
	"regexp"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"
)

// Job is a sweep on Kubernetes.
type Job struct {
	Name   string // a label of DNS, with room for a dash and the index: at most 57 letters
	Image  string // with autoamp in its PATH
	Volume string // the PersistentVolumeClaim that holds the results; all nodes write to it
	File   []byte // the sweep
	Tasks  int
	// Parallel is the number of pods at a time. Zero means all.
	Parallel int
	CPUs     int    // of a pod, at least 1
	Memory   string // of a pod, such as 2Gi
	GPUs     int    // of a pod: 0 or 1
	// Plan are flags of autoamp sweep that decide the tasks, Work are flags of its workers.
	Plan, Work []string
}

const (
	mount      = "/autoamp" // of the volume in a pod
	fileFolder = "/sweep"   // of the file
	fileName   = "sweep.yaml"
	planner    = "plan" // the containers
	worker     = "worker"
	// MaxTasks is the largest number of tasks of a job.
	MaxTasks = 10000
	// retries is how often a pod that ended without a word is tried again.
	retries = 3
	// grace is how many seconds a pod has to save.
	grace = 120
	// maxFile bounds the file, in bytes: a ConfigMap holds a mebibyte.
	maxFile = 1<<20 - 1<<12
)

var (
	label    = regexp.MustCompile(`^[a-z0-9]([-a-z0-9]*[a-z0-9])?$`)
	quantity = regexp.MustCompile(`^[0-9]+(\.[0-9]+)?(k|M|G|T|Ki|Mi|Gi|Ti)?$`)
)

// Dir is the sweep's directory in a pod.
func (j Job) Dir() string { return path.Join(mount, j.Name) }

// check refuses what Kubernetes would.
func (j Job) check() error {
	switch {
	case !label.MatchString(j.Name) || len(j.Name) > 57:
		return fmt.Errorf("kubernetes: name = %q: must be at most 57 small letters, digits and dashes, and begin and end with a letter or digit", j.Name)
	case j.Image == "" || strings.ContainsAny(j.Image, " \t\n"):
		return fmt.Errorf("kubernetes: image = %q: must be the name of an image, such as registry/autoamp:1", j.Image)
	case !label.MatchString(j.Volume) || len(j.Volume) > 253:
		return fmt.Errorf("kubernetes: volume = %q: must be the name of a PersistentVolumeClaim: small letters, digits and dashes", j.Volume)
	case j.Tasks < 1 || j.Tasks > MaxTasks:
		return fmt.Errorf("kubernetes: %d tasks: must be from 1 to %d", j.Tasks, MaxTasks)
	case j.CPUs < 1:
		return fmt.Errorf("kubernetes: cpus = %d: must be at least 1", j.CPUs)
	case j.Parallel < 0:
		return fmt.Errorf("kubernetes: jobs = %d: must be at least 1", j.Parallel)
	case j.GPUs < 0 || j.GPUs > 1:
		return fmt.Errorf("kubernetes: gpus = %d: must be 0 or 1: a task trains on one device", j.GPUs)
	case !quantity.MatchString(j.Memory):
		return fmt.Errorf("kubernetes: memory = %q: must be a number with a unit, such as 2Gi", j.Memory)
	case len(j.File) > maxFile:
		return fmt.Errorf("kubernetes: the file has %d bytes: a ConfigMap holds at most %d", len(j.File), maxFile)
	}
	return nil
}

// Manifest is the text for kubectl create: the file of the sweep, and the job.
func (j Job) Manifest() ([]byte, error) {
	if err := j.check(); err != nil {
		return nil, err
	}
	file := configMap{
		object: object{"v1", "ConfigMap", metadata{text(j.Name), labels(j.Name)}},
		Data:   map[string]string{fileName: string(j.File)},
	}
	var out []byte
	for _, document := range []any{file, j.object()} {
		written, err := yaml.MarshalWithOptions(document, yaml.UseLiteralStyleIfMultiline(true), yaml.IndentSequence(true))
		if err != nil {
			return nil, fmt.Errorf("kubernetes: %w", err)
		}
		out = append(append(out, "---\n"...), written...)
	}
	return out, nil
}

func labels(name string) map[string]text {
	return map[string]text{"app.kubernetes.io/name": "autoamp", "app.kubernetes.io/instance": text(name)}
}

// object is the job as Kubernetes has it.
func (j Job) object() job {
	parallel := j.Parallel
	if parallel == 0 || parallel > j.Tasks {
		parallel = j.Tasks
	}
	return job{
		object: object{"batch/v1", "Job", metadata{text(j.Name), labels(j.Name)}},
		Spec: jobSpec{
			CompletionMode: "Indexed", Completions: j.Tasks, Parallelism: parallel,
			BackoffLimitPerIndex: retries, PodReplacementPolicy: "Failed", PodFailurePolicy: policy(),
			Template: template{metadata{Labels: labels(j.Name)}, j.pod()},
		},
	}
}

// policy says what follows from the exit status of a worker.
func policy() failurePolicy {
	status := func(action, container string, status int) rule {
		return rule{Action: action, OnExitCodes: &exitCodes{container, "In", []int{status}}}
	}
	return failurePolicy{[]rule{
		status("Ignore", worker, 130),  // interrupted after saving: another pod goes on
		status("FailIndex", worker, 1), // a cell has failed
		status("FailJob", worker, 2),   // bad usage: no pod will do better
		status("FailJob", planner, 2),
		{Action: "Ignore", OnPodConditions: []podCondition{{"DisruptionTarget", "True"}}},
	}}
}

// pod is a pod of the job: one container that makes the directory and the plan, one that works.
func (j Job) pod() podSpec {
	resources := resources{
		Requests: map[string]text{"cpu": text(strconv.Itoa(j.CPUs)), "memory": text(j.Memory)},
		Limits:   map[string]text{"memory": text(j.Memory)},
	}
	if j.GPUs > 0 {
		resources.Limits["nvidia.com/gpu"] = text(strconv.Itoa(j.GPUs))
	}
	mounts := []volumeMount{{Name: "results", MountPath: mount}, {Name: "file", MountPath: fileFolder, ReadOnly: true}}
	plan := append([]string{"autoamp", "sweep", path.Join(fileFolder, fileName), "--out", j.Dir(), "--launcher", "kubernetes"}, j.Plan...)
	work := append([]string{"autoamp", "sweep", "work", j.Dir(), "--task", "$(JOB_COMPLETION_INDEX)"}, j.Work...)
	index := env{"JOB_COMPLETION_INDEX", source{field{"metadata.annotations['batch.kubernetes.io/job-completion-index']"}}}
	return podSpec{
		RestartPolicy: "Never", TerminationGracePeriodSeconds: grace,
		InitContainers: []container{{Name: planner, Image: text(j.Image), Command: texts(plan), VolumeMounts: mounts}},
		Containers: []container{{
			Name: worker, Image: text(j.Image), Command: texts(work), Env: []env{index}, Resources: &resources, VolumeMounts: mounts[:1],
		}},
		Volumes: []volume{
			{Name: "results", Claim: &claim{text(j.Volume)}},
			{Name: "file", ConfigMap: &configMapVolume{text(j.Name)}},
		},
	}
}
