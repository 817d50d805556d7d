// The end of a run's log.

import { h, panel, setText } from "./dom.js";
import { get, query } from "./api.js";

const first = 16 << 10;
const most = 1 << 20;

export class LogPanel {
  constructor(id) {
    this.id = id;
    this.bytes = first;
    this.text = h("pre", { class: "log", tabindex: 0, role: "region", "aria-label": "Log" });
    this.more = h("button", { hidden: true, onclick: () => this.#longer() }, "Earlier lines");
    this.element = panel("Log", {}, this.more, this.text);
  }

  async fetch(signal) {
    const log = await get(query(`/api/run/${encodeURIComponent(this.id)}/log`, { bytes: this.bytes }), signal);
    const bottom = this.text.scrollTop + this.text.clientHeight >= this.text.scrollHeight - 8;
    setText(this.text, log.lines.join("\n") || "Nothing was logged.");
    this.more.hidden = !log.cut || this.bytes >= most;
    if (bottom) this.text.scrollTop = this.text.scrollHeight; // who reads further up stays there
  }

  close() {}

  #longer() {
    this.bytes = Math.min(most, 4 * this.bytes);
    this.onask();
  }
}
