package browser

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// typed puts a text into the filter, key by key.
func (b *tab) typed(text string) {
	b.t.Helper()
	b.must(chromedp.Do(b.ctx, chromedp.Focus(chromedp.CSS("input[type=search]"))))
	eval[string](b, `document.activeElement.select() ?? ""`)
	if text == "" {
		text = kb.Delete
	}
	b.press(text)
}

// lists waits until the list has these names, and no others: a filter takes effect after the key.
func (b *tab) lists(want ...string) {
	b.t.Helper()
	b.wait(fmt.Sprintf("JSON.stringify(%s) === JSON.stringify(%s)", listed, inScript(b.t, want)))
}

// begins waits until the list begins with these names.
func (b *tab) begins(want ...string) {
	b.t.Helper()
	b.wait(fmt.Sprintf("JSON.stringify(%s.slice(0, %d)) === JSON.stringify(%s)", listed, len(want), inScript(b.t, want)))
}

// inScript is a value in JavaScript.
func inScript(t *testing.T, value any) string {
	t.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestFilterSortAndGroup(t *testing.T) {
	s := filled(t)
	b := newTab(t, s, screen)
	b.open("")
	rademacher := filepath.Join("scan", "rademacher")
	all := []string{markupRun, "fig14", "first", "grid", rademacher, rademacher}
	b.wait(`document.querySelectorAll("table.list tbody tr").length === 6`)
	b.lists(all...)

	b.typed("shallow p<0.5")
	b.lists(rademacher)
	b.typed("kind=run test<0.8 rademacher") // 0.49 and about 0.5, by the processor
	b.lists(rademacher, rademacher)
	b.typed("nothing=1")
	b.wait(`document.querySelector("main .note").innerText.includes("no field nothing")`)
	b.typed("zebra")
	b.wait(`document.querySelector("main .note").innerText.includes("Nothing passes")`)
	b.typed("")
	b.lists(all...)

	press := func(column string) {
		b.must(chromedp.Do(b.ctx, chromedp.Focus(chromedp.CSS(`thead button[data-key="`+column+`"]`))))
		b.press(kb.Enter)
	}
	press("p") // ascending, those without a p last
	b.begins(rademacher, "first", rademacher)
	press("p")
	b.begins(markupRun, rademacher, "first")
	b.wait(`location.hash.includes("down=1")`)
	if sorted := eval[string](b, `document.querySelector("th[aria-sort]").innerText + document.querySelector("th[aria-sort]").getAttribute("aria-sort")`); !strings.HasSuffix(sorted, "descending") {
		t.Errorf("the sorted column is %q", sorted)
	}

	b.must(chromedp.Do(b.ctx, chromedp.SetValue(chromedp.JSPath(`[...document.querySelectorAll("label.field")].find((l) => l.innerText.startsWith("Group")).querySelector("select")`), "model")))
	eval[bool](b, `[...document.querySelectorAll("label.field")].find((l) => l.innerText.startsWith("Group")).querySelector("select").dispatchEvent(new Event("change"))`)
	b.wait(`document.querySelector("tr.group button") !== null`)
	groups := eval[[]string](b, `[...document.querySelectorAll("tr.group button")].map((g) => g.innerText)`)
	if len(groups) != 3 || !strings.Contains(groups[0], "denoiser 1") || !strings.Contains(groups[2], "shallow 4") {
		t.Errorf("the groups are %q", groups)
	}
	b.click("tr.group button")
	if got := b.names(); len(got) != 5 {
		t.Errorf("with the first group closed the list is %q", got)
	}
}

// Of a long list the page draws the beginning, and more when somebody comes to its end; the filter sees all of it.
func TestLongList(t *testing.T) {
	needs(t)
	dir, one := t.TempDir(), filepath.Join(t.TempDir(), "one")
	if err := train(one, "--model", "shallow", "--dim", "10", "--steps", "50"); err != nil {
		t.Fatal(err)
	}
	const count = 250
	for i := range count {
		run := filepath.Join(dir, fmt.Sprintf("run %03d", i))
		errs := []error{os.Mkdir(run, 0o700)}
		for _, name := range []string{"config.yaml", "metrics.csv", "summary.json", "log.txt"} {
			errs = append(errs, os.Link(filepath.Join(one, name), filepath.Join(run, name)))
		}
		if err := errors.Join(errs...); err != nil {
			t.Fatal(err)
		}
	}
	b := newTab(t, siteOn(t, dir), screen)
	b.open("")
	b.wait(`document.querySelector(".tools .count").innerText === "250 of 250 rows"`)
	if n := eval[int](b, `document.querySelectorAll("table.list tbody tr").length`); n >= count {
		t.Errorf("%d rows were drawn at once", n)
	}
	b.typed("run 249")
	b.lists("run 249")
	b.typed("")
	b.wait(`document.querySelectorAll("table.list tbody tr").length > 100`)
	eval[string](b, `(scrollTo(0, 1e9), "")`)
	b.wait(`document.querySelectorAll("table.list tbody tr").length === 250`)
}

// From the top of the page the tabulator reaches the first run, and Enter opens it.
func TestKeyboard(t *testing.T) {
	s := filled(t)
	b := newTab(t, s, phone)
	b.open("?filter=first")
	b.wait(`document.querySelectorAll("table.list tbody tr").length === 1`)
	focused := `(document.activeElement.innerText || document.activeElement.getAttribute("aria-label") || "")`
	var way []string
	for range 30 {
		b.press(kb.Tab)
		at := eval[string](b, focused)
		way = append(way, at)
		if at == "first" {
			b.press(kb.Enter)
			b.wait(`document.querySelector("h1").innerText === "first"`)
			b.wait(`document.activeElement.id === "main"`)
			return
		}
	}
	t.Errorf("the tabulator went %q", way)
}

// What is chosen in the list is compared.
func TestCompare(t *testing.T) {
	s := filled(t)
	b := newTab(t, s, screen)
	b.open("")
	rademacher := filepath.Join("scan", "rademacher")
	b.wait(`document.querySelectorAll("table.list tbody tr").length === 6`)
	for _, id := range []string{s.id(t, "first"), s.id(t, rademacher)} {
		b.click(`input[data-id="` + id + `"]`)
	}
	b.click("a.button")
	b.wait(`document.querySelectorAll(".legend li").length === 3`)
	b.wait(`document.body.innerText.includes("sparse-rademacher") && document.body.innerText.includes("data.name")`)
	lines := eval[[]string](b, `[...document.querySelectorAll(".legend .name")].map((n) => n.innerText.replaceAll("\u00a0", " "))`)
	if !slices.Equal(lines, []string{"first", rademacher + ", p = 0.3", rademacher + ", p = 0.9"}) {
		t.Errorf("the curves are %q", lines)
	}
	if dashes := eval[int](b, `new Set([...document.querySelectorAll(".legend line")].map((l) => l.getAttribute("stroke") + l.getAttribute("stroke-dasharray"))).size`); dashes != 3 {
		t.Errorf("%d pens for 3 curves", dashes)
	}
}

// Names that would be markup are text.
func TestMarkup(t *testing.T) {
	s := filled(t)
	b := newTab(t, s, phone)
	b.open("")
	b.wait(`document.querySelectorAll("table.list tbody tr").length === 6`)
	if got := b.names(); !slices.Contains(got, markupRun) {
		t.Errorf("the list is %q", got)
	}
	b.wait(`document.querySelector("main").innerText.includes("npy:script>.npy")`) // the list has the name of the file without its folder
	b.open("run/" + s.id(t, markupRun))
	b.wait(`document.querySelector("h1").innerText === ` + "`" + markupRun + "`")
	b.wait(`document.querySelector(".settings").parentElement.innerText.includes("<script>alert(1)</script>.npy")`)
	if n := eval[int](b, `document.querySelectorAll("script").length + document.querySelectorAll("img[src=x]").length`); n != 2 {
		t.Errorf("%d scripts and strange images, want the page's 2 scripts", n)
	}
}
