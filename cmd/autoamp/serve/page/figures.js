// Figures that the server draws. The address of a figure is new when the figure is.

import { h, replace } from "./dom.js";

// figures shows files in a box. A figure that is drawn again stays on the page until the new one is loaded.
export function figures(box, files) {
  const drawn = JSON.stringify(files);
  if (box.dataset.drawn === drawn) return;
  box.dataset.drawn = drawn;
  const kept = new Map([...box.querySelectorAll("img")].map((image) => [image.alt, image.closest("figure")]));
  replace(box, files.map((file) => {
    const figure = kept.get(file.name) ?? h("figure", { class: "paper" }, h("a", { target: "_blank", rel: "noopener" }, h("img", { alt: file.name })));
    figure.querySelector("a").href = file.url;
    figure.querySelector("img").src = file.url;
    return figure;
  }));
}
