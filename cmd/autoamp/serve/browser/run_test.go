package browser

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// The slider shows the weights at every checkpoint, by keyboard.
func TestSlider(t *testing.T) {
	s := filled(t)
	b := newTab(t, s, screen)
	b.open("run/" + s.id(t, "first"))
	b.wait(loaded + `(document.querySelectorAll(".pictures img"))`)
	image := `document.querySelector(".pictures img").getAttribute("src")`
	newest := eval[string](b, image)
	if out := b.text("output"); !strings.HasPrefix(out, "step 400, ") {
		t.Errorf("the slider starts at %q, want the newest checkpoint", out)
	}
	b.must(chromedp.Do(b.ctx, chromedp.Focus(chromedp.CSS("#checkpoint"))))
	b.press(kb.Home)
	b.wait(`!document.querySelector("output").innerText.startsWith("step 400,")`)
	b.wait(image + ` !== "` + newest + `" && ` + loaded + `(document.querySelectorAll(".pictures img"))`)
	b.press(kb.ArrowRight)
	b.wait(`document.querySelector("output").innerText.includes(", 2 of ")`)
}

// Axes, lines of the theory, part of the steps, and the cursor by keyboard.
func TestChart(t *testing.T) {
	s := filled(t)
	b := newTab(t, s, screen)
	b.open("run/" + s.id(t, filepath.Join("scan", "rademacher")))
	b.wait(`document.querySelector(".errors .legend")?.innerText.includes("Shannon")`) // an event tells the page that it was computed
	legend := b.text(".errors .legend")
	for _, line := range []string{"test", "train", "Shannon", "Bayes", "theory at this d"} {
		if !strings.Contains(legend, line) {
			t.Errorf("the legend has no %q: %q", line, legend)
		}
	}
	picture := `document.querySelector(".errors canvas").toDataURL()`
	for _, change := range []string{
		`[...document.querySelectorAll(".errors .check")].find((l) => l.innerText === "log error").click()`,
		`[...document.querySelectorAll(".errors .legend label")].find((l) => l.innerText.startsWith("Shannon")).click()`,
		`((s) => { s.value = "half"; s.dispatchEvent(new Event("change")) })([...document.querySelectorAll(".errors .field")].find((l) => l.innerText.startsWith("Steps")).querySelector("select"))`,
		`((s) => { s.value = "all"; s.dispatchEvent(new Event("change")) })([...document.querySelectorAll(".errors .field")].find((l) => l.innerText.startsWith("p")).querySelector("select"))`,
	} {
		eval[string](b, `window.before = `+picture)
		eval[string](b, `(`+change+`) ?? ""`)
		b.wait(picture + ` !== window.before`)
	}
	steps := `[...document.querySelectorAll(".errors .field")].find((l) => l.innerText.startsWith("Steps")).querySelector("select").value`
	box := eval[[]float64](b, `((r) => [r.left, r.top, r.width, r.height])(document.querySelector(".errors .u-over").getBoundingClientRect())`)
	x, y := func(share float64) float64 { return box[0] + share*box[2] }, box[1]+box[3]/2
	b.must(chromedp.Do(b.ctx, chromedp.DragAndDropXY(x(0.4), y, x(0.8), y)))
	b.wait(steps + ` === "chosen"`)
	b.must(chromedp.Do(b.ctx, chromedp.MouseClickXY(x(0.5), y, chromedp.ClickCount(2))))
	b.wait(steps + ` === "all"`)
	b.must(chromedp.Do(b.ctx, chromedp.Focus(chromedp.CSS(".errors .plot"))))
	b.press(kb.End)
	b.wait(`document.querySelector(".errors .readout").innerText.startsWith("step 200:")`)
}

// longRows is what the issue of the page asks for.
const longRows = 100_000

// A metrics.csv of 100,000 rows is drawn; how long it took is logged.
func TestLongMetrics(t *testing.T) {
	s := temporary(t)
	if err := train(filepath.Join(s.dir, "long"), "--model", "shallow", "--dim", "10", "--steps", "50"); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(s.dir, "long", "metrics.csv")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	header, rest, _ := strings.Cut(string(text), "\n")
	columns := strings.Split(header, ",")
	values := strings.Split(strings.SplitN(rest, "\n", 2)[0], ",")
	var long strings.Builder
	long.WriteString(header + "\n")
	for step := 1; step <= longRows; step++ {
		for i, name := range columns {
			switch name {
			case "step":
				values[i] = fmt.Sprint(step)
			case "train_mse", "test_mse":
				values[i] = fmt.Sprint(0.25 + 1/float64(step))
			}
		}
		long.WriteString(strings.Join(values, ",") + "\n")
	}
	if err := os.WriteFile(path, []byte(long.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	b := newTab(t, s, screen)
	b.open("?filter=long")
	b.wait(`document.querySelectorAll("table.list tbody tr").length === 1`)
	id := s.id(t, "long")
	eval[string](b, `((at) => {
		window.drawn = 0;
		const look = () => document.querySelector(".errors canvas") ? window.drawn = performance.now() - at : requestAnimationFrame(look);
		location.hash = "#/run/`+id+`";
		look();
		return "";
	})(performance.now())`)
	b.wait("window.drawn > 0")
	t.Logf("%d rows drawn %.0f ms after the click, of which the server took %.0f ms", longRows, eval[float64](b, "window.drawn"),
		eval[float64](b, `performance.getEntriesByType("resource").find((e) => e.name.includes("/metrics")).duration`))
	b.wait(`document.querySelector(".errors .legend .number").innerText === "0.2500"`)
	var metrics struct {
		Rows int
		Step []int
	}
	s.get(t, "api/run/"+id+"/metrics", &metrics)
	if metrics.Rows != longRows || len(metrics.Step) > 700 || metrics.Step[len(metrics.Step)-1] != longRows {
		t.Errorf("%d rows in %d points", metrics.Rows, len(metrics.Step))
	}
}

// A run that is removed while it is shown stays on the page, which says so.
func TestRemoved(t *testing.T) {
	s := temporary(t)
	dir := filepath.Join(s.dir, "short")
	if err := train(dir, "--model", "shallow", "--dim", "10", "--steps", "50"); err != nil {
		t.Fatal(err)
	}
	b := newTab(t, s, phone)
	b.open("")
	b.wait(`document.querySelectorAll("table.list tbody tr").length === 1`)
	b.open("run/" + s.id(t, "short"))
	b.wait(painted + `(document.querySelector(".errors canvas"))`)
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	b.wait(`document.querySelector(".alert:not([hidden])")?.innerText.includes("removed")`)
	b.wait(painted + `(document.querySelector(".errors canvas"))`)
	b.forgive() // the browser logs that what was removed is not found
}

// The page says when the server has gone.
func TestServerGone(t *testing.T) {
	s := temporary(t)
	b := newTab(t, s, phone)
	b.open("")
	b.wait(`document.querySelector("#live").innerText === "live"`)
	b.wait(`document.querySelector("main .note").innerText.length > 0`)
	s.stop()
	b.wait(`document.querySelector("#live").innerText.includes("connection lost")`)
	b.forgive() // the browser logs every try
}
