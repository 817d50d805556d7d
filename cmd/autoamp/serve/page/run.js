// One run.

import { back, h, panel, replace, setText, scrolling } from "./dom.js";
import { get } from "./api.js";
import { Alert } from "./alert.js";
import { command } from "./copy.js";
import { Errors } from "./errors.js";
import { Latest, guarded } from "./live.js";
import { LogPanel } from "./log.js";
import { Pictures } from "./pictures.js";
import { StructureCharts } from "./structure.js";
import * as format from "./format.js";
import * as marks from "./marks.js";

export function show(main, route, store) {
  return new RunView(main, route.id, store);
}

class RunView {
  constructor(main, id, store) {
    this.id = id;
    this.store = store;
    this.alert = new Alert();
    this.errors = new Errors(id);
    this.structure = new StructureCharts(id);
    this.pictures = new Pictures();
    this.log = new LogPanel(id);
    this.title = h("h1", {}, "Run");
    this.status = h("div", { class: "status" });
    this.results = h("div", {});
    this.side = h("div", {});
    replace(main, h("div", { class: "heading" }, back(), this.title, this.status), this.alert.element,
      h("div", { class: "run" },
        h("div", { class: "results" }, this.results),
        h("div", { class: "mainly" }, this.errors.element, this.pictures.element, this.structure.element),
        h("div", { class: "side" }, this.side), h("div", { class: "last" }, this.log.element)));
    this.work = new Latest(guarded((signal) => this.#fetch(signal), this.alert.say));
    this.errors.onask = this.log.onask = () => this.work.ask();
    this.work.ask();
  }

  change(ids) {
    if (ids && !ids.has(this.id)) return;
    if (ids && this.store.of(this.id).length === 0) this.alert.say("This run was removed. What was read of it stays here.");
    else this.work.ask();
  }

  close() {
    this.work.stop();
    for (const part of [this.errors, this.structure, this.pictures, this.log]) part.close();
  }

  async #fetch(signal) {
    const parts = [this.errors, this.structure, this.log].map((part) => part.fetch(signal));
    const [run] = await Promise.all([get(`/api/run/${encodeURIComponent(this.id)}`, signal), ...parts]);
    this.#drawStatus(run);
    this.#drawResults(run);
    this.#drawSide(run);
    this.pictures.update(run);
    this.errors.update(run);
  }

  #drawStatus(run) {
    setText(this.title, run.name);
    document.title = `${run.name} – autoamp`;
    const row = run.rows[0];
    const facts = [run.device, run.ms_per_step ? `${format.short(run.ms_per_step)} ms a step` : "", run.wall_s ? `${format.duration(run.wall_s)} in all` : ""].filter(Boolean);
    const left = row.eta_s === null ? "" : `, ${format.duration(row.eta_s)} left`;
    replace(this.status, marks.state(run.state, run.reason), marks.progress(row.progress, `${format.whole(row.step)} of ${format.whole(row.steps)} steps${left}`, "steps done"),
      h("span", { class: "margin" }, facts.join(" · ")), run.reason ? h("span", { class: "reason" }, run.reason) : null);
  }

  #drawResults(run) {
    const head = ["Model", "Data", "p", "d", "Rate", "Test ± s.e.", "Candidate", "Limit", "At this d", "Gap"];
    const rows = run.rows.map((r) => withTheory(r, run.theory)).map((r) => h("tr", {},
      h("td", {}, r.model), h("td", { class: "wrap" }, r.data), numbers(format.number(r.p)), numbers(format.number(r.d)), numbers(format.number(r.rate)),
      numbers(format.error(r.test_mse), h("span", { class: "margin" }, format.margin(r.test_mse_stderr))),
      h("td", {}, r.candidate || format.unknown), numbers(format.error(r.limit)), numbers(format.error(r.finite_d)), numbers(marks.gap(r.gap))));
    replace(this.results, scrolling("Results", h("table", { class: "results" }, h("caption", { class: "hidden" }, "Results"),
      h("thead", {}, h("tr", {}, head.map((text, i) => h("th", { scope: "col", class: i > 1 && i !== 6 ? "number" : null }, text)))), h("tbody", {}, rows))));
  }

  // drawSide draws what seldom changes, and only when it did: a person may be reading or copying there.
  #drawSide(run) {
    const drawn = JSON.stringify([run.resume, run.files, run.settings, run.dir]);
    if (this.side.dataset.drawn === drawn) return;
    this.side.dataset.drawn = drawn;
    replace(this.side,
      run.resume ? panel("Continue", {}, h("p", { class: "note small" }, "This command resumes the run from its newest checkpoint."), command(run.resume)) : null,
      run.files.length > 0 ? panel("Files", {}, h("ul", { class: "files" }, run.files.map((f) => h("li", {}, h("a", { href: f.url, target: "_blank", rel: "noopener" }, f.name))))) : null,
      panel("Settings", {}, h("p", { class: "note small" }, run.dir), settings(run.settings)));
  }
}

// withTheory adds what the list does not have before a run has ended.
function withTheory(row, theory) {
  const at = theory.find((t) => t.p === row.p);
  const limit = at?.lines.find((l) => l.name === "limit")?.mse ?? null;
  return { ...row, candidate: row.candidate || at?.candidate, limit: row.limit ?? limit };
}

function numbers(...children) {
  return h("td", { class: "number" }, ...children);
}

function settings(list) {
  const sections = Map.groupBy(list, (s) => (s.key.includes(".") ? s.key.slice(0, s.key.indexOf(".")) : "run"));
  return [...sections].map(([section, of]) => h("details", { open: true, class: "settings" }, h("summary", {}, section),
    h("dl", {}, of.map((s) => [h("dt", { title: s.help }, s.key.slice(s.key.indexOf(".") + 1)), h("dd", { title: s.help }, s.value || format.unknown)]))));
}
