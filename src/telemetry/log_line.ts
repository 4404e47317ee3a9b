import type { LogFields, LogLevel } from "../core/logger.ts";

/** Characters of one message or field that are written at most: one bad device must not fill the disk with one line. */
const MAX_TEXT = 8192;

/**
 * What must never reach a log as it is: control characters (C0, DEL, C1), the two line ends of Unicode, and the
 * characters that turn the direction of text (Unicode Technical Report 36, 3.6), by which a device could forge lines.
 */
// deno-lint-ignore no-control-regex
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

/** One line of a log, before it is text. `time` is in microseconds since 1970-01-01 UTC. */
export interface LogLine {
  readonly timeUs: number;
  readonly level: LogLevel;
  readonly message: string;
  readonly fields: LogFields;
}

/** The line as one JSON object: `time`, `level`, `message`, then the fields. */
export function jsonLine({ timeUs, level, message, fields }: LogLine): string {
  const head = { time: isoTime(timeUs), level, message: cut(message) };
  const line = Object.assign({ ...head }, fields, head); // a field of such a name does not replace them
  return JSON.stringify(line, writable).replace(UNSAFE, unicodeEscape);
}

/** The line for a terminal: time, level, message, then the fields as `name=value`. */
export function textLine({ timeUs, level, message, fields }: LogLine): string {
  const head = `${isoTime(timeUs)} ${level.toUpperCase().padEnd(5)} ${plain(cut(message))}`;
  const pairs = Object.entries(fields).filter(([, value]) => value !== undefined);
  return [head, ...pairs.map(([name, value]) => `${plain(name)}=${quoted(value)}`)].join(" ");
}

/** ISO 8601, UTC, with milliseconds. */
function isoTime(us: number): string {
  return new Date(us / 1000).toISOString();
}

/** Makes the values fit for JSON; secrets have become `***` before (`toJSON`). */
function writable(_name: string, value: unknown): unknown {
  if (typeof value === "string") return cut(value);
  return typeof value === "bigint" ? String(value) : value;
}

function cut(text: string): string {
  if (text.length <= MAX_TEXT) return text;
  return `${text.slice(0, MAX_TEXT).toWellFormed()}… (cut, ${text.length} characters)`;
}

function quoted(value: unknown): string {
  if (typeof value === "string" && !/^[\w.:/#@+-]+$/.test(value)) return plain(JSON.stringify(cut(value)));
  return plain(cut(String(value)));
}

function plain(text: string): string {
  return text.toWellFormed().replace(UNSAFE, shortEscape);
}

function shortEscape(character: string): string {
  const known: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };
  return known[character] ?? unicodeEscape(character);
}

function unicodeEscape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
