package runs

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"autoamp/train/config"
	"autoamp/train/rundir"
)

// describe takes over what the configuration says.
func (r *Run) describe(settings map[string]string) error {
	var errs []error
	whole := func(key string) int {
		n, err := config.ParseInt(settings[key])
		errs = append(errs, invalid(key, err))
		return n
	}
	rate, err := config.ParseFloat(settings["model.rate"])
	errs = append(errs, invalid("model.rate", err))
	model := config.ModelConfig{Dim: whole("model.dim"), Rate: rate}
	r.Settings, r.Model, r.Dim, r.Steps = settings, settings["model.name"], model.Dim, whole("steps")
	r.Data = config.DataConfig{Name: settings["data.name"]}.Label()
	r.Rate = codeRate(model)
	r.Seeds = len(list(settings["seeds"]))
	for _, text := range list(settings["data.p"]) {
		p, err := config.ParseFloat(text)
		errs = append(errs, invalid("data.p", err))
		r.Points = append(r.Points, Point{P: p})
	}
	if r.Seeds == 0 || len(r.Points) == 0 {
		errs = append(errs, errors.New("there are no seeds or no data.p"))
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("%s: %w", filepath.Join(r.Dir, rundir.ConfigFile), err)
	}
	return nil
}

// SeedTexts are the seeds of a run; none where its configuration cannot be read.
func (r Run) SeedTexts() []string { return list(r.Settings["seeds"]) }

// invalid adds the name of a setting to an error, if there is one.
func invalid(key string, err error) error {
	if err != nil {
		return fmt.Errorf("%s %w", key, err)
	}
	return nil
}

// list splits a list as it stands in config.yaml: [1, 2].
func list(text string) []string {
	inner := strings.TrimSuffix(strings.TrimPrefix(text, "["), "]")
	if inner == "" {
		return nil
	}
	return strings.Split(inner, ", ")
}
