import type { Clock } from "../../core/clock.ts";
import { ConfigError, SpoolFullError } from "../../core/error.ts";
import { type Lane, laneNamed } from "../../core/lane.ts";
import { type Row, sizeOf } from "../../core/reading.ts";
import { abortable } from "../../lib/condition.ts";
import type { DeadLetter } from "../dead_letters.ts";
import { Arena } from "../arena.ts";
import type { LedgerSnapshot } from "../ledger.ts";
import { PendingReceipt } from "../receipt.ts";
import type { RowMaker } from "../row_maker.ts";
import { RowPack } from "../row_pack.ts";
import { type Carried, CarrierReader, CarrierWriter } from "./carrier.ts";
import { readChunk } from "./chunk_reader.ts";
import type { FoundLetter, MissingRange, Progress, Replacement, Sealing, SpoolTools } from "./desk.ts";
import type { GroupCommit } from "./group_commit.ts";
import { addKey, settleKeyFiles } from "./key_file.ts";
import type { Meta } from "./load.ts";
import type { SpoolChunk } from "./spool_chunk.ts";
import type { SpoolLane } from "./spool_lane.ts";
import { type OpenSpool, SpoolView } from "./spool_view.ts";

/** The source that rows from another connector count under. */
const IMPORT = "import";
/** What a full spool was exported into must go into one like it: chunks are cut otherwise there, and frames have heads. */
const IMPORT_MARGIN = 1.1;
/** Rows that are taken in and wait for a commit. */
const MAX_PENDING_BYTES = 2 * 1024 * 1024;

export interface ToolboxDeps {
  readonly spool: OpenSpool & { readonly meta: Meta };
  readonly keyPath: string;
  readonly maxBytes: number;
  readonly maxRowBytes: number;
  readonly rows: RowMaker;
  readonly commits: GroupCommit;
  readonly clock: Clock;
  readonly ledger: () => LedgerSnapshot;
  /** Whether rows of another connector may come into this lane; absent: into every one. */
  readonly mayImport?: (lane: Lane) => boolean;
  /** Told of a lane that rows come to by other ways than from a source. */
  readonly onLane: (lane: string) => void;
  /** From now on the lane's rows go to disk, where they may stay in memory: what is put in must not be overtaken. */
  readonly toDisk: (lane: SpoolLane) => void;
}

/** A letter that opens. */
interface FoundWhole extends FoundLetter {
  readonly letter: DeadLetter;
}

/** What takes the place of a dead letter. */
interface Instead {
  readonly lane: Lane;
  readonly packs: readonly RowPack[];
}

/** Changes a spool while a connector works with it, in the same commits as the connector's own changes. */
export class Toolbox extends SpoolView implements SpoolTools {
  readonly #deps: ToolboxDeps;
  /** What is being exported, imported or sealed anew now: one of these at a time. */
  #work: string | undefined;

  constructor(deps: ToolboxDeps) {
    super(deps.spool, deps.ledger);
    this.#deps = deps;
  }

  override async *missing(signal?: AbortSignal): AsyncIterable<MissingRange> {
    await this.#deps.commits.flush(signal); // what was noted since the last commit too
    yield* super.missing();
  }

  async purge(ids: Iterable<number>, signal?: AbortSignal): Promise<number> {
    const { spool: { state }, commits } = this.#deps;
    await commits.flush(signal); // one that is on its way to the disk may be among them
    let count = 0;
    for (const id of new Set(ids)) {
      while (state.isCrowded) await commits.settled(signal);
      count += state.letters.purge([id]);
      commits.wake();
    }
    await commits.flush(signal);
    return count;
  }

  async replay(id: number, replacement?: Replacement, signal?: AbortSignal): Promise<number> {
    const { spool: { state }, commits } = this.#deps;
    const found = await this.letter(id);
    if (!found) throw new ConfigError("no_dead_letter", `There is no dead letter ${id}`);
    const { letter, source } = found;
    if (!letter) throw refused(id, "it cannot be read: it was changed, or the disk is damaged");
    if (state.liveBytes >= this.#deps.maxBytes) {
      throw new SpoolFullError("spool_full", "The spool is full: replay dead letters when rows have left it");
    }
    while (state.isCrowded) await commits.settled(signal);
    if (!state.letters.hold(id)) throw refused(id, "it is on its way already, or gone");
    return await this.#push(id, this.#instead({ id, letter, source }, replacement), signal);
  }

  async *export(path: string, sealing: Sealing, signal: AbortSignal): AsyncIterable<Progress> {
    using _work = this.#begin("export");
    const { spool: { state, sealer }, commits, clock } = this.#deps;
    const lanes = [...state.lanes];
    using _held = hold(lanes);
    await this.#allOnDisk(lanes, signal);
    using file = await CarrierWriter.create(path, sealer, sealing);
    const chosen = lanes.flatMap((lane) => unsent(lane).map((chunk) => ({ lane, chunk })));
    const of = chosen.reduce((sum, { chunk }) => sum + chunk.liveCount, 0);
    const written: typeof chosen = [];
    let done = 0;
    for (const each of chosen) {
      const rows = each.chunk.liveCount;
      const carried = await this.#carried(each.lane, each.chunk);
      if (carried) {
        await file.add(carried);
        written.push(each);
        done += rows;
      }
      yield { done, of };
      signal.throwIfAborted();
    }
    await file.finish();
    // Whoever has the file needs the key: it is not to go with the last chunk that it sealed.
    if (sealing.passphrase === undefined) state.note({ key: ["exported_with", sealer.keyId], value: clock.nowUs() });
    await this.#letGo(written);
    await commits.flush();
  }

  async *import(path: string, sealing: Sealing, signal: AbortSignal): AsyncIterable<Progress> {
    using _work = this.#begin("import");
    const { spool: { state, sealer }, commits, clock } = this.#deps;
    using file = await CarrierReader.open(path, sealer, sealing);
    const key = ["imported", file.id];
    const name = sealing.shownAs ?? path;
    await this.#refuseImported(name, key);
    const arena = new Arena({ isReused: true });
    const of = 2 * file.bytes;
    for await (const { lane, packs, at } of file.chunks(arena)) {
      this.#refuseForeign(name, laneNamed(lane), packs);
      for (const pack of packs) pack.release();
      signal.throwIfAborted();
      yield { done: at, of };
    }
    this.#refuseTooMuch(name, file.bytes);
    const receipt = new PendingReceipt();
    for await (const { lane, packs, at } of file.chunks(arena)) {
      while (state.isCrowded || state.pendingBytes > MAX_PENDING_BYTES) await commits.settled(signal);
      signal.throwIfAborted();
      for (const pack of packs) this.#takeIn(laneNamed(lane), pack, receipt);
      yield { done: file.bytes + at, of };
    }
    receipt.close();
    await abortable(receipt.durable, signal);
    state.note({ key, value: clock.nowUs() });
    await commits.flush(signal);
    yield { done: of, of };
  }

  async rotateKey(signal?: AbortSignal): Promise<string> {
    using _work = this.#begin("change of keys");
    const { spool: { state, sealer, meta }, keyPath, commits } = this.#deps;
    const keyId = await addKey(keyPath, sealer);
    sealer.use(keyId);
    state.names.touch();
    state.note({ key: ["meta"], value: { ...meta, keyId } });
    await commits.flush(signal);
    settleKeyFiles(keyPath, { sealer, needed: sealer.keyIds });
    return keyId;
  }

  #begin(work: string): Disposable {
    if (this.#work) throw new ConfigError("busy", `A ${this.#work} is under way: wait for its end, and try again`);
    this.#work = work;
    return { [Symbol.dispose]: () => this.#work = undefined };
  }

  /** Waits until nothing of these lanes is in memory alone. */
  async #allOnDisk(lanes: readonly SpoolLane[], signal: AbortSignal): Promise<void> {
    const { commits, toDisk } = this.#deps;
    for (const lane of lanes) toDisk(lane);
    await commits.flush(signal);
    while (lanes.some(({ kept }) => kept.size > 0)) await commits.settled(signal);
  }

  async #refuseImported(name: string, key: Deno.KvKey): Promise<void> {
    const earlier = await this.#deps.spool.store.get(key);
    if (typeof earlier !== "number") return;
    const when = new Date(earlier / 1000).toISOString();
    throw new ConfigError("imported_before", `${name} was taken in before, on ${when}: nothing was done`);
  }

  #refuseTooMuch(name: string, bytes: number): void {
    const { spool: { state }, maxBytes } = this.#deps;
    if (state.liveBytes + bytes <= maxBytes * IMPORT_MARGIN) return;
    const least = Math.ceil((state.liveBytes + bytes) / 1024 / 1024);
    const text =
      `${name} has ${bytes} bytes, and with it the spool would have ${least} MB, more than max_size_mb allows`;
    throw new SpoolFullError(
      "spool_full",
      `${text}: wait until rows have left it, or set max_size_mb to ${least} or more`,
    );
  }

  /** A file says itself where its rows are to go. */
  #refuseForeign(name: string, lane: Lane, packs: readonly RowPack[]): void {
    const { spool: { state }, mayImport, maxRowBytes } = this.#deps;
    const isThere = [...state.lanes].some(({ id }) => id === lane.id);
    if (mayImport && !isThere && !mayImport(lane)) {
      const text = `${name} holds rows for the table ${lane.table}, and this connector writes none there`;
      throw new ConfigError("import_foreign", `${text}: nothing was taken in`);
    }
    const isLarge = packs.some((pack) =>
      Array.from(pack.rows(0, pack.length)).some((row) => sizeOf(row) > maxRowBytes)
    );
    if (isLarge) {
      throw new ConfigError("import_too_large", `${name} holds rows above max_record_mb: nothing was taken in`);
    }
  }

  /** Puts packs into a lane in the place of a dead letter. */
  async #push(id: number, { lane, packs }: Instead, signal: AbortSignal | undefined): Promise<number> {
    const { spool: { state }, commits, clock, onLane, toDisk } = this.#deps;
    const receipt = new PendingReceipt();
    const at = state.lane(lane.id);
    const acceptedAtMs = clock.monotonicMs();
    toDisk(at);
    packs.forEach((pack, i) => {
      receipt.open();
      const isLast = i === packs.length - 1;
      // Those before the last count as new: a kill before the last one's commit leaves the letter, and no row is lost.
      if (!isLast) state.ledger.count(pack.origin.source, "received", pack.length);
      state.push(
        at,
        { pack, receipt, acceptedAtMs, isWithheld: true, ...(isLast ? { replaces: id } : {}) },
        lane.table,
      );
    });
    receipt.close();
    commits.wake();
    onLane(lane.id);
    await (signal ? abortable(receipt.durable, signal) : receipt.durable);
    return packs.reduce((sum, { length }) => sum + length, 0);
  }

  /** What takes the place of a letter: its own row, or what replaces it. */
  #instead(found: FoundWhole, replacement: Replacement | undefined): Instead {
    try {
      return replacement ? this.#replacing(found, replacement) : this.#asItWas(found);
    } catch (error) {
      this.#deps.spool.state.letters.letGo(found.id);
      throw error;
    }
  }

  #replacing({ id, letter, source }: FoundWhole, { route, readings }: Replacement): Instead {
    const packs = this.#made(id, { route: { ...route, source }, readings });
    if ("row" in letter.content) this.#replaced(letter.content.row);
    return { lane: route.lane, packs };
  }

  #asItWas({ id, letter }: FoundWhole): Instead {
    const row = "row" in letter.content ? letter.content.row : undefined;
    if (!row) throw refused(id, "it holds a message, and no row");
    return { lane: laneNamed(row.lane), packs: this.#again(row, letter.time) };
  }

  #made(id: number, { route, readings }: Replacement): readonly RowPack[] {
    const faults: string[] = [];
    const packs = this.#deps.rows.make(readings, route, (_, { message }) => faults.push(message));
    if (faults.length === 0 && packs.length > 0) return packs;
    for (const pack of packs) this.#unused(route.lane.table, pack);
    throw refused(id, faults[0] ?? "nothing would come of it");
  }

  #again({ lane, source, edgeId, bootEpoch, seq, tag, bytes }: Row, eventTimeUs: number): readonly RowPack[] {
    const { rows } = this.#deps;
    const packs = rows.again(laneNamed(lane), { source, edgeId, bootEpoch }, [{ tag, eventTimeUs, bytes }]);
    for (const pack of packs) this.#renumbered(laneNamed(lane).table, pack);
    this.#missing(laneNamed(lane).table, { firstSeq: seq, lastSeq: seq, reason: "replayed" });
    return packs;
  }

  /** Another row takes the place of this one. */
  #replaced({ lane, seq }: Row): void {
    this.#missing(laneNamed(lane).table, { firstSeq: seq, lastSeq: seq, reason: "replaced" });
  }

  /** The rows in a chunk that are still needed. Undefined where it does not open: its reader will find that out. */
  async #carried(lane: SpoolLane, chunk: SpoolChunk): Promise<Carried | undefined> {
    const { state: { names }, store, sealer } = this.#deps.spool;
    const arena = new Arena({ isReused: false });
    const read = chunk.packs
      ? { packs: chunk.packs }
      : await readChunk(chunk, lane.id, { store, sealer, names, arena });
    if (!("packs" in read)) return undefined;
    return { lane: lane.id, packs: read.packs.flatMap((pack) => neededOf(pack, chunk, arena)) };
  }

  /** What is in a file that is whole goes, counted as exported. */
  async #letGo(written: readonly { readonly lane: SpoolLane; readonly chunk: SpoolChunk }[]): Promise<void> {
    const { spool: { state }, commits, clock } = this.#deps;
    for (const { lane, chunk } of written) {
      while (state.isCrowded) await commits.settled();
      if (chunk.isGone) continue; // dropped by the policy meanwhile, and counted so
      for (const [source, rows] of chunk.live) state.ledger.count(state.names.nameOf(source), "exported", rows);
      state.remove(lane, chunk, { reason: "exported", timeUs: clock.nowUs() });
    }
  }

  #takeIn(lane: Lane, pack: RowPack, receipt: PendingReceipt): void {
    const { spool: { state }, rows, commits, clock, onLane, toDisk } = this.#deps;
    toDisk(state.lane(lane.id));
    const { edgeId, bootEpoch } = pack.origin;
    const made = Array.from({ length: pack.length }, (_, i) => (
      { tag: pack.tagOf(i), eventTimeUs: pack.fromUs, bytes: pack.bytesOf(i) }
    ));
    state.ledger.count(IMPORT, "received", pack.length);
    for (const own of rows.again(lane, { source: IMPORT, edgeId, bootEpoch }, made)) {
      Object.assign(own, { fromUs: pack.fromUs, toUs: pack.toUs }); // of each row nobody knows it any more
      this.#renumbered(lane.table, own);
      receipt.open();
      state.push(state.lane(lane.id), { pack: own, receipt, acceptedAtMs: clock.monotonicMs() }, lane.table);
    }
    pack.release();
    commits.wake();
    onLane(lane.id);
  }

  /** Rows that bring an identity of their own need a place in the lane, whose number then arrives in no row. */
  #renumbered(table: string, { firstSeq, length }: RowPack): void {
    this.#missing(table, { firstSeq, lastSeq: firstSeq + length - 1, reason: "renumbered" });
  }

  #unused(table: string, pack: RowPack): void {
    this.#renumbered(table, pack);
    pack.release();
  }

  #missing(table: string, range: { firstSeq: number; lastSeq: number; reason: string }): void {
    const { spool: { state }, clock } = this.#deps;
    state.missing(table, { ...range, timeUs: clock.nowUs() });
  }
}

/** Nobody reads from the lanes until it is disposed. */
function hold(lanes: readonly SpoolLane[]): Disposable {
  for (const lane of lanes) lane.isHeld = true;
  return {
    [Symbol.dispose]() {
      for (const lane of lanes) {
        lane.isHeld = false;
        lane.queue.arrival.wake();
      }
    },
  };
}

/** Chunks on disk that are not on their way; they do not grow any more. */
function unsent({ queue }: SpoolLane): SpoolChunk[] {
  const chunks = [...queue.segments()].filter(({ isStored, isSent, isGrowing }) => isStored && !isSent && !isGrowing);
  for (const chunk of chunks) chunk.wasSent = true;
  return chunks;
}

/** The runs of a pack that are still needed, as packs of their own. */
function neededOf(pack: RowPack, chunk: SpoolChunk, arena: Arena): RowPack[] {
  const { firstSeq, length, origin, fromUs, toUs } = pack;
  const packs: RowPack[] = [];
  let open: RowPack | undefined;
  for (let i = 0; i < length; i++) {
    if (!chunk.has(firstSeq + i)) {
      open = undefined;
      continue;
    }
    const row = { tag: pack.tagOf(i), eventTimeUs: fromUs };
    const bytes = pack.bytesOf(i);
    if (open?.add(row, bytes)) continue;
    open = new RowPack(origin, firstSeq + i, { arena, firstBytes: bytes.length });
    open.add(row, bytes);
    open.toUs = toUs;
    packs.push(open);
  }
  return packs;
}

function refused(id: number, why: string): ConfigError {
  return new ConfigError("not_replayed", `Dead letter ${id} cannot be replayed: ${why}`);
}
