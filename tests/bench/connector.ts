/** The connector from source in a process of its own, measured from outside. */
import { V8_FLAGS } from "../../tools/v8_flags.ts";
import { freePort, PeerProcess } from "../peers/process.ts";
import { eventually } from "../wait.ts";
import { usageOf } from "./cpu.ts";
import type { Result } from "./result.ts";
import { type BenchWorkspace, zerobusYaml } from "./workspace.ts";

const root = new URL("../../", import.meta.url).pathname;

/** A home directory that writes to `workspace`. `sources` is the YAML of the list, two spaces deep. */
export async function makeHome(workspace: BenchWorkspace, sources: string): Promise<string> {
  const home = await Deno.makeTempDir({ prefix: "bench_" });
  await Deno.mkdir(`${home}/config`);
  await Deno.mkdir(`${home}/certs`);
  await Deno.copyFile(workspace.caPath, `${home}/certs/workspace.pem`);
  const ports = `gui: { port: ${freePort()} }\nmonitoring: { metrics: { prometheus: { port: ${freePort()} } } }\n`;
  await Deno.writeTextFile(`${home}/config/connector.yaml`, zerobusYaml(workspace) + ports + sources);
  return home;
}

export async function startConnector(home: string): Promise<PeerProcess> {
  const args = ["run", V8_FLAGS, "-A", "--frozen", `${root}main.ts`, "run", "--home", home];
  const ready = /"message":"The connector starts"/;
  const { peer } = await PeerProcess.start(Deno.execPath(), { args, ready, cwd: root });
  return peer;
}

export interface Span {
  readonly workspace: BenchWorkspace;
  /** Measures once more than so many rows are in the workspace: 0 where it is not said. */
  readonly after?: number;
  readonly until: number;
}

/** Measures from the first row in the workspace that is looked at until `until` rows are there. */
export async function measureUntil(
  name: string,
  peer: PeerProcess,
  { workspace, after = 0, until }: Span,
): Promise<Result> {
  const firstRows = await eventually(`${name}: rows come`, async () => {
    const rows = await workspace.rows();
    return rows > after && rows;
  }, 60_000);
  const from = { rows: firstRows, ms: performance.now(), cpu: usageOf(peer.pid).cpuSeconds };
  const lastRows = await eventually(`${name}: ${until} rows`, async () => {
    const rows = await workspace.rows();
    return rows >= until && rows;
  }, 180_000);
  const seconds = (performance.now() - from.ms) / 1000;
  const { cpuSeconds, peakMb } = usageOf(peer.pid);
  const rows = lastRows - from.rows;
  return { name, rowsPerSecond: rows / seconds, cpuPerMillion: ((cpuSeconds - from.cpu) / rows) * 1e6, peakMb };
}

/** Runs `use` with a connector on the home of these sources. */
export async function withConnector<T>(
  workspace: BenchWorkspace,
  sources: string,
  use: (peer: PeerProcess) => Promise<T>,
): Promise<T> {
  const home = await makeHome(workspace, sources);
  const peer = await startConnector(home);
  try {
    return await use(peer);
  } finally {
    await peer[Symbol.asyncDispose]();
    await Deno.remove(home, { recursive: true });
  }
}
