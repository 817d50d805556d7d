// Command autoamp trains 1-bit autoencoders and says what the theory lets them reach.
package main

import (
	"context"
	"log/slog"
	"os"
	"os/signal"
)

func main() { os.Exit(run(os.Args[1:])) }

// run runs one command line and returns the exit status.
func run(args []string) int {
	ctx, stop := signal.NotifyContext(context.Background(), interrupts...)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	a := &app{
		stdout: os.Stdout,
		stderr: os.Stderr,
		log:    slog.New(unfailing{slog.NewTextHandler(os.Stderr, nil)}),
	}
	return a.report(a.execute(ctx, args))
}
