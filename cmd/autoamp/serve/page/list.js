// The list of runs, sweeps and reproductions.

import { h, replace, select, setText, scrolling } from "./dom.js";
import * as format from "./format.js";
import * as marks from "./marks.js";
import { parse } from "./filter.js";
import { spark } from "./spark.js";

// Columns: what they are called, what they are sorted by, what a cell holds. On narrow pages those that are not narrow are hidden, and
// stand below the name.
const columns = [
  { key: "name", title: "Run", by: (r) => r.name, cell: name, narrow: true },
  { key: "model", title: "Model", by: (r) => r.model, cell: (r) => r.model || format.unknown },
  { key: "data", title: "Data", by: (r) => r.data, cell: (r) => h("span", { title: r.data }, r.data || format.unknown) },
  { key: "p", title: "p", by: (r) => r.p, cell: (r) => format.number(r.p), number: true },
  { key: "d", title: "d", by: (r) => r.d || null, cell: (r) => format.number(r.d || null), number: true },
  { key: "rate", title: "Rate", by: (r) => r.rate || null, cell: (r) => format.number(r.rate || null), number: true },
  { key: "test", title: "Test ± s.e.", by: (r) => r.test_mse, cell: test, number: true, narrow: true },
  { key: "theory", title: "Theory", by: (r) => r.finite_d ?? r.limit, cell: theory, number: true },
  { key: "gap", title: "Gap", by: (r) => r.gap, cell: (r) => marks.gap(r.gap), number: true, narrow: true },
  { key: "state", title: "State", by: (r) => r.state, cell: (r) => marks.state(r.state, r.reason), narrow: true },
  { key: "progress", title: "Progress", by: (r) => r.progress, cell: progress },
  { key: "changed", title: "Changed", by: (r) => -r.changed_s, cell: (r) => age(r), number: true },
  { key: "curve", title: "Error", cell: (r) => spark(r.spark, r.finite_d ?? r.limit) },
];

const groups = {
  none: null, folder: (r) => folder(r), model: (r) => r.model, data: (r) => r.data, rate: (r) => `rate ${format.number(r.rate)}`,
  p: (r) => `p = ${format.number(r.p)}`, d: (r) => `d = ${format.number(r.d)}`, state: (r) => r.state, kind: (r) => r.kind,
};

// Rows that are drawn at first, and with every step down: a long table costs the browser most.
const atFirst = 200;
const further = 400;

const states = ["running", "finished", "interrupted", "failed", "damaged", "waiting"];
const order = new Intl.Collator("en", { numeric: true });

export function show(main, route, store) {
  const view = new List(main, route, store);
  view.draw();
  return view;
}

class List {
  constructor(main, { parameters }, store) {
    this.store = store;
    this.filter = parameters.get("filter") ?? "";
    this.state = parameters.get("state") ?? "";
    this.sort = parameters.get("sort") ?? "name";
    this.down = parameters.get("down") === "1";
    this.group = parameters.get("group") ?? "none";
    this.closed = new Set();
    this.limit = atFirst;
    this.shown = new Map(); // what was drawn: key → {text, tr}
    this.head = h("thead", {});
    this.table = h("table", { class: "list" }, h("caption", { class: "hidden" }, "Runs, sweeps and reproductions"), this.head);
    this.count = h("span", { class: "count", role: "status" });
    this.compare = h("span", {});
    this.clock = setInterval(() => this.table.querySelectorAll("time").forEach((time) => setText(time, ago(Date.parse(time.dateTime)))), 15000);
    this.said = h("p", { class: "note", hidden: true });
    this.more = h("button", { hidden: true, onclick: () => this.#further() }, "More rows");
    this.seen = new IntersectionObserver((entries) => entries.some((e) => e.isIntersecting) && this.#further());
    this.seen.observe(this.more);
    replace(main, h("h1", { class: "hidden" }, "Runs"), this.#tools(), this.said, scrolling("Runs", this.table), this.more, key());
  }

  change() {
    this.draw();
  }

  close() {
    clearInterval(this.clock);
    this.seen.disconnect();
  }

  draw() {
    const { matches, wrong, fields } = parse(this.filter);
    const rows = this.#sorted(this.store.rows.filter((r) => matches(r) && (!this.state || r.state === this.state)));
    this.#drawHead();
    this.#drawBodies(rows);
    this.more.hidden = rows.length <= this.limit;
    setText(this.count, `${format.whole(rows.length)} of ${format.whole(this.store.rows.length)} rows`);
    this.#say(rows, wrong, fields);
    this.#drawCompare();
  }

  // further draws more rows. The button is for the keyboard; who scrolls to the end gets them without it.
  #further() {
    this.limit += further;
    this.draw();
  }

  #say(rows, wrong, fields) {
    let text = "";
    if (wrong.length > 0) text = `There is no field ${wrong.join(", ")}. The fields are ${fields.join(", ")}.`;
    else if (this.store.rows.length === 0) text = this.store.note || "Nothing was found yet.";
    else if (rows.length === 0) text = "Nothing passes the filter.";
    this.said.hidden = text === "";
    setText(this.said, text);
  }

  #tools() {
    const input = h("input", { type: "search", value: this.filter, placeholder: "denoiser p<0.5 state=running", spellcheck: "false", autocomplete: "off",
      oninput: (event) => this.#set({ filter: event.target.value }) });
    return h("div", { class: "tools" },
      h("label", { class: "field grow" }, h("span", {}, "Filter"), input),
      select("State", [["", "all"], ...states.map((s) => [s, s])], this.state, (state) => this.#set({ state })),
      select("Group", Object.keys(groups).map((g) => [g, g]), this.group, (group) => this.#set({ group })),
      select("Sort", columns.filter((c) => c.by).map((c) => [c.key, c.title]), this.sort, (sort) => this.#set({ sort })),
      this.compare, this.count);
  }

  // set changes what is asked for, and the address with it: it can be kept and sent.
  #set(values) {
    Object.assign(this, values, { limit: atFirst });
    const search = new URLSearchParams();
    if (this.filter) search.set("filter", this.filter);
    if (this.state) search.set("state", this.state);
    if (this.group !== "none") search.set("group", this.group);
    if (this.sort !== "name") search.set("sort", this.sort);
    if (this.down) search.set("down", "1");
    history.replaceState(null, "", `#/${search.size > 0 ? `?${search}` : ""}`);
    this.draw();
  }

  #sorted(rows) {
    const { by } = columns.find((c) => c.key === this.sort && c.by) ?? columns[0];
    const sign = this.down ? -1 : 1;
    const keys = new Map(rows.map((row) => [row, by(row)]));
    return rows.sort((a, b) => compareValues(keys.get(a), keys.get(b), sign)); // stable: rows that are equal keep their order
  }

  #drawHead() {
    const drawn = `${this.sort} ${this.down}`;
    if (this.head.dataset.drawn === drawn) return;
    const focused = this.head.contains(document.activeElement) ? document.activeElement.dataset.key : null;
    replace(this.head, h("tr", {}, h("th", { scope: "col", class: "pick" }, h("span", { class: "hidden" }, "Compare")), columns.map((c) => this.#header(c))));
    this.head.dataset.drawn = drawn;
    if (focused) this.head.querySelector(`button[data-key="${focused}"]`)?.focus();
  }

  #header(column) {
    const sorted = column.key === this.sort;
    const mark = sorted ? (this.down ? " ↓" : " ↑") : "";
    const press = () => this.#set({ sort: column.key, down: sorted && !this.down });
    return h("th", { scope: "col", class: classOf(column), "aria-sort": sorted ? (this.down ? "descending" : "ascending") : null },
      column.by ? h("button", { "data-key": column.key, onclick: press }, column.title, h("span", { "aria-hidden": "true" }, mark)) : column.title);
  }

  // drawBodies keeps the rows that did not change: the keyboard stays where it is, and a list of a thousand is not drawn again.
  #drawBodies(rows) {
    const before = this.shown;
    this.shown = new Map();
    const seen = new Map();
    const keep = (row) => {
      const at = seen.get(row.id) ?? 0;
      seen.set(row.id, at + 1);
      return this.#row(row, `${row.id} ${at}`, before);
    };
    const by = groups[this.group];
    const bodies = by ? this.#groups(rows, by, keep) : [rows.slice(0, this.limit).map(keep)];
    const old = [...this.table.tBodies];
    bodies.forEach((trs, i) => arrange(old[i] ?? this.table.createTBody(), trs));
    old.slice(bodies.length).forEach((body) => body.remove());
  }

  #row(row, key, before) {
    const text = JSON.stringify(row, (name, value) => (name === "age_s" ? undefined : value));
    const kept = before.get(key);
    const entry = kept?.text === text ? kept : { text, tr: this.#draw(row) };
    if (kept && kept !== entry && kept.tr.contains(document.activeElement)) {
      const at = [...kept.tr.querySelectorAll("a, input")].indexOf(document.activeElement);
      queueMicrotask(() => entry.tr.querySelectorAll("a, input")[at]?.focus());
    }
    this.shown.set(key, entry);
    return entry.tr;
  }

  #draw(row) {
    const pick = row.kind === "run" ? h("input", { type: "checkbox", "aria-label": `Compare ${row.name}`, "data-id": row.id, checked: this.store.chosen.has(row.id),
      onchange: (event) => this.#choose(row.id, event.target.checked) }) : null;
    return h("tr", {}, h("td", { class: "pick" }, pick), columns.map((c) => h(c.key === "name" ? "th" : "td", { class: classOf(c), scope: c.key === "name" ? "row" : null }, c.cell(row))));
  }

  #groups(rows, by, keep) {
    let left = this.limit;
    return [...Map.groupBy(rows, by)].sort((a, b) => order.compare(a[0], b[0])).map(([title, of]) => {
      const shown = this.closed.has(title) ? [] : of.slice(0, left);
      left -= shown.length;
      return [this.#group(title, of.length), ...shown.map(keep)];
    });
  }

  #group(title, count) {
    const press = () => {
      if (!this.closed.delete(title)) this.closed.add(title);
      this.draw();
    };
    return h("tr", { class: "group" }, h("th", { colspan: columns.length + 1, scope: "rowgroup" },
      h("button", { "aria-expanded": String(!this.closed.has(title)), onclick: press },
        h("span", { "aria-hidden": "true" }, this.closed.has(title) ? "▸ " : "▾ "), title || "none", h("span", { class: "count" }, ` ${format.whole(count)}`))));
  }

  #choose(id, chosen) {
    if (chosen) this.store.chosen.add(id);
    else this.store.chosen.delete(id);
    for (const box of this.table.querySelectorAll(`input[data-id="${CSS.escape(id)}"]`)) box.checked = chosen;
    this.#drawCompare();
  }

  #drawCompare() {
    const ids = [...this.store.chosen];
    const href = `#/compare?${new URLSearchParams(ids.map((id) => ["run", id]))}`;
    replace(this.compare, ids.length > 1 ? h("a", { class: "button", href }, `Compare ${ids.length}`)
      : h("span", { class: "button off" }, ids.length === 1 ? "Compare: choose one more" : "Compare: choose runs"));
  }
}

// arrange puts rows into a body and moves only those that are not where they belong.
function arrange(body, rows) {
  const wanted = new Set(rows);
  for (const tr of [...body.rows]) if (!wanted.has(tr)) tr.remove();
  rows.forEach((tr, i) => {
    if (body.rows[i] !== tr) body.insertBefore(tr, body.rows[i] ?? null);
  });
}

function compareValues(a, b, sign) {
  const [noA, noB] = [a === null || a === undefined, b === null || b === undefined];
  if (noA || noB) return noA - noB; // what is not known comes last, either way
  return sign * (typeof a === "number" ? a - b : order.compare(a, b));
}

function classOf(column) {
  return [`c-${column.key}`, column.number && "number", !column.narrow && "wide", column.class].filter(Boolean).join(" ");
}

function folder(row) {
  const at = row.name.lastIndexOf("/");
  return at < 0 ? "here" : row.name.slice(0, at);
}

function name(row) {
  const facts = [row.model, row.data, row.p !== null && `p\u00a0${format.number(row.p)}`, row.d && `d\u00a0${row.d}`, row.rate && `rate\u00a0${format.number(row.rate)}`,
    row.seeds > 1 && `${row.seeds}\u00a0seeds`].filter(Boolean);
  return [
    h("a", { href: `#/${row.kind}/${encodeURIComponent(row.id)}`, title: row.dir }, row.name),
    row.kind === "run" ? null : h("span", { class: "tag" }, row.kind),
    row.seeds > 1 ? h("span", { class: "seeds" }, ` ${row.seeds}\u00a0seeds`) : null,
    h("span", { class: "facts" }, facts.join(" · ")),
  ];
}

function test(row) {
  return [format.error(row.test_mse), h("span", { class: "margin" }, format.margin(row.test_mse_stderr))];
}

function theory(row) {
  const title = row.candidate ? `candidate ${row.candidate}` : null;
  if (row.finite_d !== null) return h("span", { title }, format.error(row.finite_d));
  if (row.limit !== null) return h("span", { title: "the limit of large d; none is known at this d" }, format.error(row.limit), h("span", { class: "margin" }, " d → ∞"));
  return format.unknown;
}

function progress(row) {
  const unit = row.kind === "run" ? "step" : row.kind === "sweep" ? "cell" : "experiment";
  if (row.state === "finished") return h("span", { class: "margin" }, format.units(row.steps, unit));
  const left = row.eta_s === null ? "" : ` · ${format.duration(row.eta_s)} left`;
  return marks.progress(row.progress, `${Math.floor(100 * row.progress)} %${left}`, `${row.name}: ${unit}s`);
}

function age(row) {
  const at = 1000 * row.changed_s;
  return h("time", { datetime: new Date(at).toISOString(), class: "margin" }, ago(at));
}

// ago is the time since a moment in milliseconds.
function ago(at) {
  return `${format.age(Math.max(0, Date.now() - at) / 1000)} ago`;
}

function key() {
  return h("p", { class: "key" }, "Gap to the theory at this d: ", h("span", { class: "gap near" }, "● within 1 %"), ", ", h("span", { class: "gap above" }, "▲ above"), ", ",
    h("span", { class: "gap far" }, "▲▲ more than 5 % above"), ", ", h("span", { class: "gap below" }, "▼ below"), ". The dashed line beside a curve is its theory.");
}
