// Work that follows changes: asked for often, done once at a time.

import { Alert } from "./alert.js";

// Latest calls work(signal); asked again meanwhile, it calls once more afterwards. Between two calls it rests for pause milliseconds.
export class Latest {
  #work;
  #pause;
  #busy = false;
  #again = false;
  #stopped = new AbortController();

  constructor(work, pause = 500) {
    this.#work = work;
    this.#pause = pause;
  }

  async ask() {
    this.#again = true;
    if (this.#busy) return;
    this.#busy = true;
    while (this.#again && !this.#stopped.signal.aborted) {
      this.#again = false;
      await this.#work(this.#stopped.signal);
      await new Promise((resolve) => setTimeout(resolve, this.#pause));
    }
    this.#busy = false;
  }

  stop() {
    this.#stopped.abort();
  }
}

// View is a page that follows one thing by its id: it asks again when that changed, until it is closed. A view has fetch(signal).
export class View {
  constructor(id) {
    this.id = id;
    this.alert = new Alert();
    this.work = new Latest(guarded((signal) => this.fetch(signal), this.alert.say), 1000);
  }

  change(ids) {
    if (!ids || ids.has(this.id)) this.work.ask();
  }

  close() {
    this.work.stop();
  }
}

// guarded calls work and says what went wrong; a request that was given up says nothing.
export function guarded(work, say) {
  return async (signal) => {
    try {
      await work(signal);
      say("");
    } catch (error) {
      if (!signal.aborted) say(error.message);
    }
  };
}
