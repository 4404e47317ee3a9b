/** Sending alone: the bare loop, the whole connector with a source in its own process, and sinks with rows made before. */
import { encodeDescriptor } from "../../src/bronze/descriptor.ts";
import { MQTT } from "../../src/bronze/mod.ts";
import { mqttEncoder } from "../../src/sources/mqtt/encode.ts";
import { V8_FLAGS } from "../../tools/v8_flags.ts";
import { PYTHON } from "../peers/provision.ts";
import { makeHome } from "./connector.ts";
import type { Result } from "./result.ts";
import { benchReadings, LANE_TABLE, SOURCE } from "./rows.ts";
import type { BenchWorkspace } from "./workspace.ts";

const ROWS = 1_000_000;
const BATCH = 1000;

/** The measure for the rest. */
export function bareLoop(workspace: BenchWorkspace, name: string): Promise<Result> {
  return runScript(name, "bare_loop.ts", JSON.stringify(workspace), String(ROWS));
}

/** With the spool. */
export function inProcess(workspace: BenchWorkspace, name: string): Promise<Result> {
  return withHome(workspace, (home) => runScript(name, "in_process.ts", home, String(ROWS)));
}

export function inMemory(workspace: BenchWorkspace, name: string): Promise<Result> {
  const settings = "backpressure: { disk_spool: { enabled: false } }\n";
  return withHome(workspace, (home) => runScript(name, "in_process.ts", home, String(ROWS)), settings);
}

export function sinkAlone(workspace: BenchWorkspace, name: string): Promise<Result> {
  return withHome(workspace, (home) => runScript(name, "sink_alone.ts", home, String(ROWS)));
}

/** The SDK for Python, which is a Rust library beneath. It gets rows like ours, and a descriptor of the same columns. */
export async function officialSdk(workspace: BenchWorkspace, name: string): Promise<Result> {
  const fields = MQTT.fields.map(({ name, number, type }) => ({ name, number, type, isRequired: false }));
  const encode = mqttEncoder(SOURCE as Parameters<typeof mqttEncoder>[0]); // the bench's readings carry no settings
  const stamp = { edgeId: "0123456789abcdef0123456789abcdef", bootEpoch: 1, seq: 1, ingestTimeUs: 1767225600000000 };
  const job = {
    ...workspace,
    table: LANE_TABLE,
    descriptor: encodeDescriptor(MQTT.name, fields).toBase64(),
    rows: benchReadings(BATCH).map((reading, i) => encode(reading, { ...stamp, seq: i + 1 }).toBase64()),
    count: ROWS,
  };
  const path = await Deno.makeTempFile({ suffix: ".json" });
  try {
    await Deno.writeTextFile(path, JSON.stringify(job));
    const script = new URL("sdk_alone.py", import.meta.url).pathname;
    return await run(name, { command: PYTHON, args: [script, path], env: { SSL_CERT_FILE: workspace.caPath } });
  } finally {
    await Deno.remove(path);
  }
}

async function withHome<T>(
  workspace: BenchWorkspace,
  use: (home: string) => Promise<T>,
  settings = "",
): Promise<T> {
  const home = await makeHome(workspace, `local_sink: { enabled: false }\n${settings}`);
  try {
    return await use(home);
  } finally {
    await Deno.remove(home, { recursive: true });
  }
}

/** Runs one of these scripts with Deno. */
export function runScript(name: string, script: string, ...words: string[]): Promise<ScriptResult> {
  const args = ["run", V8_FLAGS, "-A", new URL(script, import.meta.url).pathname, ...words];
  return run(name, { command: Deno.execPath(), args, env: {} });
}

/** What a script may say besides: bytes of its rows, and bytes that it sent to the disk for them. */
export interface ScriptResult extends Result {
  readonly rowBytes?: number;
  readonly diskBytes?: number;
}

/** Runs what prints `{ rows, seconds, cpuSeconds, peakMb }`. */
async function run(
  name: string,
  { command, args, env }: { readonly command: string; readonly args: string[]; readonly env: Record<string, string> },
): Promise<ScriptResult> {
  const { success, stdout, stderr } = await new Deno.Command(command, {
    args,
    env,
    cwd: new URL("../../", import.meta.url).pathname,
    stdout: "piped",
    stderr: "piped",
  }).output();
  if (!success) throw new Error(`${name}: ${new TextDecoder().decode(stderr).slice(-2000)}`);
  // The SDK writes its log to the same place.
  const said = new TextDecoder().decode(stdout).split("\n").find((line) => line.startsWith('{"rows"'));
  if (said === undefined) throw new Error(`${name} did not say what it took`);
  const { rows, seconds, cpuSeconds, ...rest } = JSON.parse(said);
  return { name, rowsPerSecond: rows / seconds, cpuPerMillion: (cpuSeconds / rows) * 1e6, ...rest };
}
