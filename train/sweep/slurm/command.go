package slurm

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
)

// ErrNotInstalled says that this machine has no Slurm.
var ErrNotInstalled = errors.New("is not found: this machine has no Slurm, or its commands are not in PATH; run this on a login node of the cluster, or use --launcher local")

// Installed returns an error where this machine cannot submit jobs.
func Installed() error {
	if _, err := exec.LookPath("sbatch"); err != nil {
		return fmt.Errorf("slurm: sbatch %w", ErrNotInstalled)
	}
	return nil
}

// command runs a command of Slurm and returns what it prints. The error holds what it complains about.
func command(ctx context.Context, name string, args ...string) (string, error) {
	path, err := exec.LookPath(name)
	if err != nil {
		return "", fmt.Errorf("slurm: %s %w", name, ErrNotInstalled)
	}
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Env = environment(os.Environ())
	var complaint strings.Builder
	cmd.Stderr = &complaint
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("slurm: %s: %w: %s", name, err, strings.TrimSpace(complaint.String()))
	}
	return string(out), nil
}

// environment leaves out variables of the job that autoamp itself may run in, and those that would be stronger than the options of
// a script. A user's defaults, such as SBATCH_PARTITION, stay.
func environment(variables []string) []string {
	return slices.DeleteFunc(slices.Clone(variables), func(variable string) bool {
		name, _, _ := strings.Cut(variable, "=")
		option, isOption := strings.CutPrefix(name, "SBATCH_")
		option = strings.ToLower(strings.ReplaceAll(option, "_", "-"))
		return isOption && (option == "array-inx" || decided[option] != "") ||
			strings.HasPrefix(name, "SLURM_") && name != "SLURM_CONF" && name != "SLURM_CLUSTERS"
	})
}
