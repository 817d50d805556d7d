package browser

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// painted tells whether there is a canvas with a picture on it: one without is compressed to far less.
const painted = `((canvas) => canvas && canvas.toDataURL().length > 8000)`

// loaded tells whether there are images, all of them there.
const loaded = `((images) => images.length > 0 && [...images].every((i) => i.complete && i.naturalWidth > 0))`

// view is a view with what tells that it is drawn.
type view struct{ name, route, ready string }

func viewsOf(t *testing.T, s *site) []view {
	first, rademacher := s.id(t, "first"), s.id(t, filepath.Join("scan", "rademacher"))
	return []view{
		{"list", "", `document.querySelectorAll("table.list tbody tr").length === 6 && document.querySelectorAll(".spark polyline").length === 4`},
		{"run", "run/" + first, painted + `(document.querySelector(".errors canvas")) && ` + loaded + `(document.querySelectorAll(".pictures img")) && document.querySelectorAll(".multiples canvas").length === 6 && document.querySelectorAll(".legend li").length >= 5`},
		{"compare", compareRoute(first, rademacher), painted + `(document.querySelector("canvas")) && document.querySelectorAll(".legend li").length === 3 && document.body.innerText.includes("model.name")`},
		{"sweep", "sweep/" + s.id(t, "grid"), loaded + `(document.querySelectorAll(".figures img")) && document.querySelectorAll("tbody tr").length === 8`},
		{"reproduce", "reproduce/" + s.id(t, "fig14"), loaded + `(document.querySelectorAll(".figures img")) && document.querySelectorAll("tbody tr").length === 11`},
	}
}

// Every view is drawn on a phone and on a screen, in light and in dark, no wider than the page, and axe finds nothing serious.
func TestViews(t *testing.T) {
	s := filled(t)
	axe := axeScript(t)
	for _, v := range viewsOf(t, s) {
		for _, width := range []int64{phone, screen} {
			t.Run(fmt.Sprintf("%s/%d", v.name, width), func(t *testing.T) {
				b := newTab(t, s, width)
				b.scheme("light")
				b.open(v.route)
				for _, scheme := range []string{"light", "dark"} {
					b.scheme(scheme)
					b.wait(v.ready)
					if wide := eval[int64](b, "document.documentElement.scrollWidth"); wide > width {
						t.Errorf("%s: the page is %d pixels wide", scheme, wide)
					}
					b.audit(scheme, axe)
				}
			})
		}
	}
}

// axeScript is axe-core's program.
func axeScript(t *testing.T) string {
	t.Helper()
	script, err := os.ReadFile(filepath.Join(root, "bin", "axe", "node_modules", "axe-core", "axe.min.js"))
	if err != nil {
		t.Skip("axe-core is not in bin/axe: make browser installs it")
	}
	return string(script)
}

// audit lets axe-core judge the page as it is.
func (b *tab) audit(scheme, axe string) {
	b.t.Helper()
	eval[bool](b, "Boolean(window.axe) || (() => {"+axe+"; return true})()")
	await := func(p *runtime.EvaluateParams) { p.AwaitPromise = new(true) }
	text, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](`axe.run({ resultTypes: ["violations"] }).then((r) => JSON.stringify(r.violations))`, await))
	b.must(err)
	var violations []struct {
		ID, Impact, Help string
		Nodes            []struct {
			HTML           string
			FailureSummary string
		}
	}
	b.must(json.Unmarshal([]byte(text), &violations))
	for _, v := range violations {
		var where []string
		for _, n := range v.Nodes[:min(3, len(v.Nodes))] {
			where = append(where, n.HTML+"\n"+n.FailureSummary)
		}
		report := fmt.Sprintf("%s: axe: %s (%s): %s, %d places\n%s", scheme, v.ID, v.Impact, v.Help, len(v.Nodes), strings.Join(where, "\n"))
		if v.Impact == "serious" || v.Impact == "critical" {
			b.t.Error(report)
		} else {
			b.t.Log(report)
		}
	}
}
