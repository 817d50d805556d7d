// Work that follows changes: asked for often, done once at a time.

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
