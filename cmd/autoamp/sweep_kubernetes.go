package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"autoamp/train/sweep"
	"autoamp/train/sweep/cells"
	"autoamp/train/sweep/kubernetes"
	"autoamp/train/sweep/slurm"
)

// sweepManifestCmd is autoamp sweep manifest.
type sweepManifestCmd struct {
	gridFlags
	Image         string   `complete:"-" help:"Image with autoamp in its PATH; --containerfile prints its Containerfile." placeholder:"IMAGE"`
	Volume        string   `complete:"-" help:"PersistentVolumeClaim for the results. Pods on all nodes write to it (ReadWriteMany)." placeholder:"CLAIM"`
	Name          string   `complete:"-" help:"Name of the job, and of its directory on the volume. Default: from the file's name." placeholder:"NAME"`
	GPU           bool     `name:"gpu" help:"Train on a GPU, nvidia.com/gpu: 1. The image needs bin/autoamp-gpu, as autoamp."`
	CPUs          int      `name:"cpus" default:"1" help:"CPUs of a pod. Default: ${default}." placeholder:"N"`
	Memory        string   `complete:"-" help:"Memory of a pod, such as 2Gi. Default: the estimate of the largest program, and 256 MiB." placeholder:"M"`
	Jobs          *int     `help:"Pods at a time. Default: all." placeholder:"N"`
	TaskMinutes   *float64 `help:"About how long a pod works, on one core. Default: 30." placeholder:"M"`
	Containerfile bool     `help:"Print the Containerfile instead."`
}

// Help is shown by autoamp sweep manifest --help.
func (c *sweepManifestCmd) Help() string {
	return `Prints an Indexed Job of Kubernetes that trains the sweep: autoamp sweep manifest grid.yaml --image registry/autoamp:1 --volume
results | kubectl create -f -. A pod that is evicted saves and is continued by another one. The results are in the folder NAME of
the volume: autoamp sweep status and gather read them where it is mounted.`
}

// Run prints the manifest.
func (c *sweepManifestCmd) Run(a *app) error {
	if c.Containerfile {
		_, err := fmt.Fprint(a.stdout, kubernetes.Containerfile(c.GPU))
		return err
	}
	grid, err := c.grid()
	if err != nil {
		return err
	}
	job, err := c.job(grid)
	if err != nil {
		return err
	}
	text, err := job.Manifest()
	if err != nil {
		return &usageError{err: err}
	}
	_, err = fmt.Fprintf(a.stdout, "# %s in %s. The results come into the folder %s of the volume %s.\n%s",
		plural(len(grid.Cells), "cell"), plural(job.Tasks, "task"), job.Name, job.Volume, text)
	return err
}

// job is the sweep as a job.
func (c *sweepManifestCmd) job(grid *sweep.Grid) (kubernetes.Job, error) {
	j := kubernetes.Job{
		Name: c.Name, Image: c.Image, Volume: c.Volume, File: grid.File.Text, CPUs: c.CPUs, Memory: c.Memory,
		Work: []string{"--threads", itoa(c.CPUs)},
	}
	replicas, device := sweep.CPUReplicas, []string(nil)
	if c.GPU {
		j.GPUs, replicas, device = 1, sweep.GPUReplicas, []string{"--device", "gpu"}
	}
	of := clusterFlags{TaskMinutes: c.TaskMinutes}
	seconds, err := of.seconds(slurm.Array{})
	if err != nil {
		return j, err
	}
	if c.Jobs != nil {
		if j.Parallel = *c.Jobs; j.Parallel < 1 {
			return j, usagef("--jobs = %d: must be at least 1; leave it out for all", j.Parallel)
		}
	}
	j.Plan = append([]string{"--task-minutes", ftoa(seconds / 60), "--max-cells", itoa(c.MaxCells)}, device...)
	j.Work = append(j.Work, device...)
	if j.Name == "" {
		j.Name = jobName(c.File)
	}
	if j.Memory == "" {
		if j.Memory, err = memoryFor(grid, replicas); err != nil {
			return j, err
		}
	}
	jobs := grid.Jobs(replicas)
	j.Tasks = len(cells.Pack(jobs, seconds, min(len(jobs), kubernetes.MaxTasks)))
	return j, nil
}

var notOfLabel = regexp.MustCompile(`[^a-z0-9]+`)

// jobName makes a name for a job of the name of a file.
func jobName(file string) string {
	base := strings.TrimSuffix(filepath.Base(file), filepath.Ext(file))
	name := notOfLabel.ReplaceAllString(strings.ToLower(base), "-")
	const most = 50
	return strings.Trim(name[:min(len(name), most)], "-")
}

// memoryFor is the memory of a pod, in Mi.
func memoryFor(grid *sweep.Grid, replicas int) (string, error) {
	bytes, err := grid.MaxBytes(replicas)
	if err != nil {
		return "", fmt.Errorf("%w; or give --memory, where the data are not on this machine", err)
	}
	return fmt.Sprintf("%dMi", 256+bytes>>20), nil
}

// launcherKubernetes is the launcher of package kubernetes.
const launcherKubernetes = "kubernetes"

// kubernetes makes the directory and its plan. Every pod of the job does so before it works, and only the first has anything to do.
func (c *sweepRunCmd) kubernetes(ctx context.Context, a *app, grid *sweep.Grid) error {
	seconds, err := c.seconds(slurm.Array{})
	if err != nil {
		return err
	}
	s, claim, err := beginInTurn(ctx, c.Out, grid, sweep.Launch{
		Launcher: c.Launcher, Version: revision(), Replicas: c.replicas(), Tasks: kubernetes.MaxTasks, Seconds: seconds,
	})
	if err != nil {
		return err
	}
	claim.Release()
	if err := s.Grid.CheckData(s.Jobs); err != nil {
		return err
	}
	_, err = fmt.Fprintf(a.stdout, "%s for %s\n", plural(len(s.Plan.First), "task"), plural(len(grid.Cells), "cell"))
	return err
}

// beginInTurn is sweep.Begin where others begin the same sweep: it waits for them, for two minutes at most.
func beginInTurn(ctx context.Context, dir string, grid *sweep.Grid, l sweep.Launch) (*sweep.Sweep, *cells.Claim, error) {
	for end := time.Now().Add(2 * time.Minute); ; {
		s, claim, err := sweep.Begin(dir, grid, l)
		var held *cells.HeldError
		if !errors.As(err, &held) || time.Now().After(end) {
			return s, claim, err
		}
		select {
		case <-ctx.Done():
			return nil, nil, ctx.Err()
		case <-time.After(200 * time.Millisecond):
		}
	}
}
