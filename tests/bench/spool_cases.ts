/** The spool alone, rows encoded before, beside what is beneath it; see spool_alone.ts. */
import { runScript } from "./sender_cases.ts";
import type { Result } from "./result.ts";
import type { BenchWorkspace } from "./workspace.ts";

const ROWS = 500_000;
const TRICKLE_ROWS = 2000;

export type Measure = (workspace: BenchWorkspace, name: string) => Promise<Result>;
type What = "write" | "drain" | "kv-rows" | "kv-write" | "kv-drain" | "file-write";
type Compression = "compressed" | "plain";

/** Measures one of them. No workspace is needed. */
export function spoolAlone(what: What, compression: Compression): Measure {
  return async (_workspace, name) => {
    await using home = await makeFolder();
    if (what === "drain") await runScript(name, "spool_alone.ts", "write", home.path, String(ROWS), compression);
    return await runScript(name, "spool_alone.ts", what, home.path, String(ROWS), compression);
  };
}

/** How much goes to the disk for what comes in: when there is much of it, and when each row has a commit of its own. */
export async function spoolWear(): Promise<string> {
  const lines: string[] = [];
  for (const [what, rows] of [["write", ROWS], ["trickle", TRICKLE_ROWS]] as const) {
    await using home = await makeFolder();
    const { rowBytes = NaN, diskBytes = NaN } = await runScript(what, "spool_alone.ts", what, home.path, String(rows));
    lines.push(
      `spool ${what.padEnd(28)}${(diskBytes / rowBytes).toFixed(2)} bytes to the disk per byte of row, ` +
        `${(diskBytes / rows).toFixed(0)} per row (write_bytes of the process)`,
    );
  }
  return lines.join("\n");
}

async function makeFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await Deno.makeTempDir({ prefix: "bench_" });
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}
