// A sweep: its figures as cells finish, who is at what, and the table of cells.

import { back, h, panel, replace, scrolling, setText } from "./dom.js";
import { get } from "./api.js";
import { figures } from "./figures.js";
import { View } from "./live.js";
import * as format from "./format.js";
import * as marks from "./marks.js";

const mostCells = 2000; // rows of the table

export function show(main, route) {
  return new SweepView(main, route.id);
}

class SweepView extends View {
  constructor(main, id) {
    super(id);
    this.title = h("h1", {}, "Sweep");
    this.status = h("div", { class: "status" });
    this.squares = h("div", { class: "squares", "aria-hidden": "true" });
    this.figures = h("div", { class: "figures" });
    this.working = h("div", {});
    this.cells = h("div", {});
    this.file = h("pre", { class: "log", tabindex: 0, role: "region", "aria-label": "The sweep's file" });
    replace(main, h("div", { class: "heading" }, back(), this.title, this.status), this.alert.element, this.squares, this.figures, this.working,
      panel("Cells", {}, this.cells), panel("File", {}, this.file));
    this.work.ask();
  }

  async fetch(signal) {
    const sweep = await get(`/api/sweep/${encodeURIComponent(this.id)}`, signal);
    setText(this.title, sweep.name);
    document.title = `${sweep.name} – autoamp`;
    this.#drawStatus(sweep);
    replace(this.squares, sweep.cells.slice(0, mostCells).map((cell) => h("span", { class: cell.state })));
    figures(this.figures, sweep.figures);
    replace(this.working, working(sweep));
    replace(this.cells, table(sweep));
    setText(this.file, sweep.file);
  }

  #drawStatus({ state, reason, counts, left_s }) {
    const left = left_s > 0 ? `, ${format.duration(left_s)} of computing left on one core` : "";
    replace(this.status, marks.state(state, reason), marks.progress(counts.done / Math.max(1, counts.cells), `${counts.done} of ${counts.cells} cells${left}`, "cells done"),
      h("span", { class: "margin" }, [counts.running && `${counts.running} running`, counts.waiting && `${counts.waiting} waiting`, counts.failed && `${counts.failed} failed`].filter(Boolean).join(" · ")),
      reason ? h("span", { class: "reason" }, reason) : null);
  }
}

function working({ running, failures }) {
  const rows = running.map((w) => h("li", {}, h("span", {}, w.name), marks.progress(w.step / Math.max(1, w.steps), `${format.whole(w.step)} of ${format.whole(w.steps)} steps${w.left_s > 0 ? `, ${format.duration(w.left_s)} left` : ""}`, w.name),
    h("span", { class: "margin" }, `${w.host}, process ${w.pid}`)));
  const failed = (failures ?? []).map((f) => h("li", {}, marks.state("failed"), h("span", { class: "reason" }, f.error), h("span", { class: "margin" }, f.host)));
  return [rows.length > 0 ? panel("Running", {}, h("ul", { class: "works" }, rows)) : null, failed.length > 0 ? panel("Failures", {}, h("ul", { class: "works" }, failed)) : null];
}

function table({ columns, cells }) {
  const numbers = columns.map((_, i) => cells.every((c) => c.values[i] === "" || !Number.isNaN(Number(c.values[i]))));
  const head = [...columns.map((name, i) => [name, numbers[i]]), ["Test ± s.e.", true], ["Limit", true], ["At this d", true], ["Gap", true], ["State", false], ["Time", true]];
  const rows = cells.slice(0, mostCells).map((c) => h("tr", {},
    c.values.map((v, i) => h("td", { class: numbers[i] ? "number" : null }, v)),
    h("td", { class: "number" }, format.error(c.test_mse), h("span", { class: "margin" }, format.margin(c.test_mse_stderr))),
    h("td", { class: "number" }, format.error(c.limit)), h("td", { class: "number" }, format.error(c.finite_d)), h("td", { class: "number" }, marks.gap(c.gap)),
    h("td", {}, marks.state(c.state)), h("td", { class: "number" }, c.seconds === null ? format.unknown : `${format.short(c.seconds)} s`)));
  const cut = cells.length > mostCells ? h("p", { class: "note small" }, `The first ${mostCells} of ${cells.length} cells; sweep.csv has all.`) : null;
  return [scrolling("Cells", h("table", {}, h("caption", { class: "hidden" }, "Cells"),
    h("thead", {}, h("tr", {}, head.map(([text, number]) => h("th", { scope: "col", class: number ? "number" : null }, text)))), h("tbody", {}, rows))), cut];
}
