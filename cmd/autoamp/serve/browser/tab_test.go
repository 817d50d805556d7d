package browser

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// tab is a tab of the browser. What it says on its console, and what it asks of other machines, fails the test at its end.
type tab struct {
	t    *testing.T
	ctx  context.Context
	site *site

	mu       sync.Mutex
	problems []string
}

// Widths of the page in pixels: a phone, and a screen.
const (
	phone  = 400
	screen = 1400
)

// patience is how long a tab waits for what it was told will come. Only a failure takes so long.
const patience = 2 * time.Minute

func newTab(t *testing.T, s *site, width int64) *tab {
	t.Helper()
	parent, err := started()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := chromedp.NewContext(parent)
	b := &tab{t: t, ctx: ctx, site: s}
	t.Cleanup(func() {
		cancel()
		b.mu.Lock()
		defer b.mu.Unlock()
		for _, problem := range b.problems {
			t.Error(problem)
		}
	})
	b.must(chromedp.Do(ctx))
	b.must(chromedp.Listen(ctx, b.hear))
	_, err = chromedp.Call(ctx, log.Enable, cdp.Empty{})
	b.must(err)
	_, err = chromedp.Call(ctx, network.Enable, network.EnableParams{})
	b.must(err)
	b.must(chromedp.Do(ctx, chromedp.EmulateViewport(width, 900)))
	return b
}

func (b *tab) must(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}

// hear keeps what must not happen.
func (b *tab) hear(event any) {
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		b.blame("exception: %s %v", e.ExceptionDetails.Text, e.ExceptionDetails.Exception)
	case *runtime.EventConsoleAPICalled:
		b.blame("console.%s: %v", e.Type, e.Args)
	case *log.EventEntryAdded:
		if e.Entry.Level == log.EntryLevelError || e.Entry.Level == log.EntryLevelWarning {
			b.blame("log: %s %s %s", e.Entry.Level, e.Entry.Text, e.Entry.URL)
		}
	case *network.EventRequestWillBeSent:
		if !b.own(e.Request.URL) {
			b.blame("a request to %s", e.Request.URL)
		}
	case *network.EventWebSocketCreated:
		b.blame("a socket to %s", e.URL)
	case *page.EventJavascriptDialogOpening:
		b.blame("a dialog: %s", e.Message)
	}
}

// own reports whether an address is of the tab's server.
func (b *tab) own(address string) bool {
	return strings.HasPrefix(address, b.site.url) || strings.HasPrefix(address, "data:") || address == "about:blank"
}

func (b *tab) blame(format string, values ...any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if problem := fmt.Sprintf(format, values...); !slices.Contains(b.problems, problem) {
		b.problems = append(b.problems, problem)
	}
}

// forgive forgets what was heard, for a test that broke something.
func (b *tab) forgive() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.problems = nil
}

// open goes to a route of the page.
func (b *tab) open(route string) {
	b.t.Helper()
	b.must(chromedp.Do(b.ctx, chromedp.Navigate("about:blank"), chromedp.Navigate(b.site.url+"#/"+route)))
	b.wait(`document.querySelector("main h1")`)
}

// scheme is light or dark.
func (b *tab) scheme(name string) {
	b.t.Helper()
	_, err := chromedp.Call(b.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: name}}})
	b.must(err)
}

// eval is the value of an expression in the page.
func eval[T any](b *tab, expression string) T {
	b.t.Helper()
	value, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		b.t.Fatalf("%s: %v", expression, err)
	}
	return value
}

// wait waits until an expression holds. The page's policy forbids the browser to compile texts there, as chromedp's Poll does.
func (b *tab) wait(expression string) {
	b.t.Helper()
	late := time.After(patience)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !eval[bool](b, "Boolean("+expression+")") {
		select {
		case <-tick.C:
		case <-late:
			b.t.Fatalf("never: %s\nthe page says:\n%s", expression, eval[string](b, "document.body.innerText"))
		}
	}
}

// text is the visible text of the first element that matches.
func (b *tab) text(selector string) string {
	b.t.Helper()
	return eval[string](b, fmt.Sprintf("document.querySelector(%q).innerText", selector))
}

func (b *tab) click(selector string) {
	b.t.Helper()
	b.must(chromedp.Do(b.ctx, chromedp.Click(chromedp.CSS(selector), chromedp.NodeVisible)))
}

// press sends keys to what has the focus.
func (b *tab) press(keys string) {
	b.t.Helper()
	b.must(chromedp.Do(b.ctx, chromedp.KeyEvent(keys)))
}

// listed is the names in the list, in JavaScript.
const listed = `[...document.querySelectorAll("table.list tbody th.c-name a")].map((a) => a.innerText)`

// names are the runs that the list shows, in its order.
func (b *tab) names() []string {
	b.t.Helper()
	return eval[[]string](b, listed)
}

// compareRoute is the route that compares runs.
func compareRoute(ids ...string) string { return "compare?" + url.Values{"run": ids}.Encode() }
