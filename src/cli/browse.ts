import type { SourceEntry } from "../config/mod.ts";
import type { SourceDeps } from "../core/source.ts";
import { allChildren, openBrowse, type Wanted } from "../service/browse_source.ts";
import { asJson, asYaml } from "./browse_text.ts";
import { type Call, type Command, EXIT, type Terminal } from "./command.ts";
import { loadOrExplain } from "./load.ts";
import { lookDeps } from "./look_deps.ts";
import { named } from "./named_source.ts";
import { printable } from "./printable.ts";
import { secretStores } from "./secret_stores.ts";

const DEFAULT_SECONDS = "5";
const DEFAULT_MOST = "1000";
const MAX_MOST = 100_000;
const MORE = " There are more: --most N shows N of them.";
const STOPPED = " It was stopped before the end.";

/** `browse`: what is there to read? Nothing is sent, and nothing is changed at the device. */
export const browse: Command = {
  name: "browse",
  usage: "NAME [--under ID] [--seconds N] [--most N] [--json]",
  summary: "list what a source's device, server or broker has, as entries for the configuration",
  operands: 1,
  options: {
    under: { type: "string" },
    seconds: { type: "string" },
    most: { type: "string" },
    json: { type: "boolean" },
  },
  async run(call, terminal) {
    const wanted = wantedOf(call.flags);
    if (typeof wanted === "string") return refuse(wanted, terminal);
    using stores = secretStores(call, terminal);
    const loaded = await loadOrExplain(call, terminal, stores.storeOf);
    if (!loaded) return EXIT.badConfig;
    const source = named(call, loaded.sources);
    if (typeof source === "string") return refuse(source, terminal);
    const deps = await lookDeps(source, { call, loaded, terminal });
    return await showNodes(source, { wanted, isJson: call.flags.json === true, deps, terminal });
  },
};

function wantedOf({ under, seconds = DEFAULT_SECONDS, most = DEFAULT_MOST }: Call["flags"]): Wanted | string {
  const listenMs = Number(seconds) * 1000;
  if (!(listenMs > 0 && listenMs <= 3_600_000)) return "--seconds must be a number from 0 to 3600.";
  const count = Number(most);
  if (!(Number.isInteger(count) && count >= 1 && count <= MAX_MOST)) {
    return `--most must be a whole number from 1 to ${MAX_MOST}.`;
  }
  return { under: under?.toString(), listenMs, most: count };
}

export interface Showing {
  readonly wanted: Wanted;
  readonly isJson: boolean;
  readonly deps: SourceDeps;
  readonly terminal: Terminal;
}

/** Connects to the source's peer and prints what lies under a place. Resolves with the exit code. */
export async function showNodes(source: SourceEntry, showing: Showing): Promise<number> {
  const { spec, alternates } = source;
  const { wanted, isJson, deps, terminal: { out, err, stopping, hasRoom } } = showing;
  const places = [source.config, ...alternates] as const;
  const { session: opened, config } = await openBrowse({ spec, places, deps, signal: stopping });
  await using session = opened;
  const write = isJson ? asJson : asYaml();
  let count = 0;
  let isCut = false;
  for await (const page of allChildren(session, wanted, { clock: deps.clock, signal: stopping })) {
    for (const node of page.nodes) out(write(node));
    await hasRoom();
    count += page.nodes.length;
    isCut = page.isCut;
  }
  const where = wanted.under === undefined ? config.endpoint : `${wanted.under} at ${config.endpoint}`;
  const more = isCut ? MORE : stopping.aborted ? STOPPED : "";
  err(`${printable(`${count} found under ${where}.${more}`)}\n`);
  return count > 0 ? EXIT.ok : EXIT.failed;
}

function refuse(why: string, { err }: Terminal): number {
  err(`${printable(why)}\n`);
  return EXIT.usage;
}
