// Command autoamp trains 1-bit autoencoders and compares their errors with the theory.
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
	keepPipes()
	ctx, stop := signal.NotifyContext(context.Background(), interrupts()...)
	defer stop()
	context.AfterFunc(ctx, func() {
		ignoreHangup()
		stop() // a second signal ends the process at once
	})
	stderr := &escaped{w: os.Stderr}
	a := &app{
		stdout: newOutput(os.Stdout),
		stderr: stderr,
		log:    slog.New(unfailing{slog.NewTextHandler(stderr, nil)}),
	}
	return a.conclude(a.execute(ctx, args))
}
