package browser

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

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

// The figure of a sweep fills while its cells finish. The sweep stands still after its first cells until the page has shown them: it is
// faster than a browser.
func TestSweepFills(t *testing.T) {
	s := temporary(t)
	path, err := build()
	if err != nil {
		t.Fatal(err)
	}
	grid := filepath.Join(t.TempDir(), "grid.yaml")
	text := "base: {steps: 20000, model: {name: shallow, dim: 20}}\ngrid: {model.rate: [0.5, 0.75, 1, 1.25], data.p: [0.3]}\nseeds: 1\nplot: {x: rate, y: test_mse}\n"
	if err := os.WriteFile(grid, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	command := exec.Command(path, "sweep", grid, "--out", filepath.Join(s.dir, "grid"), "--jobs", "1")
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // its workers too
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	group := -command.Process.Pid
	t.Cleanup(func() {
		_ = syscall.Kill(group, syscall.SIGCONT) // it may have ended
		_ = syscall.Kill(group, syscall.SIGTERM)
		_ = command.Wait()
	})
	stopAfterFirst(t, group, filepath.Join(s.dir, "grid", "sweep.csv"))
	b := newTab(t, s, phone)
	b.open("")
	b.wait(`document.querySelector("table.list .tag")?.innerText === "sweep"`)
	b.click("table.list th.c-name a")
	done := `Number(document.querySelector(".status .words").innerText.split(" of ")[0])`
	b.wait(`document.querySelectorAll(".squares span").length === 4`)
	b.wait(done + ` > 0 && ` + done + ` < 4 && ` + loaded + `(document.querySelectorAll(".figures img"))`)
	eval[string](b, `window.before = document.querySelector(".figures img").src`)
	if err := syscall.Kill(group, syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	b.wait(done + ` === 4 && document.querySelector(".status .state").innerText.includes("finished")`)
	b.wait(`document.querySelector(".figures img").src !== window.before && ` + loaded + `(document.querySelectorAll(".figures img"))`)
	b.wait(`document.querySelectorAll("tbody .state.done").length === 4`)
}

// stopAfterFirst stops the processes of a sweep once its table has a cell that is done, and not yet all four.
func stopAfterFirst(t *testing.T, group int, table string) {
	t.Helper()
	ended := time.After(patience)
	for {
		text, _ := os.ReadFile(table) // it is not there at first
		switch cells := bytes.Count(text, []byte(",done,")); {
		case cells == 4:
			t.Fatal("the sweep was done before it could be stopped")
		case cells > 0:
			if err := syscall.Kill(group, syscall.SIGSTOP); err != nil {
				t.Fatal(err)
			}
			return
		}
		select {
		case <-time.After(5 * time.Millisecond):
		case <-ended:
			t.Fatalf("no cell was done in %v", patience)
		}
	}
}

// The figure of a reproduction fills while its cells come in, on a phone and on a screen, until it is finished. The cells are those of the
// committed run: to compute them takes minutes.
func TestReproductionFills(t *testing.T) {
	const name = "nguyen-floors"
	needs(t)
	folder := t.TempDir()
	dir := filepath.Join(folder, "floors")
	if err := autoamp("reproduce", name, "--only-plot", "--out", dir); err != nil { // no cell is there: NOT RUN
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(dir, name, "verdict.json")); err != nil {
		t.Fatal(err)
	}
	s := siteOn(t, folder)
	var tabs []*tab
	for _, width := range []int64{phone, screen} {
		b := newTab(t, s, width)
		b.open("reproduce/" + s.id(t, "floors"))
		b.wait(`document.querySelectorAll(".squares span").length === 14 && document.querySelectorAll(".squares .done").length === 0`)
		tabs = append(tabs, b)
	}
	for _, cells := range []int{2, 7} {
		for _, b := range tabs {
			eval[string](b, `window.before = document.querySelector(".experiment img")?.src ?? ""`)
		}
		takeCells(t, dir, name, cells)
		for _, b := range tabs {
			b.wait(fmt.Sprintf(`document.querySelector(".drawn")?.innerText === "Drawn from %d of 14 cells"`, cells))
			b.wait(`document.querySelector(".experiment img").src !== window.before && ` + loaded + `(document.querySelectorAll(".experiment img"))`)
			if wide := eval[int64](b, "document.documentElement.scrollWidth - innerWidth"); wide > 0 {
				t.Errorf("%d cells: the page is %d pixels too wide", cells, wide)
			}
		}
	}
	takeCells(t, dir, name, 14)
	if err := autoamp("reproduce", name, "--out", dir); err != nil {
		t.Fatal(err)
	}
	for _, b := range tabs {
		b.wait(`document.querySelector(".experiment .state").innerText.includes("PASS") && !document.querySelector(".drawn")`)
		b.wait(loaded + `(document.querySelectorAll(".experiment img"))`)
	}
}

// takeCells gives an experiment the first cells of the committed run, by a rename, as autoamp writes its tables.
func takeCells(t *testing.T, dir, experiment string, cells int) {
	t.Helper()
	whole, err := os.ReadFile(filepath.Join(root, "bench", "results", "reproduce", "quick", experiment, "table.csv"))
	if err != nil {
		t.Fatal(err)
	}
	lines := bytes.SplitAfter(whole, []byte("\n"))
	kept, last := bytes.Clone(lines[0]), ""
	for _, line := range lines[1:] {
		cell, _, _ := bytes.Cut(line, []byte(","))
		if string(cell) != last {
			cells--
		}
		if last = string(cell); cells >= 0 {
			kept = append(kept, line...)
		}
	}
	path := filepath.Join(dir, experiment, "table.csv")
	if err := errors.Join(os.WriteFile(path+".new", kept, 0o600), os.Rename(path+".new", path)); err != nil {
		t.Fatal(err)
	}
}
