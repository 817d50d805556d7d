package slurm

import (
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseOptions(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]Options{
		"partition=gpu,gres=gpu:1,time=4:00:00": {{"partition", "gpu"}, {"gres", "gpu:1"}, {"time", "4:00:00"}},
		"-p=a,b,--mem=4G":                       {{"partition", "a,b"}, {"mem", "4G"}},
		"exclude=n[1,3-5],exclusive,c=2":        {{"exclude", "n[1,3-5]"}, {"exclusive", ""}, {"cpus-per-task", "2"}},
		"mail-type=END,FAIL":                    {{"mail-type", "END,FAIL"}},
		"comment=it's a sweep":                  {{"comment", "it's a sweep"}},
		"time=UNLIMITED":                        {{"time", "UNLIMITED"}},
	} {
		got, err := ParseOptions(text)
		if difference := cmp.Diff(want, got); difference != "" || err != nil {
			t.Errorf("%s: %v\n%s", text, err, difference)
		}
	}
	for text, want := range map[string]string{
		"":                          "must be like partition=gpu",
		"partition=":                "partition: needs a value",
		"partition":                 "partition: needs a value",
		"exclusive=user":            "exclusive = user: takes no value",
		"colour=red":                "colour: is not passed on to sbatch; there are account, begin,",
		"mem=1G,mem=2G":             "mem: is given twice",
		"mem=1G,mem-per-cpu=1G":     "mem contradicts mem-per-cpu",
		"gres=gpu:1,gpus=1":         "gres = gpu:1 contradicts gpus",
		"array=0-9":                 "array: autoamp numbers the tasks; --jobs limits",
		"a=0-9":                     "array: autoamp numbers",
		"no-requeue":                "no-requeue: a task whose time is over is requeued",
		"mem=1G,output=x":           "output: the log of task I is logs/I.log",
		"ntasks=4":                  "cpus-per-task",
		"time=4":                    "time = 4: must be more than 4 minutes",
		"time=0:03:59":              "must be more than 4 minutes",
		"time=soon":                 "time = soon: must be minutes",
		"time=1-2:3:4:5":            "must be minutes",
		"comment=a\nrm -rf /":       "must have no control characters",
		"partition=a,,mem=1G,tmp=1": "", // a value with an empty piece, which sbatch refuses
	} {
		_, err := ParseOptions(text)
		if want == "" && err == nil {
			continue
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

func TestParseTime(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{
		"5": 300, "5:30": 330, "1:00:00": 3600, "2-3": 2*86400 + 3*3600, "2-3:04": 2*86400 + 3*3600 + 240, "2-3:04:05": 2*86400 + 3*3600 + 245, "0": 0,
	} {
		if got, ok := parseTime(text); !ok || got != want {
			t.Errorf("%s: %d s, want %d", text, got, want)
		}
	}
}

func TestGPU(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{"gres=gpu:1": true, "gres=shard:1,gpu:1": true, "G=1": true, "gres=fpga:1": false, "mem=1G": false} {
		if options, err := ParseOptions(text); err != nil || options.GPU() != want {
			t.Errorf("%s: %v, want %v (%v)", text, options.GPU(), want, err)
		}
	}
}

func TestRanges(t *testing.T) {
	t.Parallel()
	for want, numbers := range map[string][]int{"": nil, "3": {3}, "0-2": {0, 1, 2}, "0,2-3,5,7-9": {0, 2, 3, 5, 7, 8, 9}} {
		if got := Ranges(numbers); got != want {
			t.Errorf("%v: %s, want %s", numbers, got, want)
		}
		for n := range 12 {
			if inRanges(want, n) != slices.Contains(numbers, n) {
				t.Errorf("%d in %q: %v", n, want, inRanges(want, n))
			}
		}
	}
}

// TestScript checks the header of a script, and lets a shell read the words of its command.
func TestScript(t *testing.T) {
	t.Parallel()
	words := []string{"autoamp", "it's", "a b", "$HOME", "`id`", "%s", "", "#1", "\\"}
	a := Array{Dir: "/data/100 %", Tasks: []int{0, 1, 2, 5}, Limit: 3, Options: Options{{"partition", "a,b"}, {"exclusive", ""}}, Work: words, Folder: "/home/me"}
	text := a.script()
	for _, want := range []string{
		"#!/bin/sh\n#SBATCH --job-name=autoamp-", "\n#SBATCH --array=0-2,5%3\n", "\n#SBATCH --requeue\n#SBATCH --signal=B:USR1@120\n#SBATCH --open-mode=append\n",
		"\n#SBATCH --output='/data/100 %%/logs/%a.log'\n#SBATCH --chdir=/home/me\n#SBATCH --partition=a,b\n#SBATCH --exclusive\n",
		` --task "$SLURM_ARRAY_TASK_ID" &`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	_, after, _ := strings.Cut(text, "TERM\n")
	command, _, _ := strings.Cut(after, " --task ")
	out, err := exec.Command("sh", "-c", `printf '<%s>' `+command).Output()
	if want := "<" + strings.Join(words, "><") + ">"; err != nil || string(out) != want {
		t.Errorf("a shell reads %s, want %s (%v)", out, want, err)
	}
	if out, err := exec.Command("sh", "-n", "-c", text).CombinedOutput(); err != nil {
		t.Errorf("%v: %s", err, out)
	}
}

func TestEnvironment(t *testing.T) {
	t.Parallel()
	got := environment([]string{
		"PATH=/bin", "SLURM_CONF=/etc/s", "SLURM_JOB_ID=1", "SLURM_CPUS_PER_TASK=4", "SBATCH_PARTITION=gpu", "SBATCH_ARRAY_INX=0-9", "SBATCH_OPEN_MODE=truncate",
		"SBATCH_NO_REQUEUE=1", "SBATCH_SIGNAL=INT", "SBATCH_ACCOUNT=me",
	})
	if want := []string{"PATH=/bin", "SLURM_CONF=/etc/s", "SBATCH_PARTITION=gpu", "SBATCH_ACCOUNT=me"}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}
