package main

import (
	"autoamp/datasets"
)

// datasetsCmd is autoamp datasets.
type datasetsCmd struct {
	Fetch datasetsFetchCmd `cmd:"" help:"Bring MNIST or CIFAR-10 to this computer."`
	Info  datasetsInfoCmd  `cmd:"" help:"Describe an image set: classes, moments, spectrum, and its whitened pixels."`
}

// imageFlags name an image set and where it is.
type imageFlags struct {
	Name string `arg:"" enum:"mnist,cifar10" help:"mnist or cifar10."`
	Dir  string `complete:"dir" help:"Directory of the image sets. Default: $AUTOAMP_DATA, or autoamp in the user's cache directory." placeholder:"DIR"`
}

// directory returns the directory of the image sets.
func (f *imageFlags) directory() (string, error) {
	if f.Dir != "" {
		return f.Dir, nil
	}
	return datasets.Directory()
}
