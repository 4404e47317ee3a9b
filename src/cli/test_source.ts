import { edgeIdOf } from "../app/edge_id.ts";
import { readExtraRoots } from "../app/network.ts";
import type { LoadedConfig, SourceEntry } from "../config/mod.ts";
import type { SourceEvent } from "../core/source.ts";
import { type Sample, type SampleBatch, sampleSource } from "../service/sample_source.ts";
import { type Call, type Command, EXIT, type Terminal } from "./command.ts";
import { loadOrExplain } from "./load.ts";
import { named } from "./named_source.ts";
import { printable, printableJson } from "./printable.ts";
import { problemsTo } from "./problems.ts";

const DEFAULT_SECONDS = 5;
const MAX_CELL = 200;
const WIDTHS = { time: 24, tag: 40, value: 24, unit: 8, status: 16 } as const;

/** `test-source`: what does this device say? Nothing is sent. */
export const testSource: Command = {
  name: "test-source",
  usage: "NAME [--seconds N] [--json]",
  summary: "connect to one source, read it and print what it says; nothing is sent",
  operands: 1,
  options: { seconds: { type: "string" }, json: { type: "boolean" } },
  async run(call, terminal) {
    const seconds = Number(call.flags.seconds ?? DEFAULT_SECONDS);
    if (!(seconds > 0 && seconds <= 3600)) return refuse("--seconds must be a number from 0 to 3600.", terminal);
    const loaded = await loadOrExplain(call, terminal);
    if (!loaded) return EXIT.badConfig;
    const source = named(call, loaded.sources);
    if (typeof source === "string") return refuse(source, terminal);
    const signal = AbortSignal.any([terminal.stopping, AbortSignal.timeout(seconds * 1000)]);
    return await show(source, { call, terminal, loaded, signal });
  },
};

interface Showing {
  readonly call: Call;
  readonly terminal: Terminal;
  readonly loaded: LoadedConfig;
  readonly signal: AbortSignal;
}

async function show({ spec, config }: SourceEntry, { call, terminal, loaded, signal }: Showing): Promise<number> {
  const { clock, random, out, err } = terminal;
  const extraRoots = await readExtraRoots(loaded.config, call.home);
  const log = problemsTo(err);
  const edgeId = edgeIdOf(call.home, clock);
  const report = (event: SourceEvent) => {
    if (event.kind === "tag_failed") err(`no value: ${printable(`${event.tag}: ${event.reason}`)}\n`);
  };
  const deps = { clock, random, log, home: call.home, edgeId, extraRoots, report };
  const print = call.flags.json ? (batch: SampleBatch) => printJson(batch, out) : table(out);
  let count = 0;
  for await (const batch of sampleSource({ spec, config, deps, signal })) {
    print(batch);
    count += batch.samples.length;
    for (const { tag, reason } of batch.refused) err(`refused: ${printable(`${tag}: ${reason}`)}\n`);
  }
  const hint = count > 0 ? "" : " Is the address of what is read right, and does it change within this time?";
  err(`${printable(`${count} values from ${config.name} at ${config.endpoint}.${hint}`)}\n`);
  return count > 0 ? EXIT.ok : EXIT.failed;
}

function printJson({ samples }: SampleBatch, out: (text: string) => void): void {
  for (const sample of samples) out(`${printableJson(sample)}\n`);
}

/** Prints a head line first, then a line per sample. */
function table(out: (text: string) => void): (batch: SampleBatch) => void {
  const line = (sample: Sample) =>
    Object.entries(WIDTHS).map(([key, width]) => cell(sample[key as keyof Sample]).padEnd(width)).join(" ")
      .trimEnd();
  out(`${line({ time: "time", tag: "tag", value: "value", unit: "unit", status: "status" })}\n`);
  return ({ samples }) => out(samples.map((sample) => `${line(sample)}\n`).join(""));
}

function cell(text: string): string {
  return printable(text.slice(0, MAX_CELL));
}

function refuse(why: string, { err }: Terminal): number {
  err(`${printable(why)}\n`);
  return EXIT.usage;
}
