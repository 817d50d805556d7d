// The page: its routes, and what stands above every view.

import { h, replace, setText } from "./dom.js";
import { Store } from "./store.js";
import { darkness } from "./palette.js";
import * as list from "./list.js";
import * as run from "./run.js";
import * as compare from "./compare.js";
import * as sweep from "./sweep.js";
import * as reproduce from "./reproduce.js";

// A view has show(main, route, store), which returns {change(ids), close()}. change is called when rows of the list changed.
const views = { "": list, run, compare, sweep, reproduce };

const store = new Store();
const main = document.getElementById("main");
let view = null;

// parse reads a route: #/run/ID?key=value.
function parse() {
  const [path, search] = location.hash.replace(/^#\/?/, "").split("?", 2);
  const [name, id] = path.split("/").map(decodeURIComponent);
  return { name, id, parameters: new URLSearchParams(search ?? "") };
}

function navigate() {
  if (location.hash === "#main") return;
  view?.close();
  view = null;
  const route = parse();
  const module = views[route.name];
  replace(main);
  document.title = "autoamp";
  if (module) view = module.show(main, route, store);
  else replace(main, h("p", { class: "note" }, "There is no such page. ", h("a", { href: "#/" }, "All runs")));
}

// moved draws the new view and brings the keyboard and the reader of the screen to it.
function moved() {
  if (location.hash === "#main") return;
  navigate();
  main.focus({ preventScroll: true });
  scrollTo(0, 0);
}

store.addEventListener("change", (event) => {
  setText(document.getElementById("dirs"), store.dirs.join(", "));
  view?.change(event.detail);
});
store.addEventListener("live", (event) => {
  const live = document.getElementById("live");
  setText(live, event.detail);
  live.classList.toggle("lost", event.detail !== "live");
});
addEventListener("hashchange", moved);
darkness.addEventListener("change", navigate); // charts are drawn with the colours of the moment

try {
  await store.load();
  const ids = new Set(store.rows.map((row) => row.id));
  if (location.hash === "" && ids.size === 1 && store.rows[0].kind === "run") location.replace(`#/run/${store.rows[0].id}`);
} catch (error) {
  setText(document.getElementById("live"), error.message);
}
navigate();
store.open();
