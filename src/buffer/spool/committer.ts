import type { Clock } from "../../core/clock.ts";
import { ConnectionError } from "../../core/error.ts";
import { freeMemory } from "../../lib/free_memory.ts";
import type { Begun } from "./group_commit.ts";
import type { HotRows } from "./hot_rows.ts";
import { type Job, type SealedJob, sealJob } from "./job.ts";
import type { Sealer } from "./seal.ts";
import type { SpoolChunk } from "./spool_chunk.ts";
import type { Forming, SpoolLane } from "./spool_lane.ts";
import type { SpoolState } from "./spool_state.ts";
import type { Writer } from "./writer.ts";

const RETRY_MS = 1000;

export interface CommitterOptions {
  readonly state: Pick<SpoolState, "takeJob" | "finish">;
  readonly sealer: Sealer;
  readonly writer: Pick<Writer, "write" | "isClosing">;
  readonly hot: Pick<HotRows, "add" | "remove" | "isOver">;
  readonly clock: Clock;
  /** Told after each commit. */
  readonly written: () => void;
}

/**
 * Takes what waits to the disk, one commit behind the other. While one is being written the next is sealed already, where
 * there is enough for a whole one.
 */
export class Committer {
  readonly #options: CommitterOptions;
  /** What the commits under way write, the oldest first. */
  readonly #underWay = new Set<readonly Forming[]>();
  #hasGivenUp = false;

  constructor(options: CommitterOptions) {
    this.#options = options;
  }

  /** The chunks that commits under way make or make larger. */
  get forming(): readonly Forming[] {
    return [...this.#underWay].flat();
  }

  /** Takes what waits, seals it, and writes it after `before`. Undefined where nothing waits. Neither promise rejects. */
  begin(before: Promise<void>): Begun | undefined {
    const job = this.#options.state.takeJob();
    if (!job) return undefined;
    this.#underWay.add(job.forming);
    const sealed = this.#seal(job);
    return { sealed: sealed.then(() => {}), written: this.#write(job, sealed, before) };
  }

  /** A defect here must lose nothing: it is tried again, and sources wait. Undefined when the connector stops meanwhile. */
  async #seal(job: Job): Promise<SealedJob | undefined> {
    const { sealer, writer, clock } = this.#options;
    while (true) {
      try {
        return await sealJob(job, sealer);
      } catch (error) {
        reportError(error);
        if (writer.isClosing) return undefined;
        await clock.sleep(RETRY_MS);
      }
    }
  }

  async #write(job: Job, sealed: Promise<SealedJob | undefined>, before: Promise<void>): Promise<void> {
    await before;
    const ready = await sealed;
    if (!ready || this.#hasGivenUp || !(await this.#isWritten(ready))) return this.#giveUp(job);
    const { state, written } = this.#options;
    this.#underWay.delete(job.forming);
    state.finish(ready);
    for (const { sealed: bytes } of ready.change.blobs) freeMemory(bytes);
    for (const { chunk, lane } of job.forming) this.#settle(chunk, lane);
    written();
  }

  async #isWritten({ change }: SealedJob): Promise<boolean> {
    try {
      await this.#options.writer.write(change);
      return true;
    } catch {
      return false; // the connector stops; the writer has reported why it cannot write
    }
  }

  /** Nothing is written any more: what later commits count rests on what this one holds. */
  #giveUp({ forming, letters }: Job): void {
    this.#hasGivenUp = true;
    const reason = new ConnectionError("stopped", "the connector stopped before this was on disk");
    for (const { added } of forming) for (const { receipt } of added) receipt.fail(reason);
    for (const { receipt } of letters) receipt?.fail(reason);
  }

  /** A chunk is on disk: keeps its rows in memory too while there is room, or while more rows may go into it. */
  #settle(chunk: SpoolChunk, lane: SpoolLane): void {
    const { hot } = this.#options;
    if (chunk.isGone || chunk.isSent) return;
    hot.add(chunk);
    for (const each of [chunk.previous, chunk]) {
      if (!each?.packs || !each.isStored || each.isSent || each === lane.queue.peek() || !hot.isOver) continue;
      if (each === lane.queue.tail) continue; // cooled once there is another behind it
      hot.remove(each);
      each.cool();
      lane.coldUpTo = Math.max(lane.coldUpTo, each.lastSeq);
    }
  }
}
