import { ConnectionError, RejectedError } from "../../core/error.ts";
import { type Row, type Rows, sizeOf } from "../../core/reading.ts";
import type { RejectedRow, SendResult, Sink } from "../../core/sink.ts";
import { abortable } from "../../lib/condition.ts";
import type { StreamOpener } from "./opener.ts";
import { MAX_ROW_BYTES, pack, SendCall } from "./parcel.ts";
import { Shard, type ShardOptions } from "./shard.ts";

export interface SinkOptions extends Omit<ShardOptions, "failed"> {
  readonly opener: StreamOpener;
  /** How many streams share the lane's rows. */
  readonly shards: number;
}

/**
 * The way of one lane to its table. Rows are spread over the shards by tag, so that the order of each tag holds; when
 * one shard fails all of them stop, and every unresolved `send` rejects.
 */
export class ZerobusSink implements Sink {
  readonly #options: SinkOptions;
  readonly #calls = new Set<SendCall>();
  #shards: readonly Shard[] = [];
  #isDisposed = false;

  constructor(options: SinkOptions) {
    this.#options = options;
  }

  async connect(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.#isDisposed) throw closed();
    if (this.#shards.length > 0) return;
    const shards = Array.from({ length: this.#options.shards }, () => this.#makeShard());
    const started = await Promise.allSettled(shards.map((shard) => shard.start(signal)));
    const refused = started.find((result) => result.status === "rejected");
    // One that started first may have ended again before the last one started.
    const failure = refused ? refused.reason : shards.find((shard) => shard.failure !== undefined)?.failure;
    if (failure === undefined && !this.#isDisposed) {
      this.#shards = shards;
      return;
    }
    for (const shard of shards) shard.stop(closed());
    throw failure ?? closed();
  }

  send(rows: Rows, signal: AbortSignal): Promise<SendResult> {
    // Not an async function: rows must be in line before the caller's next call.
    if (signal.aborted) return Promise.reject(signal.reason);
    const shards = this.#shards;
    if (shards.length === 0) return Promise.reject(notConnected(this.#options.lane.table));
    const call = new SendCall(rows.length);
    this.#calls.add(call);
    const { fitting, rejected } = this.#sift(rows);
    this.#spread(call, fitting, shards);
    for (const { row, reason } of rejected) call.rejected(row, reason);
    return this.#outcome(call, signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isDisposed = true;
    const shards = this.#shards;
    await Promise.all(shards.map((shard) => shard.close()));
    this.#fail(shards, closed());
  }

  async #outcome(call: SendCall, signal: AbortSignal): Promise<SendResult> {
    try {
      return await abortable(call.done, signal);
    } catch (error) {
      if (signal.aborted) this.#fail(this.#shards, givenUp());
      throw error;
    } finally {
      this.#calls.delete(call);
    }
  }

  #makeShard(): Shard {
    const failed = (error: unknown) => this.#fail(this.#shards.includes(shard) ? this.#shards : [], error);
    const shard: Shard = new Shard({ ...this.#options, failed });
    return shard;
  }

  /** Stops these shards, which are all there are, and leaves every unresolved call in doubt. */
  #fail(shards: readonly Shard[], error: unknown): void {
    if (shards.length === 0) return;
    this.#shards = [];
    for (const shard of shards) shard.stop(error);
    for (const call of this.#calls) call.fail(error);
  }

  /** Takes out the rows that this table can never take, before they are sent. */
  #sift(rows: Rows): { fitting: Rows; rejected: readonly RejectedRow[] } {
    const rejected: RejectedRow[] = [];
    for (const row of rows) {
      const why = this.#misfit(row);
      if (why !== undefined) rejected.push({ row, reason: new RejectedError("row_does_not_fit", why) });
    }
    if (rejected.length === 0) return { fitting: rows, rejected };
    const refused = new Set(rejected.map(({ row }) => row.seq));
    return { fitting: [...rows].filter((row) => !refused.has(row.seq)), rejected };
  }

  #misfit(row: Row): string | undefined {
    const { lane, opener } = this.#options;
    const start = `The row of tag ${row.tag} does not fit table ${lane.table}`;
    if (sizeOf(row) > MAX_ROW_BYTES) return `${start}: it has ${sizeOf(row)} bytes, and Zerobus takes ${MAX_ROW_BYTES}`;
    try {
      const why = opener.plan.misfit(row.bytes);
      return why && `${start}: ${why}`;
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      return `${start}: it is no protobuf message (${error.message})`;
    }
  }

  #spread(call: SendCall, rows: Rows, shards: readonly Shard[]): void {
    const groups = shards.length === 1 ? [rows] : byShard(rows, shards.length);
    shards.forEach((shard, index) => {
      for (const parcel of pack(call, groups[index] ?? [])) shard.enqueue(parcel);
    });
  }
}

function byShard(rows: Rows, shards: number): Row[][] {
  const groups: Row[][] = Array.from({ length: shards }, () => []);
  for (const row of rows) groups[tagHash(row) % shards]?.push(row);
  return groups;
}

/** FNV-1a (draft-eastlake-fnv), of source and tag. */
function tagHash({ source, tag }: Row): number {
  let hash = 0x811c9dc5;
  for (const text of [source, "\0", tag]) {
    for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  }
  return hash >>> 0;
}

function notConnected(table: string): ConnectionError {
  return new ConnectionError("zerobus_not_connected", `There is no Zerobus stream to ${table}: connect first`);
}

function closed(): ConnectionError {
  return new ConnectionError("zerobus_closed", "The Zerobus sink was closed");
}

function givenUp(): ConnectionError {
  return new ConnectionError("zerobus_send_given_up", "An earlier send on the same Zerobus stream was given up");
}
