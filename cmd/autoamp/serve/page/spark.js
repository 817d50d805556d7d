// A sparkline: the error of a run, and its theory as a dashed line where that is in reach.

import { svg } from "./dom.js";

const width = 96;
const height = 24;
const margin = 2;

// spark draws values, null where one is not known. It is a picture of what the row says in numbers.
export function spark(values, theory) {
  const known = values.filter((v) => v !== null);
  if (known.length < 2) return null;
  const levels = theory === null || theory === undefined ? known : [...known, theory];
  const low = Math.min(...levels);
  const high = Math.max(...levels, low + 1e-12);
  const x = (i) => margin + (i * (width - 2 * margin)) / (values.length - 1);
  const y = (v) => height - margin - Math.sqrt((v - low) / (high - low)) * (height - 2 * margin); // the root leaves room to the end of the curve
  const points = values.map((v, i) => (v === null ? null : `${x(i).toFixed(1)},${y(v).toFixed(1)}`)).filter((point) => point !== null);
  const last = points[points.length - 1].split(",");
  return svg("svg", { class: "spark", viewBox: `0 0 ${width} ${height}`, width, height, "aria-hidden": "true" },
    levels === known ? null : svg("line", { class: "theory", x1: margin, x2: width - margin, y1: y(theory), y2: y(theory) }),
    svg("polyline", { points: points.join(" ") }),
    svg("circle", { cx: last[0], cy: last[1], r: 2 }));
}
