import { read } from "./api.ts";

export const LEVELS = ["debug", "info", "warn", "error"] as const;
export type LogLevel = (typeof LEVELS)[number];

/** A line of the log with its fields. */
export interface LogLine {
  readonly n: number;
  readonly time: string;
  readonly level: LogLevel;
  readonly message: string;
  readonly source?: string;
  readonly [field: string]: unknown;
}

export interface LogFilter {
  /** This and what is more severe. */
  readonly level: LogLevel;
  readonly source: string;
  readonly text: string;
  /** Lines up to this time, as `datetime-local` gives it; empty: up to now. */
  readonly until: string;
}

export interface LogPage {
  readonly total: number;
  /** The newest first. */
  readonly items: readonly LogLine[];
  readonly next: string | null;
}

/** What the connector keeps. */
export const MAX_LINES = 10_000;
const PER_REQUEST = 500;

export function logQuery({ level, source, text, until }: LogFilter): URLSearchParams {
  const query = new URLSearchParams();
  if (level !== "debug") query.set("level", level);
  if (source !== "") query.set("source", source);
  if (text !== "") query.set("text", text);
  if (until !== "") query.set("to", new Date(until).toISOString());
  return query;
}

/** @throws {ApiError} */
export function readLogs(filter: LogFilter, next: string | undefined, signal?: AbortSignal): Promise<LogPage> {
  const query = logQuery(filter);
  query.set("limit", String(PER_REQUEST));
  if (next !== undefined) query.set("next", next);
  return read(`/api/logs?${query}`, signal);
}

/** Whether a line that just came is among those that were asked for: as the API would decide. */
export function isWanted(line: LogLine, { level, source, text, until }: LogFilter): boolean {
  if (until !== "" || LEVELS.indexOf(line.level) < LEVELS.indexOf(level)) return false;
  if (source !== "" && line.source !== source) return false;
  return text === "" || JSON.stringify(line).toLowerCase().includes(text.toLowerCase());
}

/** Both lists newest first, without what is in both, and no longer than what is kept. */
export function merged(newer: readonly LogLine[], older: readonly LogLine[]): readonly LogLine[] {
  const newest = older[0]?.n ?? 0;
  return [...newer.filter(({ n }) => n > newest), ...older].slice(0, MAX_LINES);
}
