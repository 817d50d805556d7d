package main

import (
	_ "embed"
	"io"
)

//go:embed cite.bib
var bibliography string

// citeCmd is autoamp cite.
type citeCmd struct{}

// Run prints BibTeX.
func (citeCmd) Run(a *app) error {
	_, err := io.WriteString(a.stdout, bibliography)
	return err
}
