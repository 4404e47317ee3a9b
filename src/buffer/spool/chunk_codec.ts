/**
 * Rows as bytes. A chunk's plain text, numbers little-endian, texts UTF-8 behind their length (u32):
 *
 *     edge id: text | runs: u32 | tags: u32 | each tag: text
 *     per run: source u32, rows u32, boot epoch f64, first seq f64, earliest and latest event time f64 (µs)
 *              per row: tag u32, size u32
 *     the rows' bronze bytes, one behind the other
 *
 * A run is rows of one source whose numbers count up without a gap. Sources are numbers of the spool's names.
 */
import type { Arena } from "../arena.ts";
import type { MadeRows } from "../row_index.ts";
import { RowPack } from "../row_pack.ts";
import type { Names } from "./names.ts";

const ENCODER = new TextEncoder();
const RUN_BYTES = 40;
const ROW_BYTES = 8;

export function encodeChunk(packs: readonly RowPack[], names: Names): Uint8Array<ArrayBuffer> {
  const tags = new TagTable(packs, names);
  const runs = runsOf(packs);
  const edgeId = ENCODER.encode(packs[0]?.origin.edgeId ?? "");
  const content = packs.reduce((sum, pack) => sum + pack.bytesIn(0, pack.length), 0);
  const size = 12 + edgeId.length + tags.size + runs.length * RUN_BYTES + tags.indexes.length * ROW_BYTES + content;
  const out = new Out(size);
  out.text(edgeId);
  out.u32(runs.length);
  out.u32(tags.texts.length);
  for (const text of tags.texts) out.text(text);
  let row = 0;
  for (const run of runs) {
    writeRun(out, run, { source: names.numberOf(run[0].origin.source), tags: tags.indexes, row });
    row += lengthOf(run);
  }
  for (const pack of packs) out.bytes(pack.bytesBetween(0, pack.length));
  return out.done();
}

/** Packs that become one run. */
type PackRun = readonly [RowPack, ...RowPack[]];

/** What a source hands over in small pieces is one run: each would be an object with lists of its own once it is read back. */
function runsOf(packs: readonly RowPack[]): PackRun[] {
  const runs: [RowPack, ...RowPack[]][] = [];
  for (const pack of packs) {
    const run = runs.at(-1);
    const last = run?.at(-1);
    if (run && last && isNext(pack, last)) run.push(pack);
    else runs.push([pack]);
  }
  return runs;
}

function isNext({ origin, firstSeq }: RowPack, last: RowPack): boolean {
  const { source, bootEpoch } = last.origin;
  return origin.source === source && origin.bootEpoch === bootEpoch && firstSeq === last.firstSeq + last.length;
}

function lengthOf(run: PackRun): number {
  return run.reduce((sum, { length }) => sum + length, 0);
}

interface RunPlace {
  readonly source: number;
  /** Of all rows of the chunk, and where in them the run begins. */
  readonly tags: readonly number[];
  readonly row: number;
}

function writeRun(out: Out, run: PackRun, { source, tags, row }: RunPlace): void {
  const [{ origin, firstSeq }] = run;
  out.u32(source);
  out.u32(lengthOf(run));
  out.f64(origin.bootEpoch);
  out.f64(firstSeq);
  out.f64(run.reduce((earliest, { fromUs }) => Math.min(earliest, fromUs), Infinity));
  out.f64(run.reduce((latest, { toUs }) => Math.max(latest, toUs), -Infinity));
  let at = row;
  for (const pack of run) {
    for (let i = 0; i < pack.length; i++) {
      out.u32(tags[at++] ?? 0);
      out.u32(pack.bytesIn(i, i + 1));
    }
  }
}

export interface DecodeOptions {
  /** The lane's id. */
  readonly lane: string;
  readonly names: Names;
  /** The rows' memory comes from here. */
  readonly arena: Arena;
}

interface Run {
  readonly source: number;
  readonly bootEpoch: number;
  readonly firstSeq: number;
  readonly fromUs: number;
  readonly toUs: number;
  readonly rows: MadeRows;
}

/** @throws {RangeError} when these are not the bytes of a chunk */
export function decodeChunk(bytes: Uint8Array<ArrayBuffer>, options: DecodeOptions): RowPack[] {
  const input = new In(bytes);
  const edgeId = input.text();
  const runCount = input.u32();
  const tags = Array.from({ length: input.u32() }, () => input.text());
  const runs = Array.from({ length: runCount }, () => readRun(input, tags));
  return runs.map((run) => packOf(run, { ...options, edgeId, input }));
}

function readRun(input: In, tags: readonly string[]): Run {
  const source = input.u32();
  const count = input.u32();
  const [bootEpoch, firstSeq, fromUs, toUs] = [input.f64(), input.f64(), input.f64(), input.f64()];
  return { source, bootEpoch, firstSeq, fromUs, toUs, rows: new RunRows(input.bytes(count * ROW_BYTES), tags) };
}

/** What a run says of each of its rows. */
class RunRows implements MadeRows {
  readonly length: number;
  readonly tags: readonly string[];
  readonly #view: DataView;

  constructor({ buffer, byteOffset, length }: Uint8Array, tags: readonly string[]) {
    this.length = length / ROW_BYTES;
    this.tags = tags;
    this.#view = new DataView(buffer, byteOffset, length);
  }

  tagOf(index: number): number {
    return this.#view.getUint32(index * ROW_BYTES, true);
  }

  sizeOf(index: number): number {
    return this.#view.getUint32(index * ROW_BYTES + 4, true);
  }
}

function packOf(
  run: Run,
  { lane, names, arena, edgeId, input }: DecodeOptions & { edgeId: string; input: In },
): RowPack {
  const { source, bootEpoch, firstSeq, fromUs, toUs, rows } = run;
  const origin = { lane, source: names.nameOf(source), edgeId, bootEpoch };
  let size = 0;
  for (let i = 0; i < rows.length; i++) size += rows.sizeOf(i);
  return RowPack.of(origin, firstSeq, { arena, made: { bytes: input.bytes(size), rows, fromUs, toUs } });
}

/** Each tag of a chunk once, and for each row which it is. */
class TagTable {
  readonly texts: Uint8Array[] = [];
  /** Index of each row's tag, row by row. */
  readonly indexes: number[] = [];
  /** Bytes that it takes in the chunk. */
  size = 0;
  readonly #names: Names;

  constructor(packs: readonly RowPack[], names: Names) {
    this.#names = names;
    const known = new Map<string, number>();
    for (const pack of packs) {
      for (let i = 0; i < pack.length; i++) {
        const tag = pack.tagOf(i);
        this.indexes.push(known.get(tag) ?? this.#add(tag, known));
      }
    }
  }

  #add(tag: string, known: Map<string, number>): number {
    const index = this.texts.length;
    known.set(tag, index);
    const text = this.#names.bytesOf(tag);
    this.texts.push(text);
    this.size += 4 + text.length;
    return index;
  }
}

class Out {
  readonly #bytes: Uint8Array<ArrayBuffer>;
  readonly #view: DataView;
  #at = 0;

  constructor(size: number) {
    this.#bytes = new Uint8Array(size);
    this.#view = new DataView(this.#bytes.buffer);
  }

  u32(value: number): void {
    this.#view.setUint32(this.#at, value, true);
    this.#at += 4;
  }

  f64(value: number): void {
    this.#view.setFloat64(this.#at, value, true);
    this.#at += 8;
  }

  bytes(bytes: Uint8Array): void {
    this.#bytes.set(bytes, this.#at);
    this.#at += bytes.length;
  }

  text(text: Uint8Array): void {
    this.u32(text.length);
    this.bytes(text);
  }

  done(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(0, this.#at);
  }
}

class In {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array<ArrayBuffer>) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  u32(): number {
    this.#at += 4;
    return this.#view.getUint32(this.#at - 4, true);
  }

  f64(): number {
    this.#at += 8;
    return this.#view.getFloat64(this.#at - 8, true);
  }

  bytes(size: number): Uint8Array {
    if (this.#at + size > this.#bytes.length) throw new RangeError("the chunk ends too early");
    this.#at += size;
    return this.#bytes.subarray(this.#at - size, this.#at);
  }

  text(): string {
    return new TextDecoder().decode(this.bytes(this.u32()));
  }
}
