package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"path/filepath"
	"strconv"
	"strings"
	"unicode/utf8"

	"autoamp/bench/reproduce"
	"autoamp/bench/reproduce/experiments"
	"autoamp/train"
)

// reproduceCmd is autoamp reproduce.
type reproduceCmd struct {
	deviceFlags
	clusterFlags
	Experiment []string `complete:"@experiments" arg:"" help:"Experiments, all, or list to see them."`
	Scale      string   `complete:"@scales" default:"quick" help:"quick (sizes for two cores), paper (the papers' sizes where the papers state them) or large (d ≥ 4096, for a GPU). Default: ${default}." placeholder:"S"`
	Out        string   `complete:"dir" help:"Directory of tables, figures and report. What is done there already is not done again." placeholder:"DIR"`
	Seed       uint64   `default:"1" help:"First seed. Default: ${default}." placeholder:"N"`
	OnlyPlot   bool     `xor:"how" help:"Draw and judge what is in --out; compute nothing."`
	Launcher   string   `complete:"local,slurm" xor:"how" help:"Run the cells by several workers: local, processes of this machine, or slurm, the tasks of an array job; the same command judges them when they are done. Default: this process, one cell after another." placeholder:"L"`
	Jobs       *int     `help:"Worker processes of --launcher local, tasks at a time of slurm. Default: one for each core, or for each GPU of --device; all." placeholder:"N"`
	JSON       bool     `name:"json" help:"Print one JSON object, the last line of standard output."`
}

// Help is shown by autoamp reproduce --help.
func (c *reproduceCmd) Help() string {
	return `Every figure and table of the papers: trains what it needs, computes the theory, draws, and says in numbers whether
they agree. --out holds a folder for each, and index.html, the report. The same command continues what was interrupted. A
claim that fails is judged again, by twice as many other seeds. The exit status is 1 if a verdict is FAIL. DEVIATES is a claim
of a paper that does not hold here, with a reason that is tested.`
}

// Run lists or reproduces experiments.
func (c *reproduceCmd) Run(ctx context.Context, a *app) error {
	if len(c.Experiment) == 1 && c.Experiment[0] == "list" {
		return c.list(a)
	}
	chosen, err := c.chosen()
	if err != nil {
		return err
	}
	settings, err := c.settings(a)
	if err != nil {
		return err
	}
	defer a.release(settings.Devices...)
	defer a.clear()
	settings.Progress = c.progress(a, len(settings.Devices))
	settings.Finished = func(o *reproduce.Outcome) {
		a.clear()
		if !c.JSON && (o.Open == 0 || c.OnlyPlot) {
			_ = o.Verdict.Write(a.stdout) // a verdict that cannot be printed is in verdict.json
			fmt.Fprintln(a.stdout)
		}
	}
	var outcomes []*reproduce.Outcome
	if c.Launcher != "" {
		outcomes, err = c.launch(ctx, a, chosen, settings)
	} else {
		outcomes, err = reproduce.Suite(ctx, chosen, settings)
	}
	a.clear()
	if errors.Is(err, context.Canceled) {
		return &interruptedError{err: err, resume: commandLine("reproduce", append(c.Experiment, c.args()...))}
	}
	if len(outcomes) == 0 {
		return err
	}
	return errors.Join(err, c.conclude(a, outcomes))
}

// progress says which cell begins, and shows its trainings. A frame shows one training, not those of several devices.
func (c *reproduceCmd) progress(a *app, devices int) func(reproduce.Place) func(train.Progress) {
	return func(p reproduce.Place) func(train.Progress) {
		if !a.draws() {
			fmt.Fprintf(a.notes(), "%s: %s, %d of %d\n", p.Experiment, p.Cell, p.Done+1, p.Cells)
		}
		shown := newProgress(a, p.Experiment, fmt.Sprintf("cell %d of %d", p.Done+1, p.Cells), p.Cell)
		if devices > 1 {
			return nil
		}
		return shown.update
	}
}

// chosen looks the names up.
func (c *reproduceCmd) chosen() ([]*reproduce.Experiment, error) {
	if len(c.Experiment) == 1 && c.Experiment[0] == "all" {
		return experiments.All(), nil
	}
	var out []*reproduce.Experiment
	for _, name := range c.Experiment {
		e, err := experiments.Find(name)
		if err != nil {
			return nil, &usageError{err: err, hint: "autoamp reproduce list shows them all"}
		}
		out = append(out, e)
	}
	return out, nil
}

func (c *reproduceCmd) settings(a *app) (reproduce.Settings, error) {
	scale, err := reproduce.ParseScale(c.Scale)
	if err != nil {
		return reproduce.Settings{}, &usageError{err: err}
	}
	if scale == reproduce.Large && c.Device == "cpu" {
		return reproduce.Settings{}, usagef("--scale = large: needs --device gpu")
	}
	if c.Seed > math.MaxUint64-reproduce.SeedsAfter {
		return reproduce.Settings{}, usagef("--seed = %d: must be below 2⁶⁴ − %d, for the seeds after it", c.Seed, reproduce.SeedsAfter)
	}
	if c.Out == "" {
		return reproduce.Settings{}, usagef("--out is missing: name a directory, such as --out runs/%s", c.Experiment[0])
	}
	if err := c.checkLauncher(); err != nil {
		return reproduce.Settings{}, err
	}
	settings := reproduce.Settings{
		Params: reproduce.Params{Scale: scale, Seed: c.Seed},
		Dir:    c.Out, OnlyPlot: c.OnlyPlot, Version: revision(), Logger: slog.New(warnings{a.log.Handler()}),
	}
	if c.Launcher != "" { // the workers open devices; with Slurm this machine may have none
		return settings, nil
	}
	settings.Devices, err = c.openEach()
	return settings, err
}

// checkLauncher checks the flags of the launchers.
func (c *reproduceCmd) checkLauncher() error {
	switch c.Launcher {
	case "", launcherLocal, launcherSlurm:
	default:
		return usagef("--launcher = %s: must be local or slurm", c.Launcher)
	}
	if c.Jobs != nil && c.Launcher == "" {
		return usagef("--jobs: goes with --launcher")
	}
	return c.onlyFor(c.Launcher)
}

// warnings is a log of warnings and errors only. The progress says where a run is.
type warnings struct{ slog.Handler }

// Enabled leaves out the lower levels.
func (h warnings) Enabled(ctx context.Context, l slog.Level) bool {
	return l >= slog.LevelWarn && h.Handler.Enabled(ctx, l)
}

// conclude prints where the report is, and fails if a verdict did.
func (c *reproduceCmd) conclude(a *app, outcomes []*reproduce.Outcome) error {
	conclusion := conclusion{Tally: reproduce.NewTally(outcomes), Report: filepath.Join(c.Out, "index.html")}
	var failed []string
	for _, o := range reproduce.InOrder(outcomes) {
		conclusion.Experiments = append(conclusion.Experiments, o.Verdict)
		if o.Verdict.Status == reproduce.Fail {
			failed = append(failed, o.Experiment.Name)
		}
	}
	if err := conclusion.print(a.stdout, c.JSON); err != nil {
		return err
	}
	if len(failed) > 0 {
		return fmt.Errorf("reproduce: FAIL: %s", strings.Join(failed, ", "))
	}
	return nil
}

// conclusion is the end of a reproduction, and the JSON object of --json. Deviations are first.
type conclusion struct {
	reproduce.Tally
	Experiments []*reproduce.Verdict `json:"experiments"`
	Report      string               `json:"report"`
}

func (c *conclusion) print(w io.Writer, asJSON bool) error {
	if asJSON {
		return json.NewEncoder(w).Encode(c)
	}
	for _, v := range c.Experiments {
		fmt.Fprintf(w, "%-8s  %s\n", v.Status, v.Experiment)
	}
	_, err := fmt.Fprintf(w, "%s; report: %s\n", c.Tally, c.Report)
	return err
}

// list prints every experiment with its time, its axes and its claim.
func (c *reproduceCmd) list(a *app) error {
	if c.JSON {
		return usagef("--json: does not apply to list")
	}
	const form = "%-18s  %8s  %8s  %8s\n"
	fmt.Fprintf(a.stdout, form, "experiment", "quick", "paper", "large")
	for _, e := range experiments.All() {
		at := func(s reproduce.Scale) string { return minutes(e.Minutes.At(s)) }
		fmt.Fprintf(a.stdout, form, e.Name, at(reproduce.Quick), at(reproduce.Paper), at(reproduce.Large))
		for _, line := range append(wrap(e.Title), wrap(e.Claim)...) {
			fmt.Fprintf(a.stdout, "    %s\n", line)
		}
	}
	return nil
}

// wrap breaks a text into lines of at most 100 letters.
func wrap(text string) []string {
	lines := []string{""}
	for _, word := range strings.Fields(text) {
		last := &lines[len(lines)-1]
		switch {
		case *last == "":
			*last = word
		case utf8.RuneCountInString(*last)+1+utf8.RuneCountInString(word) > 100:
			lines = append(lines, word)
		default:
			*last += " " + word
		}
	}
	return lines
}

// minutes writes a time for people.
func minutes(m float64) string {
	switch {
	case m == 0:
		return "–"
	case m < 1.0/30:
		return "< 2 s"
	case m < 2:
		return fmt.Sprintf("%.0f s", 60*m)
	case m < 100:
		return fmt.Sprintf("%.0f min", m)
	}
	return fmt.Sprintf("%.0f h", m/60)
}

// args are the flags as a command line would repeat them.
func (c *reproduceCmd) args() []string {
	args := append([]string{"--scale", c.Scale, "--out", c.Out, "--seed", strconv.FormatUint(c.Seed, 10)}, c.deviceFlags.args()...)
	if c.Launcher != "" {
		args = append(append(args, "--launcher", c.Launcher), c.clusterFlags.args()...)
	}
	if c.Jobs != nil {
		args = append(args, "--jobs", itoa(*c.Jobs))
	}
	if c.JSON {
		args = append(args, "--json")
	}
	return args
}
