// Command autoamp trains 1-bit autoencoders and compares their errors with the theory.
package main

import (
	"context"
	"os"
	"os/signal"
)

func main() { os.Exit(run(os.Args[1:])) }

// run runs one command line and returns the exit status.
func run(args []string) int {
	keepPipes()
	a := newApp(os.Stdout, os.Stderr)
	defer a.close()
	ctx, stop := signal.NotifyContext(context.Background(), interrupts()...)
	defer stop()
	interrupted := context.AfterFunc(ctx, func() {
		ignoreHangup()
		stop() // a second signal ends the process at once
		a.stopping()
	})
	defer interrupted()
	return a.conclude(a.execute(ctx, args))
}
