import { homeWarnings } from "../app/home_owners.ts";
import { proxyOf, readExtraRoots } from "../app/network.ts";
import { CONFIG_FILE, type LoadedConfig } from "../config/mod.ts";
import {
  hostSteps,
  isWell,
  lanesOf,
  type Progress,
  runSteps,
  secretStep,
  sourceSteps,
  type Step,
  type StepResult,
  type StepState,
  ZerobusSteps,
} from "../doctor/mod.ts";
import { VERSION } from "../lib/version.ts";
import { type Call, type Command, EXIT, type Terminal } from "./command.ts";
import { loadOrExplain } from "./load.ts";
import { lookDeps } from "./look_deps.ts";
import { printable, printableJson, printableLines } from "./printable.ts";
import { secretStores } from "./secret_stores.ts";

/** `doctor`: every outside dependency, step by step; nothing is sent, and nothing but a probe file is written. */
export const doctor: Command = {
  name: "doctor",
  usage: "[--json]",
  summary: "test host, network, workspace, tables and devices step by step; no row is sent",
  options: { json: { type: "boolean" } },
  async run(call, terminal) {
    using stores = secretStores(call, terminal);
    const loaded = await loadOrExplain(call, terminal, stores.storeOf);
    if (!loaded) return EXIT.badConfig;
    using steps = await stepsFor(loaded, call, terminal);
    const store = stores.current ? [secretStep(stores.current)] : [];
    const results: StepResult[] = [];
    const isJson = call.flags.json === true;
    for await (
      const progress of runSteps([...store, ...steps.all], { clock: terminal.clock, signal: terminal.stopping })
    ) {
      if (progress.kind === "done") results.push(progress.result);
      if (!isJson) tell(progress, terminal);
    }
    const healthy = isWell(results);
    if (isJson) terminal.out(`${printableJson({ version: VERSION, healthy, steps: results })}\n`);
    else terminal.out(`\n${summaryOf(results)}\n`);
    return healthy ? EXIT.ok : EXIT.failed;
  },
};

interface AllSteps extends Disposable {
  readonly all: readonly Step[];
}

async function stepsFor(loaded: LoadedConfig, call: Call, terminal: Terminal): Promise<AllSteps> {
  const { config, sources } = loaded;
  const { home, configFile: file = CONFIG_FILE } = call;
  const { clock } = terminal;
  const { disk_spool } = config.backpressure;
  const places = { home, file, spool: disk_spool.path, key: disk_spool.encryption_key_path, uid: Deno.uid() };
  const sourceCount = sources.length;
  const host = hostSteps({ config, home, clock, warnings: homeWarnings(places), sourceCount });
  const devices = sourceSteps({ sources, clock, depsFor: (source) => lookDeps(source, { call, loaded, terminal }) });
  const zerobus = config.zerobus.enabled ? await zerobusOf(loaded, call, terminal) : undefined;
  return {
    all: [...host, ...zerobus?.steps ?? [], ...devices],
    [Symbol.dispose]: () => zerobus?.[Symbol.dispose](),
  };
}

async function zerobusOf(loaded: LoadedConfig, { home }: Call, { clock }: Terminal): Promise<ZerobusSteps> {
  const { config } = loaded;
  return new ZerobusSteps({
    settings: config.zerobus,
    lanes: lanesOf(loaded),
    clock,
    version: VERSION,
    extraRoots: await readExtraRoots(config, home),
    proxy: proxyOf(config),
  });
}

const WORD: Readonly<Record<StepState, string>> = { ok: "ok", warn: "WARN", fail: "FAIL", skipped: "skip" };

function tell(progress: Progress, { out }: Terminal): void {
  if (progress.kind === "begun") return;
  const { state, title, measured, cause, remedy } = progress.result;
  out(`${WORD[state].padEnd(5)} ${printable(title)}: ${printable(measured)}\n`);
  if (cause !== undefined && state !== "ok") out(`      ${printable(cause)}\n`);
  if (remedy === undefined) return;
  out(`      ${printable(remedy.what)}\n`);
  if (remedy.copy !== undefined) out(`${printableLines(indented(remedy.copy))}\n`);
}

function indented(text: string): string {
  return text.split("\n").map((line) => line === "" ? "" : `        ${line}`).join("\n");
}

function summaryOf(results: readonly StepResult[]): string {
  const count = (state: StepState) => results.filter((result) => result.state === state).length;
  const skipped = count("skipped");
  const rest = skipped > 0 ? `, ${skipped} not tried` : "";
  return `${count("ok")} ok, ${count("warn")} with a warning, ${count("fail")} failed${rest}.`;
}
