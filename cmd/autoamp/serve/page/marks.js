// What is said by colour is said by a shape and a word too.

import { h } from "./dom.js";
import * as format from "./format.js";

const shapes = {
  running: "▶", finished: "✓", done: "✓", interrupted: "‖", failed: "✕", damaged: "⚠", waiting: "○",
  PASS: "✓", FAIL: "✕", DEVIATES: "≠", "NOT RUN": "○",
};

// state is the mark of a state or a verdict.
export function state(name, reason) {
  const word = name || "not yet";
  return h("span", { class: `state ${word.toLowerCase().replaceAll(" ", "-")}`, title: reason || null },
    h("span", { class: "shape", "aria-hidden": "true" }, shapes[name] ?? "○"), word);
}

// Gaps up to close count as at the theory, gaps from far on as far away.
const close = 0.01;
const far = 0.05;

// gap is the relative distance from the theory.
export function gap(value) {
  if (value === null || value === undefined) return h("span", { class: "gap" }, format.unknown);
  const [kind, shape, words] = kindOf(value);
  return h("span", { class: `gap ${kind}`, title: words }, h("span", { class: "shape", "aria-hidden": "true" }, shape), format.percent(value));
}

function kindOf(value) {
  if (Math.abs(value) <= close) return ["near", "●", "within 1 % of the theory"];
  if (value < 0) return ["below", "▼", "below the theory at this d"];
  if (value < far) return ["above", "▲", "1 to 5 % above the theory"];
  return ["far", "▲▲", "more than 5 % above the theory"];
}

// progress is a bar with its words.
export function progress(share, words, label) {
  const percent = Math.round(100 * Math.min(1, Math.max(0, share)));
  const bar = h("span", { class: "bar", role: "progressbar", "aria-valuenow": percent, "aria-valuemin": 0, "aria-valuemax": 100, "aria-label": label },
    h("span", { class: "fill", style: { width: `${percent}%` } }));
  return h("span", { class: "progress" }, bar, h("span", { class: "words" }, words));
}
