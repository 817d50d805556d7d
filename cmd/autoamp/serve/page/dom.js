// Elements are made here and nowhere else. Texts become text nodes, so a name that looks like markup is shown as text.

// h makes an HTML element: h("a", {href: "#/", onclick: f}, "text", child, null). Children that are null are left out.
export function h(tag, properties = {}, ...children) {
  return fill(document.createElement(tag), properties, children);
}

// svg makes an SVG element.
export function svg(tag, properties = {}, ...children) {
  return fill(document.createElementNS("http://www.w3.org/2000/svg", tag), properties, children);
}

function fill(element, properties, children) {
  for (const [name, value] of Object.entries(properties)) set(element, name, value);
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

function set(element, name, value) {
  if (value === null || value === undefined || value === false) return;
  if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
  else if (name === "value" || name === "checked" || name === "indeterminate") element[name] = value;
  else if (name === "style") Object.assign(element.style, value); // through the object model: the policy refuses the attribute
  else element.setAttribute(name, value === true ? "" : value);
}

// replace puts children in place of those of an element.
export function replace(element, ...children) {
  element.replaceChildren(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
}

// setText changes a text only where it differs, so that a reader of the screen is not told twice.
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

// back leads to the list.
export function back() {
  return h("a", { class: "back", href: "#/" }, h("span", { "aria-hidden": "true" }, "‹ "), "Runs");
}

// panel is a section with a heading.
export function panel(title, properties, ...children) {
  return h("section", { ...properties, class: properties.class ? `panel ${properties.class}` : "panel" }, h("h2", {}, title), ...children);
}

// scrolling is a box for what may be wider than the page; the keyboard can scroll it.
export function scrolling(label, ...children) {
  return h("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": label }, ...children);
}

// select is a labelled choice of [value, text] pairs.
export function select(label, options, value, onchange) {
  const choice = h("select", { onchange: (event) => onchange(event.target.value) },
    options.map(([v, text]) => h("option", { value: v, selected: v === value }, text)));
  return h("label", { class: "field" }, h("span", {}, label), choice);
}

// toggle is a labelled box to tick.
export function toggle(label, checked, onchange) {
  return h("label", { class: "check" }, h("input", { type: "checkbox", checked, onchange: (event) => onchange(event.target.checked) }), label);
}
