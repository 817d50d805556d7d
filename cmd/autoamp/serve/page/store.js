// The list of everything, kept up to date by the server's events.

import { get } from "./api.js";

// Store tells its listeners "change" with the set of IDs that changed (null: any may have), and "live" with a word for the connection.
export class Store extends EventTarget {
  rows = [];
  dirs = [];
  note = "";
  version = null;
  chosen = new Set(); // IDs to compare
  #events = null;

  constructor() {
    super();
    document.addEventListener("visibilitychange", () => (document.hidden ? this.close() : this.open()));
  }

  async load() {
    const list = await get("/api/list");
    Object.assign(this, { rows: list.rows, dirs: list.dirs, note: list.note, version: list.version });
    this.#tell("change", null);
  }

  // open listens. A browser has six connections for a server, so a page that is not seen gives its own back.
  open() {
    if (this.#events || document.hidden) return;
    const events = new EventSource("/api/events");
    this.#events = events;
    events.addEventListener("open", () => this.#tell("live", "live"));
    events.addEventListener("error", () => this.#tell("live", "connection lost, trying again"));
    events.addEventListener("change", (event) => this.#merge(JSON.parse(event.data)));
  }

  close() {
    this.#events?.close();
    this.#events = null;
  }

  of(id) {
    return this.rows.filter((row) => row.id === id);
  }

  #merge(change) {
    const first = change.rows.length === 0 && change.removed.length === 0;
    if (first) {
      if (change.version !== this.version) this.load().catch(() => this.#tell("live", "connection lost, trying again"));
      return;
    }
    this.version = change.version;
    const changed = new Set([...change.removed, ...change.rows.map((row) => row.id)]);
    this.rows = merged(this.rows, change.rows, changed);
    for (const id of change.removed) this.chosen.delete(id);
    this.#tell("change", changed);
  }

  #tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}

// merged puts the fresh rows of an ID where its old ones were, and the rows of new IDs at the end.
function merged(old, fresh, changed) {
  const byID = Map.groupBy(fresh, (row) => row.id);
  const rows = [];
  for (const row of old) {
    if (!changed.has(row.id)) rows.push(row);
    else if (byID.has(row.id)) {
      rows.push(...byID.get(row.id));
      byID.delete(row.id);
    }
  }
  return rows.concat(...byID.values());
}
