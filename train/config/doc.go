// Package config is the settings of a training run: [Config], read from YAML and overrides by [Load] and [Parse], completed by
// [Config.WithDefaults] and checked by [Config.Validate], and what it means for package graph.
package config
