// Package config holds the settings of a training run, [Config], and translates them for package graph. [Load] and [Parse]
// read a Config from YAML and overrides, [Config.WithDefaults] completes it, and [Config.Validate] checks it.
package config
