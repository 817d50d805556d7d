// The legend of a chart: what each line looks like, what it is worth, and whether it is shown.

import { h, svg } from "./dom.js";
import * as format from "./format.js";

// swatch is a short piece of a line.
export function swatch(pen) {
  return svg("svg", { class: "swatch", viewBox: "0 0 34 10", width: 34, height: 10, "aria-hidden": "true" },
    svg("line", { x1: 0, x2: 34, y1: 5, y2: 5, stroke: pen.colour, "stroke-width": pen.width ?? 2, "stroke-dasharray": (pen.dash ?? []).join(" ") || null }));
}

// legend lists lines, {key, label, value, colour, dash, width}; hidden is the set of keys that are not drawn.
export function legend(lines, hidden, changed) {
  return h("ul", { class: "legend" }, lines.map((line) => h("li", {}, h("label", {},
    h("input", { type: "checkbox", checked: !hidden.has(line.key), onchange: (event) => changed(line.key, event.target.checked) }),
    swatch(line), h("span", { class: "name" }, line.label), h("span", { class: "number" }, line.value === undefined ? "" : format.error(line.value))))));
}
