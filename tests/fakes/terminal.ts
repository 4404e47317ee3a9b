import type { Terminal } from "../../src/cli/command.ts";
import { runCommand } from "../../src/cli/mod.ts";
import { systemClock } from "../../src/lib/clock.ts";

export interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly stopping?: AbortSignal;
}

/** Runs a command of the command line in this process, and gives what it printed. */
export async function outcomeOf(words: readonly string[], options: RunOptions = {}): Promise<Outcome> {
  const { env = {}, stopping = new AbortController().signal } = options;
  let out = "";
  let err = "";
  const terminal: Terminal = {
    out: (text) => void (out += text),
    err: (text) => void (err += text),
    env: (name) => env[name],
    clock: systemClock,
    random: () => 0.5,
    stopping,
    killed: new AbortController().signal,
  };
  const code = await runCommand(words, terminal);
  return { code, out, err };
}

/** A home directory whose configuration is this text; removed when it is disposed of. */
export async function homeWith(yaml: string): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await Deno.makeTempDir({ prefix: "home_" });
  await Deno.mkdir(`${path}/config`);
  await Deno.writeTextFile(`${path}/config/connector.yaml`, yaml);
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}
