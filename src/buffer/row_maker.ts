import type { Clock } from "../core/clock.ts";
import { DecodeError, type EdgeError, reasonOf } from "../core/error.ts";
import type { Lane } from "../core/lane.ts";
import type { Reading, Stamp } from "../core/reading.ts";
import type { Arena } from "./arena.ts";
import type { Route } from "./buffer.ts";
import type { Payload } from "./dead_letters.ts";
import { type PackOrigin, RowPack } from "./row_pack.ts";

export interface RowMakerOptions {
  readonly edgeId: string;
  readonly bootEpoch: number;
  readonly clock: Clock;
  /** Memory of a lane's rows. */
  readonly arenaOf: (lane: string) => Arena;
  /** A pack that holds so many bytes takes no further row; a larger row is alone in its pack. */
  readonly maxPackBytes: number;
  /** A reading whose row is larger is buried. */
  readonly maxRowBytes: number;
}

/** A row whose bytes are made already. */
export interface MadeRow extends Reading {
  readonly bytes: Uint8Array;
}

/** Takes a reading that cannot be written as a row, or may not be accepted as one. */
export type Bury = (reading: Reading, why: EdgeError, content: Payload) => void;

/** Makes rows of readings: gives each its `seq`, encodes it, and packs it with its neighbours. */
export class RowMaker {
  readonly #options: RowMakerOptions;
  readonly #nextSeq: Map<string, number>;

  /** `nextSeq`: per table, where it is not 1. */
  constructor(options: RowMakerOptions, nextSeq: ReadonlyMap<string, number> = new Map()) {
    this.#options = options;
    this.#nextSeq = new Map(nextSeq);
  }

  /** The number of the table's next row. */
  nextOf(table: string): number {
    return this.#nextSeq.get(table) ?? 1;
  }

  /** The readings as packs, in order; those that cannot be rows are buried and get no number. */
  make(readings: readonly Reading[], route: Route, bury: Bury): readonly RowPack[] {
    const { edgeId, bootEpoch, clock, arenaOf, maxPackBytes } = this.#options;
    const { lane, source } = route;
    const origin = { lane: lane.id, source, edgeId, bootEpoch };
    const times = { ingestTimeUs: clock.nowUs(), clockDoubt: clock.doubt?.() };
    const stamp = { edgeId, bootEpoch, seq: this.nextOf(lane.table), ...times };
    const arena = arenaOf(lane.id);
    const packs: RowPack[] = [];
    let pack: RowPack | undefined;
    let packed = 0;
    for (const reading of readings) {
      const bytes = this.#tryEncode(reading, stamp, { route, bury });
      if (!bytes) continue;
      packed += bytes.length;
      if (packed > maxPackBytes || !pack?.add(reading, bytes)) {
        pack = new RowPack(origin, stamp.seq, { arena, firstBytes: bytes.length });
        pack.add(reading, bytes);
        packs.push(pack);
        packed = bytes.length;
      }
      stamp.seq++;
    }
    this.#nextSeq.set(lane.table, stamp.seq);
    return packs;
  }

  /** Rows that were made before, behind what was made since: their bytes stay, their places in the lane are new. */
  again(lane: Lane, origin: Omit<PackOrigin, "lane">, rows: readonly MadeRow[]): readonly RowPack[] {
    const arena = this.#options.arenaOf(lane.id);
    let seq = this.nextOf(lane.table);
    const packs: RowPack[] = [];
    let packed = 0;
    for (const row of rows) {
      packed += row.bytes.length;
      if (packed > this.#options.maxPackBytes || !packs.at(-1)?.add(row, row.bytes)) {
        const pack = new RowPack({ ...origin, lane: lane.id }, seq, { arena, firstBytes: row.bytes.length });
        pack.add(row, row.bytes);
        packs.push(pack);
        packed = row.bytes.length;
      }
      seq++;
    }
    this.#nextSeq.set(lane.table, seq);
    return packs;
  }

  #tryEncode(reading: Reading, stamp: Stamp, { route, bury }: { route: Route; bury: Bury }): Uint8Array | undefined {
    try {
      const bytes = route.encode(reading, stamp);
      const fault = this.#tooLarge(bytes) ?? route.fault?.(bytes);
      if (!fault) return bytes;
      bury(reading, fault, { payload: bytes.slice(), message: route.lane.message }); // hundreds of rows share the memory of one
    } catch (error) {
      const why = new DecodeError("encode_failed", `This reading cannot be written as a row: ${reasonOf(error)}`);
      bury(reading, why, { payload: new TextEncoder().encode(Deno.inspect(reading)) });
    }
  }

  #tooLarge({ length }: Uint8Array): DecodeError | undefined {
    const { maxRowBytes } = this.#options;
    if (length <= maxRowBytes) return undefined;
    const text = `This row has ${length} bytes, and max_record_mb allows ${maxRowBytes}`;
    return new DecodeError("record_too_large", text);
  }
}
