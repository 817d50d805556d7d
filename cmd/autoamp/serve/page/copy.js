// A command with a button that copies it.

import { h, setText } from "./dom.js";

export function command(text) {
  const code = h("code", { tabindex: 0, role: "region", "aria-label": "Command" }, text);
  const button = h("button", { onclick: () => copy(code, button) }, "Copy");
  return h("div", { class: "command" }, code, button);
}

// copy falls back to selecting the text: browsers lend the clipboard to pages of this machine and to secure ones only.
async function copy(code, button) {
  try {
    await navigator.clipboard.writeText(code.textContent);
    setText(button, "Copied");
  } catch {
    getSelection().selectAllChildren(code);
    setText(button, "Selected");
  }
  setTimeout(() => setText(button, "Copy"), 2000);
}
