package browser

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"github.com/chromedp/chromedp"
)

// root is autoamp's repository.
var root = filepath.Join("..", "..", "..", "..")

// scratch is a folder that is removed at the end.
var scratch string

func TestMain(m *testing.M) {
	var err error
	if scratch, err = os.MkdirTemp("", "autoamp-browser-"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	stopSite()
	stopBrowser()
	if err := os.RemoveAll(scratch); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = max(code, 1)
	}
	os.Exit(code)
}

// build builds autoamp.
var build = sync.OnceValues(func() (string, error) {
	path := filepath.Join(scratch, "autoamp")
	command := exec.Command("go", "build", "-o", path, "./cmd/autoamp")
	command.Dir = root
	if out, err := command.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build: %w\n%s", err, out)
	}
	return path, nil
})

// autoamp runs a command to its end.
func autoamp(arguments ...string) error {
	path, err := build()
	if err != nil {
		return err
	}
	if out, err := exec.Command(path, arguments...).CombinedOutput(); err != nil {
		return fmt.Errorf("autoamp %q: %w\n%s", arguments, err, out)
	}
	return nil
}

// names of the browser, in the order in which they are looked for.
var names = []string{"chromium", "chromium-browser", "google-chrome"}

func chromium() string {
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}

var stopBrowser = func() {}

// started is the browser that all tests use, each in a tab of its own.
var started = sync.OnceValues(func() (context.Context, error) {
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(chromium()))
	if os.Getuid() == 0 {
		options = append(options, chromedp.NoSandbox) // which root cannot have
	}
	ctx, stop := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, closeBrowser := chromedp.NewContext(ctx)
	stopBrowser = func() {
		closeBrowser()
		stop()
	}
	return ctx, chromedp.Do(ctx)
})
