// The chart of a run: its errors against the step beside the theory.

import { h, panel, replace, select, toggle } from "./dom.js";
import { Chart } from "./chart.js";
import { get, query } from "./api.js";
import { legend } from "./legend.js";
import * as curves from "./curves.js";
import * as format from "./format.js";

const ranges = { all: "all steps", half: "last half", tenth: "last tenth", chosen: "chosen" };

// Errors shows the metrics of a run. update(run) is called with every answer about the run.
export class Errors {
  constructor(id) {
    this.id = id;
    this.p = null; // what is shown; "all" for every p
    this.logX = true;
    this.logY = false;
    this.range = "all";
    this.from = this.to = null;
    this.hidden = new Set(["train", "haar", "identity"]);
    this.metrics = null;
    this.run = null;
    this.chart = new Chart({ title: "Error against step", height: 380, labels: true, zoomed: (from, to) => this.#zoom(from, to) });
    this.tools = h("div", { class: "tools inner" });
    this.legend = h("div", {});
    this.note = h("p", { class: "note small" });
    this.element = panel("Mean square error per coordinate, against step", { class: "errors" }, this.tools, this.chart.element, this.legend, this.note);
  }

  // fetch asks for the metrics in the range that is shown.
  async fetch(signal) {
    const { from, to } = this.#steps();
    const spacing = this.logX ? "log" : null;
    this.metrics = await get(query(`/api/run/${encodeURIComponent(this.id)}/metrics`, { spacing, from, to }), signal);
  }

  update(run) {
    this.run = run;
    this.draw();
  }

  close() {
    this.chart.close();
  }

  draw() {
    if (!this.metrics || !this.run) return;
    const points = curves.byP(this.metrics);
    this.p ??= points[0]?.p ?? null;
    this.#drawTools(points);
    const lines = this.p === "all" && points.length > 1 ? this.#all(points) : this.#one(points);
    const shown = lines.filter((l) => !this.hidden.has(l.key));
    this.chart.show({ curves: shown.filter((l) => l.values), levels: shown.filter((l) => !l.values) }, { logX: this.logX, logY: this.logY, fit: this.range !== "all" });
    this.#drawLegend(lines);
    this.#say();
  }

  // one is the lines of a p: test and training error, and every level of the theory.
  #one(points) {
    const point = points.find((x) => x.p === this.p) ?? points[0];
    if (!point) return [];
    const theory = this.run.theory.find((t) => t.p === point.p);
    const test = curves.test(this.metrics, point.series, "test", 0);
    const train = curves.train(this.metrics, point.series, "train", 1);
    if (!test) this.hidden.delete("train");
    return [test && withEnd("test", test), withEnd("train", train), ...curves.levels(theory)].filter(Boolean);
  }

  // all is the test error at each p with what it is compared with.
  #all(points) {
    return points.flatMap((point, i) => {
      const label = `p = ${format.number(point.p)}`;
      const curve = curves.test(this.metrics, point.series, label, i) ?? curves.train(this.metrics, point.series, label, i);
      const target = curves.target(this.run.theory.find((t) => t.p === point.p));
      return [withEnd(`p ${point.p}`, curve), target && { ...target, key: `theory ${point.p}`, label: `${label}, ${target.label}`, short: `${label}, theory`, colour: curve.colour }].filter(Boolean);
    });
  }

  #drawTools(points) {
    const drawn = JSON.stringify([points.map((x) => x.p), this.p, this.logX, this.logY, this.range]);
    if (this.tools.dataset.drawn === drawn) return;
    const inside = [...this.tools.querySelectorAll("select, input")].indexOf(document.activeElement);
    const p = points.length > 1 ? select("p", [...points.map((x) => [String(x.p), format.number(x.p)]), ["all", "all"]], String(this.p), (v) => this.#set({ p: v === "all" ? v : Number(v) })) : null;
    replace(this.tools, p,
      select("Steps", Object.entries(ranges).filter(([key]) => key !== "chosen" || this.range === "chosen"), this.range, (range) => this.#ask({ range })),
      toggle("log steps", this.logX, (logX) => this.#ask({ logX })), toggle("log error", this.logY, (logY) => this.#set({ logY })));
    this.tools.dataset.drawn = drawn;
    if (inside >= 0) this.tools.querySelectorAll("select, input")[inside]?.focus();
  }

  #drawLegend(lines) {
    const focused = [...this.legend.querySelectorAll("input")].indexOf(document.activeElement);
    replace(this.legend, legend(lines, this.hidden, (key, on) => {
      if (on) this.hidden.delete(key);
      else this.hidden.add(key);
      this.draw();
    }));
    if (focused >= 0) this.legend.querySelectorAll("input")[focused]?.focus();
  }

  #say() {
    const theory = this.run.theory.find((t) => t.p === this.p) ?? this.run.theory[0];
    const seeds = this.metrics.series.filter((s) => s.p === this.p).length;
    const texts = [
      seeds > 1 ? `Mean of ${seeds} seeds; the band holds all of them.` : "",
      "Beside a curve stands its newest value; the result above is measured on more data.",
      theory?.pending ? "More of the theory is being computed." : theory?.note ?? "",
      this.metrics.state === "missing" ? "Nothing was measured yet." : "",
    ];
    replace(this.note, texts.filter(Boolean).join(" "), this.metrics.state === "damaged" ? h("span", { class: "reason" }, ` Damaged: ${this.metrics.reason}`) : null);
  }

  #set(values) {
    Object.assign(this, values);
    this.draw();
  }

  // ask changes what the server has to answer.
  #ask(values) {
    Object.assign(this, values);
    this.draw();
    this.onask();
  }

  #zoom(from, to) {
    this.#ask(from === null ? { range: "all" } : { range: "chosen", from: Math.max(1, from), to });
  }

  #steps() {
    const last = Math.max(0, ...(this.run?.rows ?? []).map((r) => r.step));
    switch (this.range) {
      case "half": return { from: Math.ceil(last / 2), to: null };
      case "tenth": return { from: Math.ceil(0.9 * last), to: null };
      case "chosen": return { from: this.from, to: this.to };
      default: return { from: null, to: null };
    }
  }
}

function withEnd(key, curve) {
  return { key, ...curve, value: curve.values.findLast((v) => v !== null) };
}
