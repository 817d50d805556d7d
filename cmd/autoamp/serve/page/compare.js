// Several runs on one chart, and the settings in which they differ.

import { back, h, panel, replace, scrolling, toggle } from "./dom.js";
import { get, query } from "./api.js";
import { Alert } from "./alert.js";
import { Chart } from "./chart.js";
import { Latest, guarded } from "./live.js";
import { legend, swatch } from "./legend.js";
import { colour, dash } from "./palette.js";
import * as curves from "./curves.js";
import * as format from "./format.js";
import * as marks from "./marks.js";

export function show(main, route, store) {
  const ids = route.parameters.getAll("run");
  store.chosen = new Set(ids);
  return new CompareView(main, ids);
}

class CompareView {
  constructor(main, ids) {
    this.ids = new Set(ids);
    this.logX = true;
    this.logY = false;
    this.hidden = new Set();
    this.alert = new Alert();
    this.chart = new Chart({ title: "Test error against step", height: 400 });
    this.legend = h("div", {});
    this.results = h("div", {});
    this.settings = h("div", {});
    document.title = "Compare – autoamp";
    replace(main, h("div", { class: "heading" }, back(), h("h1", {}, `Compare ${ids.length} runs`)), this.alert.element,
      panel("Test error per coordinate, against step", {}, this.#tools(), this.chart.element, this.legend),
      panel("Results", {}, this.results), panel("Settings that differ", {}, this.settings));
    this.work = new Latest(guarded((signal) => this.#fetch(signal), this.alert.say), 1000);
    if (ids.length > 0) this.work.ask();
    else this.alert.say("No run was chosen: tick some in the list.");
  }

  change(ids) {
    if (this.ids.size > 0 && (!ids || [...ids].some((id) => this.ids.has(id)))) this.work.ask();
  }

  close() {
    this.work.stop();
    this.chart.close();
  }

  async #fetch(signal) {
    const comparison = await get(query("/api/compare", { run: [...this.ids] }), signal);
    const spacing = this.logX ? "log" : null;
    const metrics = await Promise.all(comparison.runs.map((run) => get(query(`/api/run/${encodeURIComponent(run.id)}/metrics`, { points: 400, spacing }), signal)));
    this.lines = linesOf(comparison.runs, metrics);
    this.#draw();
    replace(this.results, results(comparison.runs));
    replace(this.settings, differences(comparison));
  }

  #draw() {
    if (!this.lines) return;
    const shown = this.lines.filter((l) => !this.hidden.has(l.key));
    const levels = shown.filter((l) => l.target).map((l) => ({ ...l.target, colour: l.colour, dash: [3, 4], width: 1.2 }));
    this.chart.show({ curves: shown, levels }, { logX: this.logX, logY: this.logY, fit: false });
    const focused = [...this.legend.querySelectorAll("input")].indexOf(document.activeElement);
    replace(this.legend, legend(this.lines, this.hidden, (key, on) => {
      if (on) this.hidden.delete(key);
      else this.hidden.add(key);
      this.#draw();
    }), h("p", { class: "note small" }, "Thin dots: the theory of each run."));
    if (focused >= 0) this.legend.querySelectorAll("input")[focused]?.focus();
  }

  #tools() {
    return h("div", { class: "tools inner" },
      toggle("log steps", this.logX, (logX) => {
        this.logX = logX;
        this.work.ask();
      }),
      toggle("log error", this.logY, (logY) => {
        this.logY = logY;
        this.#draw();
      }));
  }
}

// linesOf is a curve for each run and p.
function linesOf(list, metrics) {
  const lines = [];
  list.forEach((run, i) => {
    for (const { p, series } of curves.byP(metrics[i])) {
      const label = list[i].theory.length > 1 ? `${run.name}, p\u00a0=\u00a0${format.number(p)}` : run.name;
      const curve = curves.test(metrics[i], series, label, lines.length) ?? curves.train(metrics[i], series, label, lines.length);
      lines.push({ ...curve, low: undefined, high: undefined, key: `${run.id} ${p}`, value: curve.values.findLast((v) => v !== null), target: curves.target(run.theory.find((t) => t.p === p)) });
    }
  });
  return lines;
}

function results(list) {
  let i = 0;
  const rows = list.flatMap((run) => run.rows.map((r) => h("tr", {},
    h("th", { scope: "row" }, swatch({ colour: colour(i), dash: dash(i++) }), " ", h("a", { href: `#/run/${encodeURIComponent(run.id)}` }, run.name)),
    h("td", { class: "number" }, format.number(r.p)), h("td", { class: "number" }, format.error(r.test_mse), h("span", { class: "margin" }, format.margin(r.test_mse_stderr))),
    h("td", { class: "number" }, format.error(r.finite_d ?? r.limit)), h("td", { class: "number" }, marks.gap(r.gap)), h("td", {}, marks.state(run.state, run.reason)))));
  return scrolling("Results of the runs", h("table", {}, h("caption", { class: "hidden" }, "Results of the runs"),
    h("thead", {}, h("tr", {}, ["Run", "p", "Test ± s.e.", "Theory", "Gap", "State"].map((text, k) => h("th", { scope: "col", class: k > 0 && k < 5 ? "number" : null }, text)))),
    h("tbody", {}, rows)));
}

function differences({ runs, settings }) {
  if (settings.length === 0) return h("p", { class: "note" }, "All settings are the same.");
  return scrolling("Settings that differ", h("table", {}, h("caption", { class: "hidden" }, "Settings that differ"),
    h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "Setting"), runs.map((run) => h("th", { scope: "col" }, run.name)))),
    h("tbody", {}, settings.map((s) => h("tr", {}, h("th", { scope: "row" }, s.key), s.values.map((v) => h("td", { class: "wrap" }, v || format.unknown)))))));
}
