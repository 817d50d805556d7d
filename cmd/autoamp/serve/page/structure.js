// The structure of the weights against the step: small charts beside one another.

import { h, panel, replace } from "./dom.js";
import { Chart } from "./chart.js";
import { get, query } from "./api.js";
import { colour, dash } from "./palette.js";
import * as curves from "./curves.js";
import * as format from "./format.js";

// What the measures of structure.csv say.
const measures = {
  gram_rms: ["off-diagonal, r.m.s.", "entries off the diagonal of BBᵀ or (d/n)·BᵀB; 0 for either candidate"],
  gram_max: ["off-diagonal, largest", "the largest of those entries"],
  tied: ["untied part of A", "‖AB − α·BᵀB‖ / ‖AB‖; 0 where A is a multiple of Bᵀ"],
  permutation: ["from a permutation", "‖B − P‖/√n to the nearest signed permutation P; 0 there, near √2 for Haar"],
  empty_columns: ["empty columns", "share of B's columns without bits"],
  permutation_rows: ["rows of a permutation", "share of rows with one entry above half of the energy; 1 for a signed permutation"],
};

export class StructureCharts {
  constructor(id) {
    this.id = id;
    this.charts = new Map();
    this.grid = h("div", { class: "multiples" });
    this.note = h("p", { class: "note small" });
    this.element = panel("Structure", { hidden: true }, this.grid, this.note);
  }

  async fetch(signal) {
    this.structure = await get(query(`/api/run/${encodeURIComponent(this.id)}/structure`, { points: 300, spacing: "log" }), signal);
    this.draw();
  }

  close() {
    for (const chart of this.charts.values()) chart.close();
  }

  draw() {
    const { series, columns, step, state, reason } = this.structure;
    this.element.hidden = series.length === 0 && state !== "damaged";
    replace(this.note, state === "damaged" ? h("span", { class: "reason" }, `Damaged: ${reason}`) : null);
    columns.forEach((name, column) => {
      const drawn = [...Map.groupBy(series, (s) => s.p)].map(([p, of], i) => ({
        label: `p = ${format.number(p)}`, steps: step, values: curves.mean(of.map((s) => s.values[column])), colour: colour(i), dash: dash(i), width: 1.5,
      })).filter((c) => c.values.some((v) => v !== null));
      if (drawn.length > 0) this.#chart(name).show({ curves: drawn, levels: [] }, { logX: true, logY: false, fit: false });
    });
  }

  #chart(name) {
    if (!this.charts.has(name)) {
      const [title, words] = measures[name] ?? [name, ""];
      const chart = new Chart({ title, height: 150 });
      this.charts.set(name, chart);
      this.grid.append(h("figure", {}, h("figcaption", { title: words }, h("strong", {}, title), h("span", { class: "margin" }, ` ${words}`)), chart.element));
    }
    return this.charts.get(name);
  }
}
