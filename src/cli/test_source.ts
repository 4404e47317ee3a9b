import type { LoadedConfig, SourceEntry } from "../config/mod.ts";
import { sampleSource } from "../service/sample_source.ts";
import { BadTags } from "./bad_tags.ts";
import { type Call, type Command, EXIT, type Terminal } from "./command.ts";
import { loadOrExplain } from "./load.ts";
import { lookDeps } from "./look_deps.ts";
import { named } from "./named_source.ts";
import { printable, printableJson } from "./printable.ts";
import { jsonLines, tableHead, tableLines } from "./sample_text.ts";
import { secretStores } from "./secret_stores.ts";

const DEFAULT_SECONDS = 5;

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
    using stores = secretStores(call, terminal);
    const loaded = await loadOrExplain(call, terminal, stores.storeOf);
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

async function show(source: SourceEntry, { call, terminal, loaded, signal }: Showing): Promise<number> {
  const { spec, config, alternates } = source;
  const { out, err, hasRoom } = terminal;
  const bad = new BadTags();
  const deps = await lookDeps(source, { call, loaded, terminal, report: (event) => bad.heard(event) });
  const isJson = call.flags.json === true;
  let count = 0;
  let endpoint = config.endpoint;
  const connected = (where: string) => endpoint = where;
  if (!isJson) out(tableHead());
  try {
    const places = [config, ...alternates];
    for await (const batch of sampleSource({ spec, places, deps, signal, connected })) {
      out(isJson ? jsonLines(batch) : tableLines(batch));
      for (const sample of batch.samples) bad.seen(sample);
      for (const { tag, reason } of batch.refused) err(`refused: ${printable(`${tag}: ${reason}`)}\n`);
      count += batch.samples.length;
      await hasRoom();
    }
  } finally {
    tellBad(bad, { isJson, terminal });
  }
  const hint = count > 0 ? "" : " Is the address of what is read right, and does it change within this time?";
  err(`${printable(`${count} values from ${config.name} at ${endpoint}.${hint}`)}\n`);
  return count > 0 ? EXIT.ok : EXIT.failed;
}

/** The tags that are bad at the end, each with its reason; as JSON they stand among the values. */
function tellBad(bad: BadTags, { isJson, terminal: { out, err } }: { isJson: boolean; terminal: Terminal }): void {
  const tags = bad.list();
  if (isJson) { for (const { tag, reason } of tags) out(`${printableJson({ tag, no_value: reason })}\n`); }
  else for (const { tag, reason } of tags) err(`no value: ${printable(`${tag}: ${reason}`)}\n`);
  if (bad.isCut) err(`And further tags give no value: only the first ${tags.length} are listed.\n`);
}

function refuse(why: string, { err }: Terminal): number {
  err(`${printable(why)}\n`);
  return EXIT.usage;
}
