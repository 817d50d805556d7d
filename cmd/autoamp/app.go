package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"regexp"
	"strings"

	"github.com/alecthomas/kong"

	"autoamp/amp"
	"autoamp/cmd/autoamp/completion"
	"autoamp/cmd/autoamp/terminal"
	"autoamp/datasets"
	"autoamp/train"
)

// cli is the command line.
type cli struct {
	Quiet quiet `short:"q" help:"Print errors and the result only: no progress, no warnings."`

	Train     trainCmd     `cmd:"" help:"Train an autoencoder and compare it with the theory."`
	Sweep     sweepCmd     `cmd:"" help:"Train every point of a grid, and gather the results."`
	Runs      runsCmd      `cmd:"" help:"List the runs below folders, with their results and states."`
	Compare   compareCmd   `cmd:"" help:"Compare the settings and results of two runs."`
	Serve     serveCmd     `cmd:"" help:"Show runs, sweeps and reproductions in a browser, while they are written."`
	Plot      plotCmd      `cmd:"" help:"Draw the figures of a run again."`
	Encode    encodeCmd    `cmd:"" help:"Compress the rows of a NumPy array to one bit a code, with a trained model or a rotation."`
	Decode    decodeCmd    `cmd:"" help:"Decompress what encode wrote."`
	Codec     codecCmd     `cmd:"" help:"Measure codes by a rotation as they are used."`
	Export    exportCmd    `cmd:"" help:"Write a trained model as an ONNX file."`
	Theory    theoryCmd    `cmd:"" help:"Print what the theory says for a distribution and a rate."`
	Bench     benchCmd     `cmd:"" help:"Measure speed."`
	Reproduce reproduceCmd `cmd:"" help:"Repeat a figure or table of the papers, or all, and judge them."`
	Datasets  datasetsCmd  `cmd:"" help:"Fetch and describe image sets."`
	Demo      demoCmd      `cmd:"" help:"Train three autoencoders in two minutes and print them beside the theory."`
	Version   versionCmd   `cmd:"" help:"Print version, matrix product, SIMD level and device."`
	Cite      citeCmd      `cmd:"" help:"Print the BibTeX entries of the papers behind the numbers."`

	Completion completionCmd `cmd:"" help:"Print the script that completes command lines in a shell."`
}

const description = `Train 1-bit autoencoders and see what the theory lets them reach.

Results go to standard output, progress and logs to standard error. The exit status is 0 for
done, 1 for failed, 2 for bad usage, 130 for interrupted after saving a checkpoint, 141 for done
when nobody read the results to their end.`

// The exit statuses.
const (
	statusFailed      = 1
	statusUsage       = 2
	statusInterrupted = 130
	statusReaderLeft  = 141 // 128 + SIGPIPE, as a shell has it of other programs
)

// app is the surroundings of a command: standard output, standard error and the log.
type app struct {
	stdout *output
	stderr io.Writer
	log    *slog.Logger
	screen *terminal.Screen // shows progress; nil where standard error is no terminal, and with --quiet
	quiet  bool
}

// newApp returns the surroundings of this process.
func newApp(stdout, stderr *os.File) *app {
	screen, ok := terminal.Open(stderr, os.Getenv)
	if !ok {
		w := &terminal.Escaped{W: stderr}
		return &app{stdout: newOutput(stdout, nil), stderr: w, log: slog.New(unfailing{slog.NewTextHandler(w, nil)})}
	}
	w := &terminal.Escaped{W: screen}
	return &app{stdout: newOutput(stdout, screen), stderr: w, log: slog.New(unfailing{terminal.NewHandler(w)}), screen: screen}
}

// quiet is --quiet.
type quiet bool

// AfterApply is called by kong, before the command runs.
func (q quiet) AfterApply(a *app) error {
	if a.quiet = bool(q); a.quiet {
		a.clear()
		a.screen, a.log = nil, slog.New(slog.DiscardHandler)
	}
	return nil
}

// notes is where a command says how far it is and what it does next: standard error, but with --quiet nowhere.
func (a *app) notes() io.Writer {
	if a.quiet {
		return io.Discard
	}
	return a.stderr
}

// unfailing is a log without errors. Errors are returned to report, and report prints each of them once.
type unfailing struct{ slog.Handler }

// Enabled leaves out errors.
func (h unfailing) Enabled(ctx context.Context, l slog.Level) bool {
	return l < slog.LevelError && h.Handler.Enabled(ctx, l)
}

// parser returns the parser of command lines.
func (a *app) parser() (*kong.Kong, error) {
	return kong.New(&cli{Train: trainCmd{configFlags: newConfigFlags()}}, append(mappers(),
		kong.Name("autoamp"),
		kong.Bind(a),
		kong.Vars{"laws": strings.Join(datasets.Names(), ", ")},
		kong.Description(description),
		kong.Writers(a.helpWriter(), a.stderr),
		kong.Exit(func(int) { os.Exit(a.conclude(nil)) }), // after --help
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 100}),
		kong.ExplicitGroups([]kong.Group{
			{Key: "model", Title: "Model:"},
			{Key: "data", Title: "Data:"},
			{Key: "training", Title: "Training:"},
			{Key: "gdmin", Title: "Alternating minimisation (--algorithm gd-min):"},
			{Key: "run", Title: "Run:"},
			{Key: "device", Title: "Device:"},
			{Key: "print", Title: "Print and stop:"},
		}),
	)...)
}

// helpWriter is standard output. For a terminal it is a file, because kong asks a file for the terminal's width.
func (a *app) helpWriter() io.Writer {
	if a.stdout.file != nil {
		return a.stdout.file
	}
	return a.stdout
}

// execute parses a command line and runs it.
func (a *app) execute(ctx context.Context, args []string) error {
	if len(args) > 0 && args[0] == completion.Verb {
		return a.complete(args[1:])
	}
	parser, err := a.parser()
	if err != nil {
		return err
	}
	command, err := parser.Parse(joinNegative(args))
	if a.stdout.err != nil { // of --help
		return a.stdout.err
	}
	if err != nil {
		return &usageError{err: err, hint: helpFor(err)}
	}
	if err := checkGiven(command); err != nil {
		return err
	}
	command.BindTo(ctx, (*context.Context)(nil))
	return command.Run(a)
}

var negative = regexp.MustCompile(`^-[0-9.]`)

// joinNegative writes "--lr -1" as "--lr=-1". So kong does not take the number for a flag, and the
// error is about the number.
func joinNegative(args []string) []string {
	var joined []string
	for _, arg := range args {
		last := len(joined) - 1
		if last >= 0 && negative.MatchString(arg) && strings.HasPrefix(joined[last], "--") && !strings.Contains(joined[last], "=") {
			joined[last] += "=" + arg
			continue
		}
		joined = append(joined, arg)
	}
	return joined
}

// helpFor names the help page of the command that was mistyped.
func helpFor(err error) string {
	var parse *kong.ParseError
	if errors.As(err, &parse) && parse.Context.Command() != "" {
		command, _, _ := strings.Cut(parse.Context.Command(), " <") // the names of arguments follow
		return "autoamp " + command + " --help lists the flags"
	}
	return "autoamp --help lists the commands"
}

// usageError is an error in the user's command. Nothing was written.
type usageError struct {
	err  error
	hint string // the remedy, or empty
}

func (e *usageError) Error() string { return e.err.Error() }
func (e *usageError) Unwrap() error { return e.err }

// usagef returns a usageError without a hint.
func usagef(format string, args ...any) error {
	return &usageError{err: fmt.Errorf(format, args...)}
}

// interruptedError is a run that was stopped and can go on.
type interruptedError struct {
	err    error
	resume string // the command that continues it
}

func (e *interruptedError) Error() string { return e.err.Error() }
func (e *interruptedError) Unwrap() error { return e.err }

// conclude ends a command. A command without an error has still failed if its output could not be written.
func (a *app) conclude(err error) int {
	if err == nil {
		err = a.stdout.err
	}
	return a.report(err)
}

// report prints an error with its remedy, and returns the exit status.
func (a *app) report(err error) int {
	if err == nil {
		return 0
	}
	if readerLeft(err) {
		return statusReaderLeft // who closed the pipe needs no message
	}
	fmt.Fprintf(a.stderr, "autoamp: %v\n", err)
	var usage *usageError
	if errors.As(err, &usage) && usage.hint != "" {
		fmt.Fprintf(a.stderr, "  %s\n", usage.hint)
	}
	var interrupted *interruptedError
	if errors.As(err, &interrupted) {
		fmt.Fprintf(a.stderr, "continue with:\n  %s\n", interrupted.resume)
	}
	return status(err)
}

// status returns the exit status for an error. Errors with the same remedy have the same status.
func status(err error) int {
	var (
		usage   *usageError
		config  *train.ConfigError
		refused *train.RefusedError
		domain  *amp.DomainError
	)
	switch {
	case errors.Is(err, context.Canceled):
		return statusInterrupted
	case errors.Is(err, datasets.ErrDamaged):
		return statusFailed
	case errors.As(err, &usage), errors.As(err, &config), errors.As(err, &refused),
		errors.As(err, &domain), errors.Is(err, amp.ErrUnknownPrior):
		return statusUsage
	}
	return statusFailed
}
