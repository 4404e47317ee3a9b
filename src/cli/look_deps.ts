import { edgeIdOf } from "../app/edge_id.ts";
import { certificateRulesOf, readExtraRoots } from "../app/network.ts";
import type { LoadedConfig, SourceEntry } from "../config/mod.ts";
import type { SourceDeps, SourceEvent } from "../core/source.ts";
import { depsFor } from "../service/deps_for.ts";
import type { Call, Terminal } from "./command.ts";
import { problemsTo } from "./problems.ts";

export interface LookOptions {
  readonly call: Pick<Call, "home">;
  readonly loaded: LoadedConfig;
  readonly terminal: Terminal;
  /** Told what the session reports. */
  readonly report?: (event: SourceEvent) => void;
}

/** What a command gives a session with a source's peer: it keeps nothing, and a person sees what goes wrong. */
export async function lookDeps(source: SourceEntry, options: LookOptions): Promise<SourceDeps> {
  const { call: { home }, loaded, terminal: { clock, random, err }, report = () => {} } = options;
  const extraRoots = await readExtraRoots(loaded.config, home);
  const edgeId = edgeIdOf(home, clock);
  const certificateRules = certificateRulesOf(loaded.config);
  return depsFor(source, { clock, random, log: problemsTo(err), home, edgeId, extraRoots, certificateRules, report });
}
