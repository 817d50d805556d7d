package report

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"fmt"
	"html/template"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"autoamp/amp"
	"autoamp/datasets/durable"
	"autoamp/train/config"
	"autoamp/train/rundir"
	"autoamp/train/theory"
)

// pageFile is the page of a finished run: one file, without scripts and without addresses of anything outside it.
const pageFile = "report.html"

//go:embed page.html
var pageHTML string

var pageTemplate = template.Must(template.New(pageFile).Funcs(template.FuncMap{
	"mse": func(x float64) string { return fmt.Sprintf("%.4f", x) }, "percent": percent, "bytes": bytesText, "seconds": secondsText,
	"converged": convergedText,
}).Parse(pageHTML))

// page is the data of the template.
type page struct {
	Title    string
	Config   config.Config
	Summary  *rundir.Summary
	Levels   []levels
	Figures  []pageFigure
	Weights  []pageWeights
	Settings []property
	YAML     string // config.yaml
	Command  string
	Step     uint64
	Files    []property // of the checkpoint, with their SHA-256
	More     int        // files that are not listed
}

// property is a name with a value.
type property struct{ Name, Value string }

// levels are the theory's levels at one p, with the trained error's distance from each.
type levels struct {
	P       float64
	Trained float64
	Lines   []theory.Line
}

// Gap is the relative distance of the trained error from a level.
func (l levels) Gap(line theory.Line) float64 { return l.Trained/line.MSE - 1 }

// drawPage writes report.html of a finished run.
func (d *folder) drawPage(c *rundir.Checkpoint) error {
	p, err := d.page(c)
	if err != nil {
		return err
	}
	var file bytes.Buffer
	if err := pageTemplate.Execute(&file, p); err != nil {
		return fmt.Errorf("train: %s: %w", pageFile, err)
	}
	if err := durable.WriteBytes(d.disk, d.file(pageFile), file.Bytes()); err != nil {
		return fmt.Errorf("train: %s: %w", pageFile, err)
	}
	return nil
}

// page collects what the page shows.
func (d *folder) page(c *rundir.Checkpoint) (*page, error) {
	s, err := rundir.ReadSummary(d.path)
	if err != nil {
		return nil, fmt.Errorf("train: summary: %w", err)
	}
	if s.Device == "" || len(s.Points) != len(c.Config.Points()) || len(s.Runs) != len(c.Config.Replicas()) {
		return nil, fmt.Errorf("train: %s: does not fit the run's configuration; autoamp train --resume computes it again once it is removed", d.file(rundir.SummaryFile))
	}
	p := &page{Title: title(c.Config), Config: c.Config, Summary: s.Summary, Step: c.Step, Command: command(s.Device)}
	predictions, err := rundir.ReadTheory(d.path, c.Config)
	if err != nil {
		return nil, err
	}
	p.Levels = allLevels(c.Config, s.Points, predictions)
	if p.Figures, err = d.pageFigures(c.Config, s.Points, p.Levels); err != nil {
		return nil, err
	}
	if p.Weights, err = pictures(c); err != nil {
		return nil, err
	}
	if err := d.settings(p); err != nil {
		return nil, err
	}
	return p, p.hash(c)
}

// allLevels are the levels for the smallest and the largest p: with time-sharing and Shannon's bound, which take a tenth of a second.
func allLevels(c config.Config, points []rundir.Point, predictions []*amp.Prediction) []levels {
	var out []levels
	for _, i := range extremes(c.Data.P) {
		if lines := theory.Lines(c.Model, theory.Completed(c.Model, predictions[i])); len(lines) > 0 {
			out = append(out, levels{points[i].P, points[i].TestMSE, lines})
		}
	}
	return out
}

// settings reads config.yaml.
func (d *folder) settings(p *page) error {
	texts, err := rundir.ReadTexts(d.path)
	if err != nil {
		return err
	}
	for _, key := range slices.Sorted(maps.Keys(texts)) {
		p.Settings = append(p.Settings, property{key, texts[key]})
	}
	data, err := os.ReadFile(d.file(rundir.ConfigFile))
	if err != nil {
		return fmt.Errorf("train: %w", err)
	}
	p.YAML = string(data)
	return nil
}

// command trains the model again, from config.yaml, on a device as the summary names it.
func command(device string) string {
	kind, rest, _ := strings.Cut(device, ": ")
	parts := strings.Split(rest, ", ")
	last, _, _ := strings.Cut(strings.ToLower(parts[len(parts)-1]), " ")
	flags := ""
	switch {
	case kind != "cpu":
		all := strings.Split(device, ", ")
		flags = " --device gpu --precision " + all[len(all)-1]
	case last == "openblas" || last == "accelerate" || last == "simd" || last == "go":
		flags = " --product " + last
	}
	return "autoamp train --config config.yaml" + flags + " --out runs/again"
}

// mostHashed bounds the files of weights that the page lists.
const mostHashed = 32

// hash lists the checkpoint's files of weights with their SHA-256.
func (p *page) hash(c *rundir.Checkpoint) error {
	paths, err := filepath.Glob(filepath.Join(c.Path, "*.safetensors"))
	if err != nil {
		return fmt.Errorf("train: %w", err)
	}
	for _, path := range paths[:min(len(paths), mostHashed)] {
		file, err := os.ReadFile(path)
		if err != nil {
			return fmt.Errorf("train: %w", err)
		}
		name := filepath.Join(rundir.CheckpointFolder, filepath.Base(c.Path), filepath.Base(path))
		p.Files = append(p.Files, property{name, fmt.Sprintf("%x", sha256.Sum256(file))})
	}
	p.More = len(paths) - len(p.Files)
	return nil
}

func percent(x float64) string { return fmt.Sprintf("%+.2f %%", 100*x) }

// bytesText is a number of bytes for reading.
func bytesText(n int64) string { return fmt.Sprintf("%.0f MiB", float64(n)/(1<<20)) }

// convergedText is yes or no, and a dash where nothing is judged.
func convergedText(converged *bool) string {
	switch {
	case converged == nil:
		return "–"
	case *converged:
		return "yes"
	}
	return "no"
}

// secondsText is a duration for reading.
func secondsText(s float64) string {
	switch {
	case s < 120:
		return fmt.Sprintf("%.1f s", s)
	case s < 7200:
		return fmt.Sprintf("%.1f min", s/60)
	}
	return fmt.Sprintf("%.1f h", s/3600)
}
