/**
 * What a command says to the running connector, and what it answers, over a connection of the loopback interface.
 *
 * The command begins: one line of JSON, a `Request`. A first line that is anything else, or has not the connector's token,
 * ends the connection without an answer: so no web page can make a browser speak it. When it ends its side of the
 * connection, the connector stops what it does, as at Ctrl-C, and answers to the end. The connector answers in lines of
 * JSON, each an `Answer`; the last has the exit code.
 */
import type { Advance, FlagValue } from "../command.ts";

/** Of the one line that a command sends, with all ids that somebody may want to name. */
export const MAX_REQUEST_BYTES = 1024 * 1024;
/** Of a line of an answer: see `TEXT_LENGTH`. */
export const MAX_ANSWER_BYTES = 1024 * 1024;
/** Characters of output in one line of an answer; JSON makes six bytes of one at most. */
export const TEXT_LENGTH = 64 * 1024;

/** What a command asks for. */
export interface Request {
  readonly token: string;
  /** The command, its verb and the words after it. */
  readonly words: readonly string[];
  readonly flags: Readonly<Record<string, FlagValue>>;
  /** Whether somebody watches: then progress is told. */
  readonly isWatched: boolean;
  /** What its standard input says, where the command takes something from there. */
  readonly input?: string;
}

export type Answer =
  | { readonly out: string }
  | { readonly err: string }
  | { readonly progress: Advance }
  | { readonly exit: number };

/** Undefined for a line that is no request. */
export function parseRequest(line: string): Request | undefined {
  const value = objectOf(line);
  if (!value) return undefined;
  const { token, words, flags, isWatched, input } = value;
  if (typeof token !== "string" || typeof isWatched !== "boolean" || !isTexts(words)) return undefined;
  if (!isRecord(flags) || !Object.values(flags).every(isFlagValue)) return undefined;
  if (input !== undefined && typeof input !== "string") return undefined;
  const checked = flags as Request["flags"]; // each value was looked at
  return { token, words, flags: checked, isWatched, ...(input === undefined ? {} : { input }) };
}

/** Undefined for a line that is no answer. */
export function parseAnswer(line: string): Answer | undefined {
  const value = objectOf(line);
  if (!value) return undefined;
  const { out, err, progress, exit } = value;
  if (typeof out === "string") return { out };
  if (typeof err === "string") return { err };
  if (typeof exit === "number") return { exit };
  if (!isRecord(progress)) return undefined;
  const { done, of, unit } = progress;
  if (typeof done !== "number" || typeof of !== "number" || typeof unit !== "string") return undefined;
  return { progress: { done, of, unit } };
}

function objectOf(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined; // no JSON
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((each) => typeof each === "string");
}

function isFlagValue(value: unknown): boolean {
  return typeof value === "string" || typeof value === "boolean" || isTexts(value);
}
