import type { Advance, Terminal } from "../../src/cli/command.ts";
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
  readonly killed?: AbortSignal;
  readonly isWatched?: boolean;
  /** What standard input says. */
  readonly input?: string;
  readonly onProgress?: (at: Advance) => void;
  /** Always 0.5 unless told. */
  readonly random?: () => number;
}

/** A terminal, and what was written to it. */
export interface FakeTerminal {
  readonly terminal: Terminal;
  readonly written: () => Omit<Outcome, "code">;
}

export function terminalOf(options: RunOptions): FakeTerminal {
  const never = new AbortController().signal;
  const { env = {}, stopping = never, killed = never, isWatched = false, input = "", onProgress, random = () => 0.5 } =
    options;
  let out = "";
  let err = "";
  const terminal: Terminal = {
    out: (text) => void (out += text),
    err: (text) => void (err += text),
    isWatched,
    progress: (at) => onProgress?.(at),
    hasRoom: () => Promise.resolve(),
    readInput: () => Promise.resolve(input),
    env: (name) => env[name],
    clock: systemClock,
    random,
    stopping,
    killed,
  };
  return { terminal, written: () => ({ out, err }) };
}

/** Runs a command of the command line in this process, and gives what it printed. */
export async function outcomeOf(words: readonly string[], options: RunOptions = {}): Promise<Outcome> {
  const { terminal, written } = terminalOf(options);
  const code = await runCommand(words, terminal);
  return { code, ...written() };
}

/** A home directory whose configuration is this text; removed when it is disposed of. */
export async function homeWith(yaml: string): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await Deno.makeTempDir({ prefix: "home_" });
  await Deno.mkdir(`${path}/config`);
  await Deno.writeTextFile(`${path}/config/connector.yaml`, yaml);
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}
