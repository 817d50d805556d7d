package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"path/filepath"
	"strings"

	"autoamp/datasets"
	"autoamp/datasets/durable"
)

// datasetsInfoCmd is autoamp datasets info.
type datasetsInfoCmd struct {
	imageFlags
	Class   []string `complete:"-" help:"Classes to describe, by label or name. Default: all." placeholder:"K"`
	Channel string   `default:"" enum:",red,green,blue" help:"One colour plane of cifar10: red, green or blue. Default: all three." placeholder:"C"`
	Whiten  bool     `help:"Also augment and whiten the images, as training does, and describe the law of the pixels."`
	Seed    uint64   `default:"1" help:"Seed of the augmentation. Default: ${default}." placeholder:"S"`
	Out     string   `complete:"file" help:"Write a contact sheet, a PNG, to this file." placeholder:"FILE"`
	JSON    bool     `name:"json" help:"Print one JSON object."`
}

// Run describes an image set.
func (c *datasetsInfoCmd) Run(ctx context.Context, a *app) error {
	if c.Name == "mnist" && c.Channel != "" {
		return usagef("--channel = %s: is for cifar10, mnist has one channel", c.Channel)
	}
	dir, err := c.directory()
	if err != nil {
		return err
	}
	classes, err := c.classes()
	if err != nil {
		return &usageError{err: err}
	}
	info, err := datasets.Describe(ctx, datasets.ImageSettings{
		Name: c.Name, Dir: dir, Classes: classes, Channel: c.Channel,
		Augment: c.Whiten, Whiten: c.Whiten, Seed: c.Seed, Log: a.log,
	})
	if err != nil {
		return err
	}
	if c.Out != "" {
		if err := writeSheet(c.Out, c.Name, dir, classes); err != nil {
			return err
		}
	}
	if c.JSON {
		return json.NewEncoder(a.stdout).Encode(info)
	}
	writeImageInfo(a.stdout, info)
	return nil
}

func (c *datasetsInfoCmd) classes() ([]int, error) {
	var out []int
	for _, text := range c.Class {
		k, err := datasets.Class(c.Name, text)
		if err != nil {
			return nil, err
		}
		out = append(out, k)
	}
	return out, nil
}

// writeSheet writes the contact sheet of an image set.
func writeSheet(path, name, dir string, classes []int) error {
	l, err := datasets.Load(name, filepath.Join(dir, name))
	if err != nil {
		return err
	}
	return durable.WriteFile(durable.OS, path, func(w io.Writer) error { return datasets.ContactSheet(w, l, classes) })
}

// writeImageInfo prints the measurements as text.
func writeImageInfo(w io.Writer, i *datasets.ImageInfo) {
	fmt.Fprintf(w, "%s: %d training and %d test images of %v, d = %d\n", i.Name, i.Train, i.Test, i.Shape, i.Dim)
	if len(i.Missing) > 0 {
		fmt.Fprintf(w, "of the full set's %d training images some are not there: %s\n", i.Full, strings.Join(i.Missing, ", "))
	}
	fmt.Fprintln(w)
	rows := [][]string{{"label", "class", "training", "test"}}
	for _, class := range i.Classes {
		rows = append(rows, []string{itoa(class.Label), class.Name, itoa(class.Train), itoa(class.Test)})
	}
	writeTable(w, rows)
	largest := make([]string, len(i.Eigenvalues))
	for k, value := range i.Eigenvalues {
		largest[k] = fmt.Sprintf("%.3g", value)
	}
	fmt.Fprintln(w)
	writeTable(w, [][]string{
		{"pixels in [0, 1]", ""},
		{"mean", fmt.Sprintf("%.4f", i.Mean)},
		{"second moment", fmt.Sprintf("%.4f", i.SecondMoment)},
		{"variance about the mean image", fmt.Sprintf("%.4f", i.Variance)},
		{"largest eigenvalues of the covariance", strings.Join(largest, " ")},
		{"rank", fmt.Sprintf("%d of %d (above %.0e of the largest eigenvalue)", i.Rank, i.Dim, i.Cut)},
	})
	if i.Whitened != nil {
		fmt.Fprintln(w)
		writeWhitened(w, i.Whitened)
	}
}

// writeWhitened prints the law of whitened pixels.
func writeWhitened(w io.Writer, i *datasets.WhitenedInfo) {
	law := i.Law
	writeTable(w, [][]string{
		{fmt.Sprintf("augmented to %d images, whitened", i.Train), ""},
		{"rank, share ζ of empty directions", fmt.Sprintf("%d, %.4f", i.Rank, i.Zeta)},
		{"second moment, of test images", fmt.Sprintf("%.4f, %.4f", law.SecondMoment, i.TestSecondMoment)},
		{"(E|x|)²/E x²; Gauss 2/π, Laplace 1/2", fmt.Sprintf("%.4f", law.AbsMean*law.AbsMean/law.SecondMoment)},
		{"E x⁴/(E x²)²; Gauss 3, Laplace 6", fmt.Sprintf("%.2f", law.Kurtosis)},
		{"Laplace scale b = E|x|; 1/√2 at unit variance", fmt.Sprintf("%.4f", law.LaplaceScale)},
		{"log-likelihood per pixel, Laplace, Gauss", fmt.Sprintf("%.4f, %.4f", law.LaplaceLikelihood, law.GaussLikelihood)},
		{"Kolmogorov distance to Laplace, Gauss", fmt.Sprintf("%.4f, %.4f", law.LaplaceDistance, law.GaussDistance)},
	})
	fmt.Fprintln(w)
	rows := [][]string{{"x/√E x²", "density", "Laplace", ""}}
	for k := 0; k < len(law.Histogram); k += histogramStep {
		b, to, density, laplace := law.Histogram[k], 0.0, 0.0, 0.0
		for _, bin := range law.Histogram[k:min(k+histogramStep, len(law.Histogram))] {
			to, density, laplace = bin.To, density+bin.Density/histogramStep, laplace+bin.Laplace/histogramStep
		}
		rows = append(rows, []string{fmt.Sprintf("%+.1f to %+.1f", b.From, to), fmt.Sprintf("%.4f", density),
			fmt.Sprintf("%.4f", laplace), strings.Repeat("▪", int(math.Round(40*min(density, 1))))})
	}
	writeTable(w, rows)
}

// histogramStep is how many bins a printed line joins.
const histogramStep = 2
