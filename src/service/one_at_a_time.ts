import { ConfigError } from "../core/error.ts";

/** As many may wait; who comes then is sent away. */
const MAX_WAITING = 8;

/** Does one task after the other, in the order in which they came. */
export class OneAtATime {
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  /** @throws {ConfigError} `change_busy` when too many wait @throws what the task throws */
  async run<T>(task: () => Promise<T>): Promise<T> {
    if (this.#waiting > MAX_WAITING) {
      throw new ConfigError("change_busy", "Other changes of the configuration are under way: try again in a moment");
    }
    this.#waiting++;
    const done = this.#last.then(task);
    this.#last = done.catch(() => {/* whoever asked for it is told */});
    return await done.finally(() => this.#waiting--);
  }
}
