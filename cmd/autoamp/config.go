package main

import (
	"errors"
	"fmt"
	"math"
	"strconv"

	"github.com/alecthomas/kong"

	"autoamp/train"
	"autoamp/train/config"
)

// configFlags are the flags that end up in a train.Config. A nil field was not given.
type configFlags struct {
	Config string   `complete:"file" group:"run" short:"c" help:"Configuration file (YAML); --print-config shows its form." placeholder:"FILE"`
	Set    []string `complete:"@settings" group:"run" sep:"none" help:"Set a field of the configuration: --set optimizer.clip_norm=1. Repeatable." placeholder:"KEY=VALUE"`

	// Settings are a flag for each setting that has one, made by newConfigFlags.
	Settings kong.Plugins `embed:""`

	Seed     *uint64 `group:"training" xor:"seeds" help:"Seed of weights and data. Default: 1." placeholder:"S"`
	Replicas *int    `group:"training" xor:"count" help:"Number of seeds to train side by side, counted from --seed." placeholder:"K"`
}

// newConfigFlags makes the flags of the settings.
func newConfigFlags() configFlags { return configFlags{Settings: kong.Plugins{newSettingFlags()}} }

// config returns the configuration. It starts from the configuration that load reads, applies --set, and then applies the
// flags.
func (f *configFlags) config(load func(overrides ...string) (train.Config, error)) (train.Config, error) {
	flags, err := f.overrides()
	if err != nil {
		return train.Config{}, err
	}
	return configOf(load, append(append([]string{}, f.Set...), flags...))
}

// configOf returns the checked configuration that load reads, with overrides.
func configOf(load func(overrides ...string) (train.Config, error), overrides []string) (train.Config, error) {
	c, err := load(overrides...)
	if err == nil {
		err = c.Validate()
	}
	if err != nil {
		return train.Config{}, &usageError{err: withFlag(err)}
	}
	return c.WithDefaults(), nil
}

// defaults loads no file.
func defaults(overrides ...string) (train.Config, error) { return config.Parse(nil, overrides...) }

// withFlag names the flag that sets the field an error complains about.
func withFlag(err error) error {
	var field *config.Error
	if !errors.As(err, &field) {
		return err
	}
	if setting, ok := config.Find(field.Field); ok && setting.Flag.Name != "" {
		return fmt.Errorf("%w (flag %s)", err, setting.Flag)
	}
	return err
}

// overrides writes the given flags as overrides of a train.Config.
func (f *configFlags) overrides() ([]string, error) {
	var o overrides
	for _, flags := range f.Settings {
		o.settings(flags)
	}
	seeds, err := f.seeds()
	if len(seeds) > 0 {
		o.add("seeds", list(seeds, func(s uint64) string { return strconv.FormatUint(s, 10) }))
	}
	return o, err
}

// seeds are --replicas seeds counted from --seed. There are none if both flags are absent.
func (f *configFlags) seeds() ([]uint64, error) {
	if f.Seed == nil && f.Replicas == nil {
		return nil, nil
	}
	first, count := uint64(1), 1
	if f.Seed != nil {
		first = *f.Seed
	}
	if f.Replicas != nil {
		count = *f.Replicas
	}
	if count < 1 || count > train.MaxReplicas {
		return nil, usagef("--replicas = %d: must be from 1 to %d", count, train.MaxReplicas)
	}
	if last := uint64(count - 1); first > math.MaxUint64-last {
		return nil, usagef("--seed = %d: must be at most 2⁶⁴ − %d, so that --replicas = %d seeds follow one another", first, count, count)
	}
	var seeds []uint64
	for i := range count {
		seeds = append(seeds, first+uint64(i))
	}
	return seeds, nil
}
