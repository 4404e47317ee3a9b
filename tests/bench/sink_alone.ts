/**
 * Our sink with rows that were encoded before. Prints `{ rows, seconds, cpuSeconds, peakMb }`.
 * Words: the home directory, and the number of rows.
 */
import { MQTT } from "../../src/bronze/mod.ts";
import { loadConfig } from "../../src/config/mod.ts";
import { laneTo } from "../../src/core/lane.ts";
import type { Row } from "../../src/core/reading.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { ZerobusWorkspace } from "../../src/sinks/zerobus/workspace.ts";
import { mqttEncoder } from "../../src/sources/mqtt/encode.ts";
import { FakeLogger } from "../fakes/logger.ts";
import { usageOf } from "./cpu.ts";
import { benchReadings, LANE_TABLE, SOURCE } from "./rows.ts";

const BATCH = 1000;
/** Sends that wait for their acknowledgement at most. */
const MAX_OPEN = 50;
const home = Deno.args[0] ?? "";
const total = Number(Deno.args[1]);

const lane = laneTo(LANE_TABLE, MQTT.name);
const encode = mqttEncoder(SOURCE as Parameters<typeof mqttEncoder>[0]); // the bench's readings carry no settings
const identity = { edgeId: "0123456789abcdef0123456789abcdef", bootEpoch: 1 };
const rows: Row[] = benchReadings(BATCH).map((reading, i) => {
  const stamp = { ...identity, seq: i + 1, ingestTimeUs: 1767225600000000 };
  return { ...stamp, lane: lane.id, source: SOURCE.name, tag: reading.tag, bytes: encode(reading, stamp) };
});

const { config } = await loadConfig({ home, env: Deno.env.get, readTextFile: Deno.readTextFile });
const workspace = new ZerobusWorkspace(config.zerobus, {
  clock: systemClock,
  log: new FakeLogger(),
  version: "bench",
  home,
  extraRoots: Deno.readTextFileSync(`${home}/certs/workspace.pem`),
  proxy: undefined,
  report: () => {},
});
const sink = workspace.sink(lane, MQTT as never); // only its name and fields are read
const { signal } = new AbortController();
await sink.connect(signal);

const before = usageOf("self");
const startMs = performance.now();
const open: Promise<unknown>[] = [];
for (let sent = 0; sent < total; sent += BATCH) {
  open.push(sink.send(rows, signal));
  if (open.length >= MAX_OPEN) await open.shift();
}
await Promise.all(open);
const seconds = (performance.now() - startMs) / 1000;
const after = usageOf("self");
console.log(JSON.stringify({
  rows: total,
  seconds,
  cpuSeconds: after.cpuSeconds - before.cpuSeconds,
  peakMb: after.peakMb,
}));
await sink[Symbol.asyncDispose]();
Deno.exit(0);
