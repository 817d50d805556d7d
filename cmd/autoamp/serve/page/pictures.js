// The matrices of a run as pictures, at the checkpoint that the slider stands at.

import { h, panel, replace, select, setText } from "./dom.js";
import * as format from "./format.js";

export class Pictures {
  constructor() {
    this.checkpoints = [];
    this.at = -1; // −1 follows the newest
    this.replica = null;
    this.slider = h("input", { type: "range", id: "checkpoint", min: 0, max: 0, step: 1, oninput: () => this.#slide() });
    this.said = h("output", { for: "checkpoint" });
    this.choice = h("span", {});
    this.grid = h("div", { class: "pictures" });
    this.element = panel("Weights", { hidden: true },
      h("div", { class: "tools inner" }, h("label", { class: "field grow" }, h("span", {}, "Checkpoint"), this.slider), this.said, this.choice), this.grid);
  }

  update(run) {
    this.checkpoints = run.checkpoints.filter((c) => c.pictures.length > 0);
    this.element.hidden = this.checkpoints.length === 0;
    if (this.element.hidden) return;
    this.slider.max = String(this.checkpoints.length - 1);
    this.slider.disabled = this.checkpoints.length < 2;
    if (this.at < 0 || this.at >= this.checkpoints.length) this.slider.value = this.slider.max;
    this.draw();
  }

  close() {}

  draw() {
    const checkpoint = this.checkpoints[Number(this.slider.value)];
    const steps = format.whole(checkpoint.step);
    setText(this.said, `step ${steps}, ${Number(this.slider.value) + 1} of ${this.checkpoints.length}`);
    this.slider.setAttribute("aria-valuetext", `step ${steps}`);
    this.#drawChoice(checkpoint);
    const shown = checkpoint.pictures.filter((p) => p.replica === this.replica);
    const figures = [...this.grid.children];
    if (figures.length !== shown.length) replace(this.grid, shown.map((p) => h("figure", {}, h("img", { alt: p.title }), h("figcaption", {}))));
    shown.forEach((picture, i) => show(this.grid.children[i], picture, steps));
  }

  #drawChoice({ pictures }) {
    const replicas = [...new Map(pictures.map((p) => [p.replica, p.p]))];
    if (!replicas.some(([replica]) => replica === this.replica)) this.replica = replicas[0][0];
    const drawn = JSON.stringify(replicas);
    if (this.choice.dataset.drawn === drawn) return;
    this.choice.dataset.drawn = drawn;
    replace(this.choice, replicas.length < 2 ? null : select("p", replicas.map(([replica, p]) => [String(replica), format.number(p)]), String(this.replica), (v) => {
      this.replica = Number(v);
      this.draw();
    }));
  }

  #slide() {
    const at = Number(this.slider.value);
    this.at = at === this.checkpoints.length - 1 ? -1 : at;
    this.draw();
  }
}

// show waits for the picture before it takes the place of the one before. A run may have removed the checkpoint meanwhile: then that
// one stays, and the next answer about the run has newer ones.
function show(figure, picture, steps) {
  const [image, caption] = figure.children;
  if (figure.dataset.wanted === picture.url) return;
  figure.dataset.wanted = picture.url;
  const next = new Image();
  next.addEventListener("load", () => {
    if (figure.dataset.wanted !== picture.url) return;
    image.src = picture.url;
    image.alt = `${picture.title} at p = ${format.number(picture.p)} and step ${steps}`;
    setText(caption, `${picture.title}, p = ${format.number(picture.p)}, step ${steps}`);
  });
  next.src = picture.url;
}
