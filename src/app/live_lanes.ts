import { MESSAGES } from "../bronze/mod.ts";
import type { Buffer } from "../buffer/buffer.ts";
import { type Lane, laneNamed } from "../core/lane.ts";
import type { Logger } from "../core/logger.ts";
import type { Forwarder, Pipeline } from "../pipeline/mod.ts";
import type { Target, Targets } from "./targets.ts";

export interface LiveLanesOptions {
  readonly pipeline: Pick<Pipeline, "add" | "remove">;
  readonly targets: Pick<Targets, "add" | "remove">;
  readonly buffer: Pick<Buffer, "lanes">;
  readonly log: Logger;
  readonly forward: (lane: Lane, target: Target) => Forwarder;
}

/** The lanes that run now: those of the sources, and those in which rows of others still wait. */
export class LiveLanes {
  readonly #options: LiveLanesOptions;
  readonly #ids = new Set<string>();
  readonly #unknown = new Set<string>();

  constructor(options: LiveLanesOptions) {
    this.#options = options;
  }

  get ids(): readonly string[] {
    return [...this.#ids];
  }

  /** Begins a lane, unless it runs. */
  add(lane: Lane): void {
    if (this.#ids.has(lane.id) || !this.#isKnown(lane)) return;
    this.#ids.add(lane.id);
    const { pipeline, targets, forward } = this.#options;
    pipeline.add(forward(lane, targets.add(lane)));
  }

  /** Rows of an earlier start go to their tables although no source writes there any more. */
  addWaiting(): void {
    for (const id of this.#options.buffer.lanes()) this.add(laneNamed(id));
  }

  /** Ends the lanes that are not `needed` and in which no row waits. Says which they were. */
  async sweep(needed: ReadonlySet<string>): Promise<readonly string[]> {
    const { pipeline, targets, buffer } = this.#options;
    const waiting = new Set(buffer.lanes());
    const idle = this.ids.filter((id) => !needed.has(id) && !waiting.has(id));
    for (const id of idle) {
      await pipeline.remove(id);
      await targets.remove(id);
      this.#ids.delete(id);
    }
    this.addWaiting(); // rows may have come meanwhile, by a replay
    return idle.filter((id) => !this.#ids.has(id));
  }

  /** Rows of a message that this version does not know stay where they are: a newer version has put them there. */
  #isKnown({ id, message }: Lane): boolean {
    if (MESSAGES.some(({ name }) => name === message)) return true;
    if (this.#unknown.has(id)) return false;
    this.#unknown.add(id);
    const sentence = `Rows to ${id} wait in the spool: only a newer version of the connector can send them`;
    this.#options.log.log("warn", sentence, { lane: id });
    return false;
  }
}
