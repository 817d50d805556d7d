// A line that says what went wrong, and is not there while nothing did.

import { h, setText } from "./dom.js";

export class Alert {
  element = h("p", { class: "alert", role: "alert", hidden: true });

  say = (text) => {
    setText(this.element, text);
    this.element.hidden = text === "";
  };
}
