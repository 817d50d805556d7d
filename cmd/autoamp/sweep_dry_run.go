package main

import (
	"encoding/json"
	"fmt"
	"io"
	"time"

	"autoamp/train/sweep"
	"autoamp/train/sweep/cells"
)

// dryRun is the JSON object of --dry-run.
type dryRun struct {
	Cells    int            `json:"cells"`
	Programs int            `json:"programs"`
	Seconds  float64        `json:"seconds"` // estimated, on one core
	Bytes    int64          `json:"bytes"`   // of the program that takes most memory
	Jobs     []dryRunJob    `json:"jobs"`
	Columns  []string       `json:"columns"`
	List     []dryRunOfCell `json:"list"`
}

type dryRunJob struct {
	Name    string  `json:"name"`
	Cells   int     `json:"cells"`
	Seconds float64 `json:"seconds"`
}

// dryRunOfCell is the values of a cell, by column.
type dryRunOfCell []string

// printDryRun lists what a sweep would run.
func printDryRun(w io.Writer, g *sweep.Grid, replicas int, asJSON bool) error {
	jobs := g.Jobs(replicas)
	bytes, err := g.MaxBytes(replicas)
	if err != nil {
		return err
	}
	if asJSON {
		r := dryRun{Cells: len(g.Cells), Programs: len(jobs), Seconds: total(jobs), Bytes: bytes, Columns: g.Header()}
		for _, job := range jobs {
			r.Jobs = append(r.Jobs, dryRunJob{job.Name, len(job.Cells), job.Seconds})
		}
		for i := range g.Cells {
			r.List = append(r.List, g.Values(&g.Cells[i]))
		}
		return json.NewEncoder(w).Encode(r)
	}
	rows := [][]string{append([]string{"cells"}, g.Header()...)}
	for i := range g.Cells[:min(len(g.Cells), mostListed)] {
		rows = append(rows, append([]string{itoa(i + 1)}, g.Values(&g.Cells[i])...))
	}
	writeTable(w, rows)
	if more := len(g.Cells) - mostListed; more > 0 {
		fmt.Fprintf(w, "and %d more; --json lists them all\n", more)
	}
	rows = [][]string{{"program", "cells", "seconds"}}
	for _, job := range jobs[:min(len(jobs), mostListed)] {
		rows = append(rows, []string{job.Name, itoa(len(job.Cells)), fmt.Sprintf("%.3g", job.Seconds)})
	}
	fmt.Fprintln(w)
	writeTable(w, rows)
	if more := len(jobs) - mostListed; more > 0 {
		fmt.Fprintf(w, "and %d more\n", more)
	}
	fmt.Fprintf(w, "\n%s in %s; estimated: %v on one core, %.0f MiB for the largest program\n",
		plural(len(g.Cells), "cell"), plural(len(jobs), "program"), rounded(time.Duration(total(jobs)*float64(time.Second))), float64(bytes)/(1<<20))
	return nil
}

// total is the estimated time of jobs on one core, in seconds.
func total(jobs []*cells.Job) float64 {
	sum := 0.0
	for _, job := range jobs {
		sum += job.Seconds
	}
	return sum
}
