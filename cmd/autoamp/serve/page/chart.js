// A chart of curves against the step, with levels of the theory as horizontal lines. uPlot draws the curves; the levels and their
// labels are drawn into its canvas.

import { h, setText } from "./dom.js";
import { ink } from "./palette.js";
import * as format from "./format.js";

const font = "12px system-ui, sans-serif";
const labelHeight = 15; // of a label beside its line
const labelRoom = 158; // to the right of the lines
const labelFrom = 720; // narrower charts have no labels; the legend below has them

// Chart shows {curves, levels}:
//
//   curves: {label, steps, values, low, high, colour, dash, width}; low and high may be missing
//   levels: {label, short (beside the line), value, colour, dash, width}
export class Chart {
  #host;
  #box;
  #readout;
  #options;
  #plot = null;
  #shape = "";
  #spec = { curves: [], levels: [] };
  #observer;

  // options: {title, height, labels (beside the lines), zoomed(from, to)}; zoomed is called with steps, or with nulls for all of them.
  constructor(options) {
    this.#options = options;
    this.#box = h("div", { class: "plot", role: "img", tabindex: 0, "aria-label": options.title, onkeydown: (event) => this.#key(event) });
    this.#readout = h("p", { class: "readout", "aria-live": "polite" }, "\u00a0");
    this.#host = h("div", { class: "chart" }, this.#box, this.#readout);
    this.#observer = new ResizeObserver(() => this.#resize());
    this.#observer.observe(this.#box);
  }

  get element() {
    return this.#host;
  }

  // show draws. axes is {logX, logY, fit}; with fit the curves alone decide the range of the errors.
  show(spec, axes) {
    this.#spec = { ...spec, ...axes };
    this.#box.setAttribute("aria-label", this.#words());
    const data = joined(spec.curves);
    const shape = JSON.stringify([axes, spec.curves.map((c) => [c.label, c.colour, c.dash, Boolean(c.low)]), this.#labelled()]);
    if (this.#plot && shape === this.#shape) {
      this.#plot.setData(data);
      return;
    }
    this.#plot?.destroy();
    this.#shape = shape;
    this.#plot = new uPlot(this.#settings(), data, this.#box);
  }

  close() {
    this.#observer.disconnect();
    this.#plot?.destroy();
    this.#plot = null;
  }

  #labelled() {
    return Boolean(this.#options.labels) && this.#box.clientWidth >= labelFrom;
  }

  #resize() {
    if (!this.#plot || this.#box.clientWidth === 0) return;
    if (this.#box.clientWidth === this.#plot.width) return;
    if (this.#labelled() !== this.#plot.root.classList.contains("labelled")) {
      this.#shape = "";
      this.show(this.#spec, { logX: this.#spec.logX, logY: this.#spec.logY, fit: this.#spec.fit });
      return;
    }
    this.#plot.setSize({ width: this.#box.clientWidth, height: this.#options.height });
  }

  #settings() {
    const { logX, logY } = this.#spec;
    const axis = { stroke: ink("muted"), font, grid: { stroke: ink("grid"), width: 1 }, ticks: { stroke: ink("grid"), width: 1, size: 5 } };
    const small = this.#options.height < 200;
    return {
      class: this.#labelled() ? "labelled" : "bare",
      width: Math.max(120, this.#box.clientWidth),
      height: this.#options.height,
      padding: [8, this.#labelled() ? labelRoom : 12, 0, 0],
      legend: { show: false },
      cursor: {
        points: { size: 6 },
        drag: { x: Boolean(this.#options.zoomed), y: false, setScale: false },
        bind: { dblclick: () => () => this.#options.zoomed?.(null, null) },
      },
      scales: { x: { time: false, distr: logX ? 3 : 1, range: rangeX(logX) }, y: { distr: logY ? 3 : 1, range: () => this.#rangeY() } },
      axes: [
        { ...axis, size: 30, space: small ? 40 : 55, values: (_, splits) => splits.map((s) => (s === null ? "" : format.steps(s))) },
        { ...axis, size: 54, space: small ? 24 : 34, values: (_, splits, axis, room, apart) => splits.map((s) => tick(s, logY ? 0 : apart)) },
      ],
      series: [{}, ...this.#spec.curves.flatMap(seriesOf)],
      bands: bandsOf(this.#spec.curves),
      hooks: { draw: [(u) => this.#drawLevels(u)], setCursor: [(u) => this.#read(u)], setSelect: [(u) => this.#select(u)] },
    };
  }

  // rangeY holds the curves and the levels; of levels far from a part of the curve that is looked at closely, only those near it.
  #rangeY() {
    const { curves, levels, logY, fit } = this.#spec;
    const known = curves.flatMap((c) => [...c.values, ...(c.low ?? []), ...(c.high ?? [])]).filter((v) => Number.isFinite(v) && (!logY || v > 0));
    let [low, high] = extent(known);
    const reach = high - low || Math.abs(high) * 0.02 || 1;
    for (const { value } of levels) {
      if (!Number.isFinite(value) || (logY && value <= 0)) continue;
      if (fit && (value < low - reach || value > high + reach)) continue;
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
    if (!Number.isFinite(low)) return logY ? [0.1, 1] : [0, 1];
    if (logY) return [low / 1.08, high * 1.08];
    const pad = (high - low || Math.abs(high) * 0.05 || 1) * 0.05;
    return [low - pad, high + pad];
  }

  #drawLevels(u) {
    const { ctx } = u;
    const { left, top, width, height } = u.bbox;
    const ratio = devicePixelRatio;
    const drawn = [];
    ctx.save();
    for (const level of this.#spec.levels) {
      const y = u.valToPos(level.value, "y", true);
      if (!(y >= top && y <= top + height)) continue;
      stroke(ctx, level, ratio, [[left, y], [left + width, y]]);
      drawn.push({ ...level, y, text: `${level.short} ${format.error(level.value)}` });
    }
    if (this.#labelled()) writeLabels(ctx, drawn, { x: left + width, top, bottom: top + height, ratio });
    ctx.restore();
  }

  // read says in words what is under the cursor.
  #read(u) {
    const i = u.cursor.idx;
    const step = i === null || i === undefined ? undefined : u.data[0][i];
    if (step === undefined) return setText(this.#readout, "\u00a0");
    let column = 1;
    const texts = [];
    for (const curve of this.#spec.curves) {
      const value = u.data[column]?.[i];
      if (value !== null && value !== undefined) texts.push(`${curve.label} ${format.error(value)}`);
      column += curve.low ? 3 : 1;
    }
    setText(this.#readout, `step ${format.whole(step)}: ${texts.join(", ") || format.unknown}`);
  }

  #select(u) {
    const { left, width } = u.select;
    if (width < 6) return;
    this.#options.zoomed(Math.floor(u.posToVal(left, "x")), Math.ceil(u.posToVal(left + width, "x")));
    u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
  }

  // key moves the cursor along the curve.
  #key(event) {
    const u = this.#plot;
    const by = { ArrowLeft: -1, ArrowRight: 1, PageUp: -20, PageDown: 20, Home: -Infinity, End: Infinity }[event.key];
    if (!u || by === undefined || u.data[0].length === 0) return;
    event.preventDefault();
    const last = u.data[0].length - 1;
    const i = Math.min(last, Math.max(0, (u.cursor.idx ?? (by > 0 ? -1 : last + 1)) + by));
    u.setCursor({ left: u.valToPos(u.data[0][i], "x"), top: 10 });
  }

  #words() {
    const { curves, levels } = this.#spec;
    const ends = curves.map((c) => [c.label, c.values.findLast((v) => Number.isFinite(v))]).filter(([, v]) => v !== undefined);
    const all = [...ends, ...levels.map((l) => [l.label, l.value])].slice(0, 12);
    return `${this.#options.title}. ${all.map(([label, v]) => `${label} ${format.error(v)}`).join(", ")}`;
  }
}

// joined is the curves in uPlot's form, over the steps that any of them has.
function joined(curves) {
  if (curves.length === 0) return [[]];
  return uPlot.join(curves.map((c) => [c.steps, c.values, ...(c.low ? [c.low, c.high] : [])]));
}

function seriesOf(curve) {
  const shown = { label: curve.label, stroke: curve.colour, dash: curve.dash, width: curve.width ?? 2, spanGaps: true, points: { show: curve.steps.length < 40, size: 5 } };
  const edge = { stroke: "transparent", width: 0, spanGaps: true, points: { show: false } };
  return curve.low ? [shown, edge, edge] : [shown];
}

function bandsOf(curves) {
  const bands = [];
  let column = 1;
  for (const curve of curves) {
    if (curve.low) bands.push({ series: [column + 2, column + 1], fill: `${curve.colour}26` });
    column += curve.low ? 3 : 1;
  }
  return bands;
}

function rangeX(log) {
  return (_, low, high) => {
    if (low === null || low === undefined) return [1, 10];
    if (low === high) return log ? [low / 2, high * 2] : [low - 1, high + 1];
    return [low, high];
  };
}

function extent(values) {
  let [low, high] = [Infinity, -Infinity];
  for (const v of values) {
    if (v < low) low = v;
    if (v > high) high = v;
  }
  return [low, high];
}

// tick is a number on the axis of the errors; those that lie apart by a known distance have the digits that tell them apart.
function tick(value, apart) {
  if (value === null) return "";
  return apart > 0 ? String(Number(value.toFixed(Math.min(12, Math.max(0, 1 - Math.floor(Math.log10(apart))))))) : String(Number(value.toPrecision(3)));
}

function stroke(ctx, pen, ratio, points) {
  ctx.beginPath();
  ctx.strokeStyle = pen.colour;
  ctx.lineWidth = (pen.width ?? 1.5) * ratio;
  ctx.setLineDash((pen.dash ?? []).map((d) => d * ratio));
  points.forEach(([x, y], i) => (i === 0 ? ctx.moveTo(x, y) : ctx.lineTo(x, y)));
  ctx.stroke();
}

// writeLabels writes labels beside the ends of their lines, apart from one another, each tied to its line.
function writeLabels(ctx, labels, at) {
  labels.sort((a, b) => a.y - b.y);
  const gap = labelHeight * at.ratio;
  labels.forEach((label, i) => (label.at = Math.max(label.y, i === 0 ? at.top : labels[i - 1].at + gap)));
  for (let i = labels.length - 1, floor = at.bottom; i >= 0; i--, floor -= gap) labels[i].at = Math.min(labels[i].at, floor);
  ctx.font = `${12 * at.ratio}px system-ui, sans-serif`;
  ctx.textAlign = "left";
  ctx.textBaseline = "middle";
  for (const label of labels) {
    stroke(ctx, { colour: label.colour, width: 1 }, at.ratio, [[at.x, label.y], [at.x + 8 * at.ratio, label.at]]);
    ctx.fillStyle = ink("ink");
    ctx.fillText(label.text, at.x + 12 * at.ratio, label.at);
  }
}
