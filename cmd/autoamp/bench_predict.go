package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"autoamp/bench"
	"autoamp/cuda"
	"autoamp/graph"
	"autoamp/train"
)

// predict prints the modelled cost of a step.
func (c *benchStepCmd) predict(a *app, config train.Config) error {
	if c.Device != "cpu" {
		return usagef("--predict = %s: needs no device; leave out --device", c.Predict)
	}
	card, err := parseCard(c.Predict)
	if err != nil {
		return err
	}
	r, err := bench.PredictStep(config, card.Title, c.Precision, predictor(card))
	if err != nil {
		return err
	}
	if c.JSON {
		return json.NewEncoder(a.stdout).Encode(r)
	}
	writePrediction(a.stdout, r)
	return nil
}

func writePrediction(w io.Writer, r *bench.StepPrediction) {
	fmt.Fprintf(w, "%s, %s, p = %s, d = %d, rate %s, batch %d, %s, %s\n%s: predicted, nothing measured\n\n",
		r.Model, r.Data, ftoa(r.P), r.Dim, ftoa(r.Rate), r.Batch, plural(r.Replicas, "model"), r.Precision, r.Card)
	writeTable(w, [][]string{
		{"ms per step", "from", "to", "nodes", "MB", "Gflop"},
		{fmt.Sprintf("%.4f", r.Ms), fmt.Sprintf("%.4f", r.Low), fmt.Sprintf("%.4f", r.High), itoa(r.Nodes),
			fmt.Sprintf("%.1f", r.Bytes/1e6), fmt.Sprintf("%.3f", r.Flops/1e9)},
	})
}

// predict prints and writes the modelled table of a GPU.
func (c *benchSuiteCmd) predict(a *app) error {
	settings, err := c.gpuSettings()
	if err != nil {
		return err
	}
	card, err := parseCard(c.Predict)
	if err != nil {
		return err
	}
	t, err := bench.PredictSuite(settings, card.Title, predictor(card))
	if err != nil {
		return err
	}
	return writeTables(a, t, c.Out, "predicted-"+card.Name, c.JSON)
}

// predictors model steps on the card of --predict, or else on the card that a device is.
func (c *benchSuiteCmd) predictors() (func(device string) bench.Predictor, error) {
	if c.Predict == "" {
		return func(device string) bench.Predictor {
			if card, known := cuda.CardOf(device); known {
				return predictor(card)
			}
			return nil
		}, nil
	}
	card, err := parseCard(c.Predict)
	return func(string) bench.Predictor { return predictor(card) }, err
}

// parseCard reads --predict.
func parseCard(name string) (cuda.Card, error) {
	card, known := cuda.ParseCard(name)
	if known {
		return card, nil
	}
	var names []string
	for _, c := range cuda.Cards() {
		names = append(names, c.Name)
	}
	return card, usagef("--predict = %q: must be of %s", name, strings.Join(names, ", "))
}

// predictor models steps on a card.
func predictor(card cuda.Card) bench.Predictor {
	return func(precision string, p *graph.Program, replicas int) (*bench.Cost, error) {
		r, err := cuda.Predict(p, replicas, cuda.Precision(precision), card)
		if err != nil {
			return nil, err
		}
		return &bench.Cost{
			Precision: string(r.Precision), Nodes: r.Nodes, Bytes: r.Bytes, Flops: r.Flops, Ms: r.Ms, Low: r.Low, High: r.High,
		}, nil
	}
}
