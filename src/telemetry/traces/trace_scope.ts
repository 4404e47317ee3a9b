import { AsyncLocalStorage } from "node:async_hooks";
import type { TraceContext } from "../../lib/tracing.ts";

/** Where something happens. */
export interface Within {
  readonly context: TraceContext;
  /** What was begun in a span may go on long after it, a connection for one, and is no part of it then. */
  isOver(): boolean;
}

/** Knows in which span the running code is, over all that it awaits. */
export class TraceScope {
  readonly #storage = new AsyncLocalStorage<Within>();

  run<T>(within: Within, work: () => T): T {
    return this.#storage.run(within, work);
  }

  /** Undefined: in none. */
  get current(): TraceContext | undefined {
    const within = this.#storage.getStore();
    return within === undefined || within.isOver() ? undefined : within.context;
  }
}
