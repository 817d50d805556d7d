// Figures that the server draws. They are asked for again when what they show has changed.

import { h, replace } from "./dom.js";

// figures shows files in a box; version is a text that differs when they do.
export function figures(box, files, version) {
  const drawn = JSON.stringify([files, version]);
  if (box.dataset.drawn === drawn) return;
  box.dataset.drawn = drawn;
  const kept = new Map([...box.querySelectorAll("img")].map((image) => [image.dataset.url, image.closest("figure")]));
  replace(box, files.map((file) => {
    const figure = kept.get(file.url) ?? h("figure", { class: "paper" }, h("a", { href: file.url, target: "_blank", rel: "noopener" }, h("img", { "data-url": file.url, alt: file.name })));
    figure.querySelector("img").src = `${file.url}?${new URLSearchParams({ v: version })}`;
    return figure;
  }));
}
