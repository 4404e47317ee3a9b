import type { Clock } from "../core/clock.ts";

/** What commands are given instead of reaching for it. */
export interface Terminal {
  /** Writes to standard output and standard error, as they are: whoever calls ends the line. */
  out(text: string): void;
  err(text: string): void;
  env(name: string): string | undefined;
  readonly clock: Clock;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  /** Aborts at the first SIGTERM or SIGINT. */
  readonly stopping: AbortSignal;
  /** Aborts at the second one. */
  readonly killed: AbortSignal;
}

/** The words after the command, parsed, and what holds for all commands. */
export interface Call {
  /** Absolute path of the home directory. */
  readonly home: string;
  /** `--config`, relative to the home directory; undefined: config/connector.yaml. */
  readonly configFile: string | undefined;
  readonly operands: readonly string[];
  readonly flags: Readonly<Record<string, string | boolean | undefined>>;
}

/** Exit codes (sysexits.h where it has one). */
export const EXIT = { ok: 0, failed: 1, usage: 64, badConfig: 78 } as const;

/** One command of the executable. */
export interface Command {
  readonly name: string;
  /** Its operands and flags, for the help text. */
  readonly usage: string;
  readonly summary: string;
  readonly options?: Readonly<Record<string, { readonly type: "string" | "boolean" }>>;
  /** How many words it takes at most; none unless told. */
  readonly operands?: number;
  /** Resolves with the exit code. */
  run(call: Call, terminal: Terminal): Promise<number>;
}
