import type { LedgerSnapshot } from "../ledger.ts";
import type { FoundLetter, LaneLevel, MissingRange, SpoolDesk, SpoolKey } from "./desk.ts";
import { readLetter } from "./letter_reader.ts";
import { type LetterRecord, letterRecordKey } from "./letters.ts";
import { readMissing } from "./missing_records.ts";
import type { Sealer } from "./seal.ts";
import type { SpoolState } from "./spool_state.ts";
import type { Store } from "./store.ts";
import { type Verified, verifyLane } from "./verify.ts";

/** An open spool. */
export interface OpenSpool {
  readonly state: SpoolState;
  readonly store: Store;
  readonly sealer: Sealer;
}

/** Looks at a spool without changing it, whether a connector works with it meanwhile or not. */
export class SpoolView implements SpoolDesk {
  readonly #spool: OpenSpool;
  readonly #ledger: () => LedgerSnapshot;

  /** `ledger`: what is where at this moment. */
  constructor(spool: OpenSpool, ledger: () => LedgerSnapshot) {
    this.#spool = spool;
    this.#ledger = ledger;
  }

  ledger(): LedgerSnapshot {
    return this.#ledger();
  }

  lanes(): readonly LaneLevel[] {
    const levels = [...this.#spool.state.lanes].map(({ id, queue }) => {
      const chunks = [...queue.segments()];
      const oldestUs = Math.min(...chunks.map(({ fromUs }) => fromUs));
      return {
        lane: id,
        rows: chunks.reduce((sum, { liveCount }) => sum + liveCount, 0),
        bytes: chunks.reduce((sum, { bytes }) => sum + bytes, 0),
        oldestUs: Number.isFinite(oldestUs) ? oldestUs : undefined,
      };
    });
    return levels.filter(({ bytes }) => bytes > 0);
  }

  async *verify(): AsyncIterable<Verified> {
    const { state, store, sealer } = this.#spool;
    for (const lane of state.lanes) yield* verifyLane(lane, { store, sealer, names: state.names });
    for await (const { id, letter } of this.letters()) {
      yield { kind: "letter", name: `dead letter ${id}`, rows: 0, ...(letter ? {} : { fault: "it does not open" }) };
    }
  }

  async *letters(): AsyncIterable<FoundLetter> {
    const records = [...await this.records()].reverse();
    for (const [id, record] of records) {
      const found = await this.#found(id, record);
      if (found.letter || await this.letterRecord(id)) yield found; // not one that went meanwhile
    }
  }

  async letter(id: number): Promise<FoundLetter | undefined> {
    const record = await this.letterRecord(id);
    return record && await this.#found(id, record);
  }

  async letterIds(): Promise<readonly number[]> {
    return [...(await this.records()).keys()];
  }

  async *missing(): AsyncIterable<MissingRange> {
    const { store, state: { names } } = this.#spool;
    for await (const entry of store.list(["missing"])) {
      const range = readMissing(entry, names);
      if (range) yield range;
    }
    for (const { row, timeUs } of (await this.records()).values()) {
      if (!row) continue;
      const [table, seq] = row;
      yield { table: names.nameOf(table), firstSeq: seq, lastSeq: seq, reason: "dead_letter", timeUs: timeUs ?? 0 };
    }
  }

  keys(): readonly SpoolKey[] {
    const { keyIds, keyId } = this.#spool.sealer;
    const others = [...keyIds].filter((id) => id !== keyId);
    return [keyId, ...others].map((id) => ({ id, isCurrent: id === keyId }));
  }

  /** What the store says of each letter, by id, in the order of ids. */
  async records(): Promise<ReadonlyMap<number, LetterRecord>> {
    const entries = await Array.fromAsync(this.#spool.store.list(["letter"]));
    return new Map(entries.map(({ key, value }) => [Number(key[1]), value as LetterRecord])); // written by `sealJob`
  }

  async letterRecord(id: number): Promise<LetterRecord | undefined> {
    return await this.#spool.store.get(letterRecordKey(id)) as LetterRecord | undefined ?? undefined; // as above
  }

  async #found(id: number, record: LetterRecord): Promise<FoundLetter> {
    const source = this.#spool.state.names.nameOf(record.source);
    return { id, source, letter: await readLetter(id, record, this.#spool).catch(() => undefined) };
  }
}
