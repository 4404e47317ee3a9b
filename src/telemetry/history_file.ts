/**
 * The minutes of the history, for the next start: `metrics_history.jsonl` of the home directory, a line added once a
 * minute, and the file written anew when it has twice as many as count.
 */
import { z } from "zod";
import { reasonOf } from "../core/error.ts";
import { infoOf, linkFree, replaceFile } from "../core/home_file.ts";
import type { Logger } from "../core/logger.ts";

const FILE = "metrics_history.jsonl";
const MAX_LINES = 2880;
const MAX_BYTES = 64 * 1024 * 1024;

const values = z.partialRecord(z.enum(["read", "written", "queue", "spool_bytes", "ack_ms"]), z.number());
const line = z.object({ minute: z.int(), all: values, sources: z.record(z.string(), values) });

/** Minutes are counted from 1970-01-01 UTC. */
export interface Minute {
  readonly minute: number;
  readonly all: Readonly<Partial<Record<keyof z.output<typeof values>, number | undefined>>>;
  readonly sources: Readonly<Record<string, Minute["all"]>>;
}

export interface HistoryFile {
  /** Those after `oldest` and before `end`, in order. */
  read(oldest: number, end: number): Minute[];
  add(minute: Minute): void;
}

/** It is a help and no more: where it cannot be read or written, charts begin anew. */
export function historyFile(home: string, log: Logger): HistoryFile {
  const path = `${home}/${FILE}`;
  let lines = 0;
  const failed = (doing: string, error: unknown) =>
    log.log("debug", `Cannot ${doing} ${path}: ${reasonOf(error)}`, { code: "history_file_unusable" });
  return {
    read(oldest, end) {
      if (!infoOf(path)) return [];
      try {
        const found = minutesIn(readText(home, path), oldest, end);
        replaceFile(home, path, found.map(lineOf).join(""));
        lines = found.length;
        return found;
      } catch (error) {
        failed("read", error);
        return [];
      }
    },
    add(minute) {
      try {
        if (++lines > MAX_LINES) {
          const left = minutesIn(readText(home, path), minute.minute - MAX_LINES / 2, minute.minute);
          replaceFile(home, path, left.map(lineOf).join(""));
          lines = left.length + 1;
        }
        const options = { append: true, create: true, mode: 0o600 };
        Deno.writeTextFileSync(linkFree(home, path), lineOf(minute), options);
      } catch (error) {
        failed("write", error);
      }
    },
  };
}

/** As answers tell numbers: to three places. */
function lineOf(minute: Minute): string {
  const round = (_key: string, value: unknown) => typeof value === "number" ? Math.round(value * 1000) / 1000 : value;
  return `${JSON.stringify(minute, round)}\n`;
}

/** Nothing of a file that is too large: charts begin anew. */
function readText(home: string, path: string): string {
  if ((infoOf(path)?.size ?? 0) > MAX_BYTES) return "";
  return Deno.readTextFileSync(linkFree(home, path));
}

/** Without lines that a power cut left half, and those of a clock that was ahead. */
function minutesIn(text: string, oldest: number, end: number): Minute[] {
  return text.split("\n").flatMap((each) => {
    try {
      const minute = line.parse(JSON.parse(each));
      return minute.minute > oldest && minute.minute < end ? [minute] : [];
    } catch {
      return [];
    }
  });
}
