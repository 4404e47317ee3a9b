/** Sending alone: the bare loop, and the whole connector with a source in its own process. */
import { makeHome } from "./connector.ts";
import type { Result } from "./result.ts";
import type { BenchWorkspace } from "./workspace.ts";

const ROWS = 1_000_000;

/** The measure for the rest. */
export function bareLoop(workspace: BenchWorkspace): Promise<Result> {
  return run("bare encode + gRPC loop", ["bare_loop.ts", JSON.stringify(workspace), String(ROWS)]);
}

export async function inProcess(workspace: BenchWorkspace, name: string): Promise<Result> {
  const home = await makeHome(workspace, "local_sink: { enabled: false }\n");
  try {
    return await run(name, ["in_process.ts", home, String(ROWS)]);
  } finally {
    await Deno.remove(home, { recursive: true });
  }
}

async function run(name: string, [script = "", ...words]: string[]): Promise<Result> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", new URL(script, import.meta.url).pathname, ...words],
    cwd: new URL("../../", import.meta.url).pathname,
    stdout: "piped",
    stderr: "piped",
  }).output();
  if (!success) throw new Error(`${name}: ${new TextDecoder().decode(stderr).slice(-2000)}`);
  const { rows, seconds, cpuSeconds, peakMb } = JSON.parse(new TextDecoder().decode(stdout));
  return { name, rowsPerSecond: rows / seconds, cpuPerMillion: (cpuSeconds / rows) * 1e6, peakMb };
}
