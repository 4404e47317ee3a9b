import type { Pace } from "../../core/source.ts";
import type { DataChange } from "./decode.ts";
import { statusIn } from "./errors.ts";
import type { OperationLimits } from "./operation_limits.ts";
import type { PolledNode } from "./read_response.ts";

export interface ValueReadsOptions {
  /** Not known before the server has been asked. */
  readonly limits: Pick<OperationLimits, "read">;
  readonly pace: Pace | undefined;
  /** One call. */
  read(nodes: readonly PolledNode[]): Promise<DataChange>;
}

/** Reads the values of many nodes, in as few calls as the server takes, each when its turn has come. */
export class ValueReads {
  readonly #options: ValueReadsOptions;
  /** The most nodes in one call, where the server has shown that it takes fewer than it states. */
  #most = Infinity;

  constructor(options: ValueReadsOptions) {
    this.#options = options;
  }

  /** The answers, each as it comes. @throws what the library throws, and the signal's reason */
  async *of(nodes: readonly PolledNode[], signal: AbortSignal): AsyncGenerator<DataChange> {
    const { limits, pace } = this.#options;
    for (let at = 0; at < nodes.length;) {
      const some = nodes.slice(at, at + Math.min(this.#most, limits.read));
      await pace?.turn(signal);
      signal.throwIfAborted();
      const values = await this.#readOrAskForLess(some);
      if (!values) continue;
      at += some.length;
      yield values;
    }
  }

  /** Undefined where the server takes fewer at once: half as many are asked for from now on. */
  async #readOrAskForLess(nodes: readonly PolledNode[]): Promise<DataChange | undefined> {
    try {
      return await this.#options.read(nodes);
    } catch (error) {
      if (statusIn(error) !== "BadTooManyOperations" || nodes.length === 1) throw error;
      this.#most = Math.ceil(nodes.length / 2);
      return undefined;
    }
  }
}
