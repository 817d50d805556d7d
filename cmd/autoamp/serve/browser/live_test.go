package browser

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/chromedp/chromedp"
)

// A run advances on the page while it trains; then it is interrupted, and the page has the command that continues it.
func TestRunAdvances(t *testing.T) {
	s := temporary(t)
	path, err := build()
	if err != nil {
		t.Fatal(err)
	}
	command := exec.Command(path, "train", "--model", "denoiser", "--p", "0.4", "--dim", "30", "--steps", "1000000", "--threads", "1",
		"--set", "evaluation.every=20", "--set", "checkpoint.every=2000", "--set", "checkpoint.keep=1000", "--out", filepath.Join(s.dir, "long run"))
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = command.Process.Kill() // it may have ended
		_ = command.Wait()
	})

	b := newTab(t, s, phone)
	b.open("")
	b.wait(`document.querySelector("table.list .state")?.innerText.includes("running")`)
	b.click("table.list th.c-name a")
	b.wait(painted + `(document.querySelector(".errors canvas")) && document.querySelector(".status .state").innerText.includes("running")`)
	steps := `Number(document.querySelector(".status .words").innerText.split(" of ")[0].replaceAll("\u202f", ""))`
	for range 3 {
		eval[int](b, `window.seen = `+steps)
		eval[string](b, `window.before = document.querySelector(".errors canvas").toDataURL()`)
		b.wait(steps + ` > window.seen && document.querySelector(".errors canvas").toDataURL() !== window.before`)
	}
	b.wait(loaded + `(document.querySelectorAll(".pictures img"))`)

	if err := command.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	b.wait(`document.querySelector(".status .state").innerText.includes("interrupted")`)
	b.wait(`document.querySelector(".command code")?.innerText.includes("--resume")`)
	if resume := b.text(".command code"); !strings.Contains(resume, "long run") {
		t.Errorf("the command to resume is %q", resume)
	}
	b.must(chromedp.Do(b.ctx, chromedp.ScrollIntoView(chromedp.CSS(".command button"))))
	b.click(".command button")
	b.wait(`["Copied", "Selected"].includes(document.querySelector(".command button").innerText)`)
}

// The figure of a sweep fills while its cells finish.
func TestSweepFills(t *testing.T) {
	s := temporary(t)
	path, err := build()
	if err != nil {
		t.Fatal(err)
	}
	grid := filepath.Join(t.TempDir(), "grid.yaml")
	text := "base: {steps: 1500, model: {name: shallow, dim: 20}}\ngrid: {model.rate: [0.5, 0.75, 1, 1.25], data.p: [0.3]}\nseeds: 1\nplot: {x: rate, y: test_mse}\n"
	if err := os.WriteFile(grid, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	command := exec.Command(path, "sweep", grid, "--out", filepath.Join(s.dir, "grid"), "--jobs", "1")
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = command.Process.Signal(syscall.SIGTERM) // it may have ended
		_ = command.Wait()
	})
	b := newTab(t, s, phone)
	b.open("")
	b.wait(`document.querySelector("table.list .tag")?.innerText === "sweep"`)
	b.click("table.list th.c-name a")
	done := `Number(document.querySelector(".status .words").innerText.split(" of ")[0])`
	b.wait(`document.querySelectorAll(".squares span").length === 4`)
	b.wait(done + ` > 0 && ` + done + ` < 4 && ` + loaded + `(document.querySelectorAll(".figures img"))`)
	eval[string](b, `window.before = document.querySelector(".figures img").src`)
	b.wait(done + ` === 4 && document.querySelector(".status .state").innerText.includes("finished")`)
	b.wait(`document.querySelector(".figures img").src !== window.before && ` + loaded + `(document.querySelectorAll(".figures img"))`)
	b.wait(`document.querySelectorAll("tbody .state.done").length === 4`)
}
