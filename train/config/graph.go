package config

import (
	"fmt"

	"autoamp/datasets"
	"autoamp/graph"
)

// Graph is the model of a resolved Config for package graph.
func (c Config) Graph() graph.Config {
	m := c.Model
	g := graph.Config{
		Model: m.Name, Batch: c.Batch, Dim: m.Dim, Code: m.Code(), Tau: m.Tau, Encoder: m.Encoder, Tied: m.Tied,
		Denoiser: m.family(), Iterations: m.Iterations, Init: m.Init,
		Width: m.Width, Depth: m.Depth, Activation: graph.Activation(m.Activation),
	}
	if m.Name != "rigamp" || m.Init == InitStateEvolution { // the others' starts are written by package train
		g.Init = "haar"
	}
	g.Lambda, g.Bias, g.BiasStart, g.BiasFactor, g.Proxy = m.Lambda, m.Bias, m.BiasStart, m.BiasFactor, m.Proxy
	g.Mirrored, g.Rectified = m.Mirrored, m.Rectified
	return g
}

// family is f for package graph.
func (m ModelConfig) family() graph.Family {
	if m.Denoiser == splineDenoiser {
		return graph.Spline(m.Knots, m.Monotone)
	}
	family, _ := graph.ParseFamily(m.Denoiser) // Validate has checked the name
	return family
}

// Update translates the optimizer and its schedule for the compiler.
func (c Config) Update() graph.Update {
	o, s := c.Optimizer, c.Schedule
	u := graph.Update{
		Rule: graph.Rule(o.Name), Beta1: o.Beta1, Beta2: o.Beta2, Epsilon: o.Epsilon, ClipNorm: o.ClipNorm, Project: o.Project != nil && *o.Project,
		Schedule: graph.Schedule{
			Shape: graph.Shape(s.Shape), WarmUp: uint64(s.WarmUp), Steps: uint64(c.Steps),
			Final: s.Final, Every: uint64(s.Every), Factor: s.Factor,
		},
	}
	switch o.Name {
	case "sgd":
		u.Rule, u.Beta1 = graph.Momentum, o.Momentum
	case "rmsprop":
		u.Beta2 = o.Decay
	}
	return u
}

// Generate draws a dictionary model's batches of a stream.
func (d DataConfig) Generate(stream uint32) *graph.Generate {
	law, err := d.CodeLaw()
	if err != nil {
		panic(fmt.Sprintf("train: %v: Validate has not refused it", err))
	}
	return &graph.Generate{
		Atoms: d.Atoms, Support: law.Support, Lo: law.Lo, Hi: law.Hi, Signed: law.Signed, Noise: d.Noise,
		Stream: stream, CodeStream: datasets.CodeStream(stream),
	}
}
