/**
 * The spool without sources and sinks, and what is beneath it. Prints `{ rows, seconds, cpuSeconds, peakMb, rowBytes,
 * diskBytes }`; `diskBytes` is what the process sent to the disk meanwhile.
 *
 * Words: what to do, a directory, the number of rows, and `compressed` or `plain`. Rows are encoded before. `write` accepts them 1,000 at a time, as fast as it can;
 * `trickle` waits for each of them to be durable before the next; `drain` reads and acknowledges what an earlier `write`
 * left in the directory. `kv-rows` commits the same rows as they are, neither compressed nor encrypted, in values of
 * 60,000 bytes. `kv-write`, `kv-drain` and `file-write` do the least with the bytes that the spool has sealed: commits of
 * as many bytes as the spool's were; reading and deleting them; appending and fdatasync.
 */
import { MQTT } from "../../src/bronze/mod.ts";
import type { Route } from "../../src/buffer/buffer.ts";
import { SpoolBuffer } from "../../src/buffer/spool/mod.ts";
import { laneTo } from "../../src/core/lane.ts";
import { type Reading, totalSizeOf } from "../../src/core/reading.ts";
import { mqttEncoder } from "../../src/sources/mqtt/encode.ts";
import { spoolOptions } from "../fakes/spool.ts";
import { usageOf } from "./cpu.ts";
import { benchReadings, LANE_TABLE, SOURCE } from "./rows.ts";

const BATCH = 1000;
const VALUE_BYTES = 60_000;
/** What a commit of the store can hold, with room for keys. */
const COMMIT_BYTES = 660_000;
const STAMP = { edgeId: "0123456789abcdef0123456789abcdef", bootEpoch: 1, seq: 1, ingestTimeUs: 1767225600000000 };
const NEVER = new AbortController().signal;
const [what = "", home = "", count, compression] = Deno.args;
const total = Number(count);
const lane = laneTo(LANE_TABLE, MQTT.name);
const readings = benchReadings(BATCH);
/** Bytes of the bronze rows that went in or out. */
let rowBytes = 0;

/** Its rows were encoded before, all of them with the same stamp. */
function route(): Route {
  const encode = mqttEncoder(SOURCE as Parameters<typeof mqttEncoder>[0]); // the bench's readings carry no settings
  const rows = new Map<Reading, Uint8Array>(readings.map((reading) => [reading, encode(reading, STAMP)]));
  return { source: SOURCE.name, lane, encode: (reading) => rows.get(reading) ?? new Uint8Array() };
}

function open(bootEpoch = 1): Promise<SpoolBuffer> {
  const limits = { maxBytes: 1e9, maxUnsent: 10_000, maxUnsentBytes: 256e6, commitIntervalMs: 50 };
  return SpoolBuffer.open({ ...spoolOptions(home), ...limits, bootEpoch, isCompressed: compression !== "plain" });
}

/** `perTurn` at a time; `isPatient`: each is waited for. */
async function write(perTurn: number, isPatient: boolean): Promise<void> {
  await using buffer = await open();
  const way = route();
  const some = readings.slice(0, perTurn);
  let last: Promise<void> = Promise.resolve();
  for (let sent = 0; sent < total; sent += perTurn) {
    ({ durable: last } = await buffer.accept({ readings: some, isWithheld: true }, way, NEVER));
    if (isPatient) await last;
  }
  await last;
  rowBytes = some.reduce((sum, reading) => sum + way.encode(reading, STAMP).length, 0) * (total / perTurn);
}

async function drain(): Promise<void> {
  await using buffer = await open(2);
  const stop = new AbortController();
  let read = 0;
  for await (const rows of buffer.next(lane.id, stop.signal)) {
    rowBytes += totalSizeOf(rows);
    read += rows.length;
    await buffer.ack(lane.id, rows.at(-1)?.seq ?? 0);
    if (read >= total) stop.abort();
  }
  await buffer.drained(NEVER);
}

/** Values as one, and how many bytes of them go into one commit. */
interface Content {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly perCommit: number;
}

/** The rows themselves. */
async function plainRows(): Promise<Content> {
  const { encode } = route();
  const once = await new Blob(readings.map((reading) => new Uint8Array(encode(reading, STAMP)))).arrayBuffer();
  const bytes = await new Blob(Array(total / BATCH).fill(once)).arrayBuffer();
  return { bytes: new Uint8Array(bytes), perCommit: COMMIT_BYTES };
}

/** The values that a spool writes for these rows. */
async function sealed(): Promise<Content> {
  await write(BATCH, false);
  using kv = await Deno.openKv(`${home}/spool/spool.db`);
  const chunks = await Array.fromAsync(kv.list<Uint8Array>({ prefix: ["chunk"] }));
  const parts = await Array.fromAsync(kv.list<Uint8Array>({ prefix: ["part"] })); // of chunks that are too long for one value
  const commits = new Set(chunks.map(({ versionstamp }) => versionstamp)).size;
  const values = [...chunks, ...parts].map(({ value }) => value.slice());
  const bytes = new Uint8Array(await new Blob(values).arrayBuffer());
  return { bytes, perCommit: Math.min(COMMIT_BYTES, Math.ceil(bytes.length / commits)) };
}

async function kvWrite(kv: Deno.Kv, { bytes, perCommit }: Content): Promise<void> {
  let id = 0;
  for (let from = 0; from < bytes.length; from += perCommit) {
    const end = Math.min(bytes.length, from + perCommit);
    const atomic = kv.atomic();
    for (let at = from; at < end; at += VALUE_BYTES) {
      atomic.set(["value", id++], bytes.subarray(at, Math.min(end, at + VALUE_BYTES)));
    }
    await atomic.commit();
  }
}

async function kvDrain(kv: Deno.Kv): Promise<void> {
  for await (const { key } of kv.list<Uint8Array>({ prefix: ["value"] }, { batchSize: 10 })) await kv.delete(key);
}

function fileWrite({ bytes, perCommit }: Content): void {
  using file = Deno.openSync(`${home}/plain`, { create: true, append: true });
  for (let from = 0; from < bytes.length; from += perCommit) {
    file.writeSync(bytes.subarray(from, from + perCommit));
    file.syncDataSync();
  }
}

/** What is done before the measurement, and then what is measured. */
async function prepared(): Promise<() => void | Promise<void>> {
  if (what === "write") return () => write(BATCH, false);
  if (what === "trickle") return () => write(1, true);
  if (what === "drain") return drain;
  const content = what === "kv-rows" ? await plainRows() : await sealed();
  if (what === "file-write") return () => fileWrite(content);
  const kv = await Deno.openKv(`${home}/bare.db`);
  if (what !== "kv-drain") return () => kvWrite(kv, content);
  await kvWrite(kv, content);
  return () => kvDrain(kv);
}

const run = await prepared();
const before = usageOf("self");
const startMs = performance.now();
rowBytes = 0;
await run();
const seconds = (performance.now() - startMs) / 1000;
const { cpuSeconds, peakMb, writtenMb } = usageOf("self");
console.log(JSON.stringify({
  rows: total,
  seconds,
  cpuSeconds: cpuSeconds - before.cpuSeconds,
  peakMb,
  rowBytes,
  diskBytes: (writtenMb - before.writtenMb) * 1024 * 1024,
}));
Deno.exit(0);
