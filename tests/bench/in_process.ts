/**
 * The whole connector with a source in its own process that is never out of readings.
 * Prints `{ rows, seconds, cpuSeconds, peakMb }`. Words: the home directory, and the number of rows.
 */
import { startApp } from "../../src/app.ts";
import { loadConfig } from "../../src/config/mod.ts";
import type { Batch } from "../../src/core/reading.ts";
import type { Source, SourceSpec } from "../../src/core/source.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { mqtt } from "../../src/sources/mqtt/spec.ts";
import { usageOf } from "./cpu.ts";
import { benchReadings, SOURCE } from "./rows.ts";

const BATCH = 1000;
const home = Deno.args[0] ?? "";
const total = Number(Deno.args[1]);
const readings = benchReadings(BATCH);
const done = Promise.withResolvers<void>();

/** MQTT's rows without MQTT. */
const spec: SourceSpec = { ...mqtt, load: () => Promise.resolve({ create: () => new EndlessSource() }) };

class EndlessSource implements Source {
  async connect(): Promise<void> {}

  async *batches(signal: AbortSignal): AsyncIterable<Batch> {
    let acked = 0;
    const ack = () => {
      acked += BATCH;
      if (acked === total) done.resolve();
    };
    for (let given = 0; given < total; given += BATCH) {
      yield { readings, isWithheld: true, ack, nack: (reason) => done.reject(reason) };
    }
    await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}

const loaded = await loadConfig({ home, env: Deno.env.get, readTextFile: Deno.readTextFile });
const source = {
  spec,
  config: SOURCE,
  isEnabled: true,
  table: null,
  alternates: [],
  rateLimit: { requests_per_second: null, readings_per_second: null },
};
const before = usageOf("self");
const startMs = performance.now();
const app = await startApp({
  loaded: { ...loaded, sources: [source] },
  home,
  clock: systemClock,
  random: Math.random,
  write: () => {},
});
await done.promise;
const seconds = (performance.now() - startMs) / 1000;
const after = usageOf("self");
console.log(JSON.stringify({
  rows: total,
  seconds,
  cpuSeconds: after.cpuSeconds - before.cpuSeconds,
  peakMb: after.peakMb,
}));
await app.stop();
await app[Symbol.asyncDispose]();
Deno.exit(0);
