package main

import (
	"fmt"
	"io"

	"autoamp/train"
)

func printConfig(w io.Writer, c train.Config) error {
	text, err := c.YAML()
	if err != nil {
		return err
	}
	_, err = w.Write(text)
	return err
}

func printPrograms(w io.Writer, c train.Config) error {
	programs, err := train.Compile(c)
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "a training step\n%v\n", programs.Train)
	for _, s := range programs.Cooler {
		fmt.Fprintf(w, "a training step from step %d on, at another temperature\n%v\n", s.From, s.Step)
	}
	_, err = fmt.Fprintf(w, "a batch of evaluation\n%v", programs.Evaluate)
	return err
}

func printGraph(w io.Writer, c train.Config) error {
	programs, err := train.Compile(c)
	if err != nil {
		return err
	}
	dot, err := programs.Model.DOT()
	if err != nil {
		return err
	}
	_, err = fmt.Fprint(w, dot)
	return err
}

// plural is a number of things, such as 1 task and 2 tasks.
func plural(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}
