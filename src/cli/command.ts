import type { Clock } from "../core/clock.ts";

/** What commands are given instead of reaching for it. */
export interface Terminal {
  /** Writes to standard output and standard error, as they are: whoever calls ends the line. */
  out(text: string): void;
  err(text: string): void;
  env(name: string): string | undefined;
  /** Whether a person reads what is written to standard error. */
  readonly isWatched: boolean;
  /** Shows how far a long piece of work is, where somebody watches; the next text, or the end, takes it away. */
  progress(at: Advance): void;
  /** Resolves when there is room for more output: who writes much waits for it in between. */
  hasRoom(): Promise<void>;
  /** All of standard input. @throws {ConfigError} when it is longer than what a person could mean */
  readInput(): Promise<string>;
  readonly clock: Clock;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  /** Calls `task` at every SIGHUP, until disposed of. Not there where a command runs in a process that is not its own. */
  onReload?(task: () => void): Disposable;
  /** Aborts at the first SIGTERM or SIGINT. */
  readonly stopping: AbortSignal;
  /** Aborts at the second one. */
  readonly killed: AbortSignal;
}

/** How far a long piece of work is. */
export interface Advance {
  readonly done: number;
  readonly of: number;
  /** What is counted: `rows`, `bytes`. */
  readonly unit: string;
}

/** The words after the command, parsed, and what holds for all commands. */
export interface Call {
  /** Absolute path of the home directory. */
  readonly home: string;
  /** `--config`, relative to the home directory; undefined: config/connector.yaml. */
  readonly configFile: string | undefined;
  readonly operands: readonly string[];
  readonly flags: Readonly<Record<string, FlagValue | undefined>>;
}

/** Of a flag: its text, whether it is there, or the texts of one that may be repeated. */
export type FlagValue = string | boolean | readonly string[];

/** How a flag is written. */
export interface FlagOption {
  readonly type: "string" | "boolean";
  readonly multiple?: boolean;
}

/** Exit codes (sysexits.h where it has one). */
export const EXIT = { ok: 0, failed: 1, usage: 64, badConfig: 78 } as const;

/** One command of the executable. */
export interface Command {
  readonly name: string;
  /** Its operands and flags, for the help text. */
  readonly usage: string;
  readonly summary: string;
  readonly options?: Readonly<Record<string, FlagOption>>;
  /** How many words it takes at most; none unless told. */
  readonly operands?: number;
  /** Resolves with the exit code. */
  run(call: Call, terminal: Terminal): Promise<number>;
}
