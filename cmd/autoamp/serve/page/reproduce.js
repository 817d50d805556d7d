// A directory of autoamp reproduce: the papers' figures and claims, as they come in.

import { back, h, replace, scrolling, setText } from "./dom.js";
import { get } from "./api.js";
import { figures } from "./figures.js";
import { View } from "./live.js";
import * as format from "./format.js";
import * as marks from "./marks.js";

export function show(main, route) {
  return new ReproduceView(main, route.id);
}

class ReproduceView extends View {
  constructor(main, id) {
    super(id);
    this.title = h("h1", {}, "Reproduction");
    this.status = h("div", { class: "status" });
    this.body = h("div", {});
    this.shown = new Map(); // by name: {text, element}
    replace(main, h("div", { class: "heading" }, back(), this.title, this.status), this.alert.element, this.body);
    this.work.ask();
  }

  async fetch(signal) {
    const all = await get(`/api/reproduce/${encodeURIComponent(this.id)}`, signal);
    setText(this.title, all.name);
    document.title = `${all.name} – autoamp`;
    const done = all.experiments.filter((e) => e.status).length;
    replace(this.status, marks.state(all.state, all.reason), marks.progress(done / Math.max(1, all.experiments.length), `${done} of ${all.experiments.length} experiments`, "experiments done"),
      h("span", { class: "margin" }, `scale ${all.scale} · seed ${all.seed}`), all.report ? h("a", { href: all.report, target: "_blank", rel: "noopener" }, "Report") : null,
      all.reason ? h("span", { class: "reason" }, all.reason) : null);
    this.#drawExperiments(all.experiments);
  }

  // drawExperiments draws those again that changed.
  #drawExperiments(list) {
    const before = this.shown;
    this.shown = new Map();
    for (const e of list) {
      const text = JSON.stringify(e);
      const kept = before.get(e.name);
      const box = kept?.box ?? h("div", { class: "figures" });
      this.shown.set(e.name, kept?.text === text ? kept : { text, box, element: experiment(e, box) });
    }
    const elements = [...this.shown.values()].map((s) => s.element);
    if (elements.some((element, i) => this.body.children[i] !== element) || this.body.children.length !== elements.length) replace(this.body, elements);
  }
}

// experiment is the panel of an experiment; its figures stay in their box.
function experiment(e, box) {
  figures(box, e.figures);
  const cells = e.cells > 0 && !e.status ? marks.progress(e.done / e.cells, `${e.done} of ${e.cells} cells`, `${e.name}: cells done`) : null;
  return h("section", { class: "panel experiment", "aria-label": e.name },
    h("h2", {}, e.name, " ", marks.state(e.status, e.reason), " ", cells), h("p", { class: "margin" }, `${e.paper}: ${e.title}`), h("p", {}, e.claim),
    cells ? h("div", { class: "squares", "aria-hidden": "true" }, e.cell_list.map((c) => h("span", { class: c.done ? "done" : "waiting", title: c.name }))) : null,
    e.reason ? h("p", { class: "reason" }, e.reason) : null, e.claims.length > 0 ? claims(e) : null,
    e.drawn > 0 ? h("p", { class: "margin drawn" }, `Drawn from ${e.drawn} of ${e.cells} cells`) : null,
    e.figure_note ? h("p", { class: "reason" }, e.figure_note) : null, box);
}

function claims(e) {
  const row = (c) => h("tr", {}, h("td", {}, marks.state(c.outcome)), h("td", { class: "wrap" }, c.claim, c.note ? h("span", { class: "facts shown" }, c.note) : null),
    h("td", { class: "number" }, found(c.value), c.stderr ? h("span", { class: "margin" }, ` ± ${format.short(c.stderr)}`) : null), h("td", { class: "number" }, found(c.reference)),
    h("td", {}, c.kind), h("td", { class: "number" }, c.sigma === null ? format.unknown : format.short(c.sigma)));
  return scrolling(`Claims of ${e.name}`, h("table", {}, h("caption", { class: "hidden" }, `Claims of ${e.name}`),
    h("thead", {}, h("tr", {}, [["Verdict"], ["Claim"], ["Found ± s.e.", 1], ["Reference", 1], ["Kind"], ["σ", 1]].map(([text, number]) => h("th", { scope: "col", class: number ? "number" : null }, text)))),
    h("tbody", {}, e.claims.map(row))));
}

function found(x) {
  return x === null || x === undefined ? format.unknown : String(Number(x.toPrecision(5)));
}
