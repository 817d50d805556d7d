package main

import (
	"fmt"
	"strings"

	"autoamp/bench/reproduce"
	"autoamp/bench/reproduce/experiments"
	"autoamp/cmd/autoamp/completion"
	"autoamp/cuda"
	"autoamp/datasets"
	"autoamp/graph"
	"autoamp/train/config"
	"autoamp/train/runs"
)

// completionCmd is autoamp completion.
type completionCmd struct {
	Shell string `arg:"" enum:"bash,zsh,fish" help:"bash, zsh or fish."`
}

// Help is shown by autoamp completion --help.
func (c *completionCmd) Help() string {
	return `Install it for

  bash:  autoamp completion bash > ~/.local/share/bash-completion/completions/autoamp
  zsh:   autoamp completion zsh > ~/.zfunc/_autoamp, with fpath+=~/.zfunc before compinit in ~/.zshrc
  fish:  autoamp completion fish > ~/.config/fish/completions/autoamp.fish`
}

// Run prints the script.
func (c *completionCmd) Run(a *app) error {
	script, err := completion.Script(c.Shell)
	if err != nil {
		return &usageError{err: err}
	}
	_, err = fmt.Fprint(a.stdout, script)
	return err
}

// complete answers a script: the words are the shell's name and the command line up to the cursor.
func (a *app) complete(words []string) error {
	if len(words) < 2 {
		return usagef("%s: is for the scripts of autoamp completion", completion.Verb)
	}
	parser, err := a.parser()
	if err != nil {
		return err
	}
	line := completion.Words(words[0], words[1:])
	return completion.Complete(parser.Model, lists, line).Write(a.stdout, words[0], line[len(line)-1])
}

// lists are the values of flags and arguments that have no enum tag, because they are names of things that are listed elsewhere.
var lists = completion.Lists{
	"laws":        func() []string { return append(datasets.Names(), config.FilePrefix) },
	"models":      graph.Models,
	"experiments": func() []string { return append(experimentNames(), "all", "list") },
	"scales":      scaleNames,
	"devices":     deviceNames,
	"cards":       cardNames,
	"fields":      runs.Fields,
	"conditions":  func() []string { return suffixed(runs.Fields(), "=") },
	"settings":    func() []string { return suffixed(settingKeys(), "=") },
}

func experimentNames() []string {
	var names []string
	for _, e := range experiments.All() {
		names = append(names, e.Name)
	}
	return names
}

func scaleNames() []string {
	var names []string
	for _, s := range reproduce.Scales() {
		names = append(names, string(s))
	}
	return names
}

// deviceNames are those of this build.
func deviceNames() []string {
	if !cuda.Built {
		return []string{"cpu"}
	}
	return []string{"cpu", "gpu", "gpu:0", "gpu:all"}
}

func cardNames() []string {
	var names []string
	for _, card := range cuda.Cards() {
		names = append(names, card.Name)
	}
	return names
}

func settingKeys() []string {
	var keys []string
	for _, s := range config.Settings() {
		keys = append(keys, s.Key)
	}
	return keys
}

func suffixed(words []string, suffix string) []string {
	return strings.Split(strings.Join(words, suffix+"\n")+suffix, "\n")
}
