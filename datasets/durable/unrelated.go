package durable

import (
	"regexp"
	"slices"
	"strings"
)

// byOthers are the files that operating systems leave in directories.
var byOthers = []string{".DS_Store", "lost+found", "Thumbs.db", "desktop.ini"}

// scheduled are the names of the output files of batch systems: slurm-JOB.out of Slurm, NAME.oJOB and NAME.eJOB of PBS and Grid
// Engine.
var scheduled = regexp.MustCompile(`^slurm-.*\.out$|\.[oe][0-9]+$`)

// Unrelated reports whether a file of that name is left by an operating system, a file server or a batch system: no work of
// anybody, and no reason to refuse a directory.
func Unrelated(name string) bool {
	return slices.Contains(byOthers, name) || strings.HasPrefix(name, "._") || strings.HasPrefix(name, ".nfs") ||
		scheduled.MatchString(name)
}
