/**
 * What a command says to the running connector, and what it answers, over a connection of the loopback interface. All of it
 * is lines of JSON.
 *
 * The connector begins with a `Challenge`. The command answers with its own nonce and the proof that it knows the token (a
 * `Response`), the connector proves the same (a `Proven`), and only then the command says what it wants: a `Request`, with
 * the passphrase where there is one. proof.ts says what a proof is; the token itself is never sent. Whatever is not what
 * should come ends the connection without an answer: so no web page can make a browser speak it, and who merely has the
 * port learns nothing. When the command ends its side of the connection, the connector stops what it does, as at Ctrl-C,
 * and answers to the end: each line is an `Answer`, and the last has the exit code.
 */
import type { Advance, FlagValue } from "../command.ts";
import { isNonce } from "./proof.ts";

/** Of a line that is said before both sides have proved what they know. */
export const MAX_PROOF_BYTES = 1024;
/** Of a request, with all ids that somebody may want to name. */
export const MAX_REQUEST_BYTES = 1024 * 1024;
/** Of a line of an answer: see `TEXT_LENGTH`. */
export const MAX_ANSWER_BYTES = 1024 * 1024;
/** Characters of output in one line of an answer; JSON makes six bytes of one at most. */
export const TEXT_LENGTH = 64 * 1024;

export interface Challenge {
  readonly nonce: string;
}

export interface Response {
  readonly nonce: string;
  readonly proof: string;
}

export interface Proven {
  readonly proof: string;
}

/** What a command asks for. */
export interface Request {
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

/** Undefined for a line that is no challenge. */
export function parseChallenge(line: string): Challenge | undefined {
  const { nonce } = objectOf(line) ?? {};
  return isNonce(nonce) ? { nonce } : undefined;
}

/** Undefined for a line that is no response. */
export function parseResponse(line: string): Response | undefined {
  const { nonce, proof } = objectOf(line) ?? {};
  return isNonce(nonce) && isNonce(proof) ? { nonce, proof } : undefined;
}

/** Undefined for a line that proves nothing. */
export function parseProven(line: string): Proven | undefined {
  const { proof } = objectOf(line) ?? {};
  return isNonce(proof) ? { proof } : undefined;
}

/** Undefined for a line that is no request. */
export function parseRequest(line: string): Request | undefined {
  const value = objectOf(line);
  if (!value) return undefined;
  const { words, flags, isWatched, input } = value;
  if (typeof isWatched !== "boolean" || !isTexts(words)) return undefined;
  if (!isRecord(flags) || !Object.values(flags).every(isFlagValue)) return undefined;
  if (input !== undefined && typeof input !== "string") return undefined;
  const checked = flags as Request["flags"]; // each value was looked at
  return { words, flags: checked, isWatched, ...(input === undefined ? {} : { input }) };
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
