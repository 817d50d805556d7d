// From the answers of the server to the curves of a chart.

import { colour, dash, level } from "./palette.js";

// byP groups the series of a run: [{p, series}], in the order of the run.
export function byP(metrics) {
  return [...Map.groupBy(metrics.series, (s) => s.p)].map(([p, series]) => ({ p, series }));
}

// test is the mean test error over seeds with its spread; train the same for the training error. Where nothing was tested yet, test is null.
export function test(metrics, series, label, i) {
  if (!series.some((s) => s.test_mse.some((v) => v !== null))) return null;
  return { label, steps: metrics.step, values: mean(series.map((s) => s.test_mse)), low: least(series.map((s) => s.test_low)),
    high: most(series.map((s) => s.test_high)), colour: colour(i), dash: dash(i), width: 2 };
}

export function train(metrics, series, label, i) {
  return { label, steps: metrics.step, values: mean(series.map((s) => s.train_mse)), colour: colour(i), dash: [3, 3], width: 1.2 };
}

// What stands beside a line in the chart; the legend has the server's words.
const names = { finite_d: "theory at this d", limit: "limit", haar: "Haar", identity: "identity", envelope: "time-sharing", bayes: "Bayes", shannon: "Shannon" };

// levels are the lines of a theory.
export function levels(theory) {
  return (theory?.lines ?? []).filter((l) => l.mse !== null)
    .map((l) => ({ key: l.name, label: l.label, short: names[l.name] ?? l.label, value: l.mse, ...level(l.name) }));
}

// target is what a run is compared with: its theory at this d, else the limit.
export function target(theory) {
  const lines = levels(theory);
  return lines.find((l) => l.key === "finite_d") ?? lines.find((l) => l.key === "limit") ?? null;
}

// columns combines lists place by place; places where nothing is known stay null.
function columns(lists, combine) {
  return lists[0].map((_, i) => {
    const known = lists.map((list) => list[i]).filter((v) => v !== null && v !== undefined);
    return known.length > 0 ? combine(known) : null;
  });
}

export function mean(lists) {
  return columns(lists, (values) => values.reduce((a, b) => a + b, 0) / values.length);
}

function least(lists) {
  return columns(lists, (values) => Math.min(...values));
}

function most(lists) {
  return columns(lists, (values) => Math.max(...values));
}
