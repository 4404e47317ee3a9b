import { infoOf, linkFree, makeDirectory } from "../core/home_file.ts";
import {
  type AuditEntry,
  type AuditLine,
  type AuditNote,
  FIRST_HASH,
  isSealed,
  parseLine,
  sealed,
} from "./audit_line.ts";

/** Of the home directory. */
const FOLDER = "audit";
const FILE = /^audit-\d{4}-\d{2}\.jsonl$/;
/** The file of this month and those of the twelve before. */
const KEPT_FILES = 13;
const TAIL_BYTES = 64 * 1024;
const MAX_TEXT = 2000;

/** What a check of the whole chain found. */
export interface AuditCheck {
  readonly lines: number;
  /** Where it is broken, in words: lines that were changed, taken out or put in. */
  readonly faults: readonly string[];
}

/**
 * Who changed what, when and from where: `audit/audit-<month>.jsonl`, a line each, which holds the hash of the line before.
 * Nothing is kept open, and a lock is held while a line is written, so that a command in another process continues the
 * same chain. Whoever can write the files can make a new chain: the hash of the last line, kept elsewhere, tells.
 */
export class Audit {
  readonly #home: string;
  readonly #folder: string;
  readonly #clock: { nowUs(): number };

  constructor(home: string, clock: { nowUs(): number }) {
    this.#home = home;
    this.#folder = `${home === "/" ? "" : home}/${FOLDER}`;
    this.#clock = clock;
  }

  /** @throws what the file system throws: then what was to be noted must not be done */
  note(note: AuditNote): void {
    const time = new Date(this.#clock.nowUs() / 1000).toISOString();
    makeDirectory(this.#home, this.#folder);
    using lock = Deno.openSync(linkFree(this.#home, `${this.#folder}/lock`), {
      write: true,
      create: true,
      mode: 0o600,
    });
    lock.lockSync(true);
    const names = this.#names();
    const last = this.#lastLine(names);
    const month = `audit-${time.slice(0, 7)}.jsonl`;
    const newest = names.at(-1);
    const name = newest !== undefined && newest > month ? newest : month; // a clock that went back begins no older file
    const line = sealed({ n: (last?.n ?? 0) + 1, time, ...cut(note) }, last?.hash ?? FIRST_HASH);
    this.#append(name, line);
    if (newest !== name) this.#forget([...names, name]);
  }

  /** Every line that is one, as it was written and sealed, the oldest first. */
  *lines(): Iterable<{ readonly text: string; readonly entry: AuditEntry }> {
    for (const name of this.#names()) {
      for (const text of this.#linesOf(name)) {
        const line = parseLine(text);
        if (line) yield { text, entry: entryOf(line) };
      }
    }
  }

  /** The newest first. */
  *newest(): Iterable<AuditEntry> {
    for (const name of this.#names().reverse()) {
      for (const text of this.#linesOf(name).reverse()) {
        const line = parseLine(text);
        if (line) yield entryOf(line);
      }
    }
  }

  /** Looks whether every line is as it was written and follows from the one before. */
  verify(): AuditCheck {
    const faults: string[] = [];
    let lines = 0;
    let before: AuditLine | undefined;
    for (const name of this.#names()) {
      for (const [index, text] of this.#linesOf(name).entries()) {
        const line = parseLine(text);
        const fault = faultOf(line, before);
        if (fault !== undefined) faults.push(`${FOLDER}/${name}:${index + 1}: ${fault}`);
        before = line ?? before;
        lines++;
      }
    }
    return { lines, faults };
  }

  #append(name: string, line: AuditLine): void {
    const path = linkFree(this.#home, `${this.#folder}/${name}`);
    using file = Deno.openSync(path, { append: true, create: true, mode: 0o600 });
    // What a power cut left of a line must not swallow the next one.
    const bytes = new TextEncoder().encode(`${endsWithin(path) ? "\n" : ""}${JSON.stringify(line)}\n`);
    for (let at = 0; at < bytes.length;) at += file.writeSync(bytes.subarray(at));
    file.syncSync();
  }

  #lastLine(names: readonly string[]): AuditLine | undefined {
    for (const name of [...names].reverse()) {
      const lines = textLines(tailOf(linkFree(this.#home, `${this.#folder}/${name}`)));
      for (const text of lines.reverse()) {
        const line = parseLine(text);
        if (line) return line;
      }
    }
    return undefined;
  }

  #linesOf(name: string): string[] {
    return textLines(Deno.readTextFileSync(linkFree(this.#home, `${this.#folder}/${name}`)));
  }

  /** In the order of their months. */
  #names(): string[] {
    if (!infoOf(this.#folder)) return [];
    return [...Deno.readDirSync(linkFree(this.#home, this.#folder))].map(({ name }) => name).filter((name) =>
      FILE.test(name)
    ).sort();
  }

  #forget(names: readonly string[]): void {
    for (const name of names.slice(0, -KEPT_FILES)) Deno.removeSync(`${this.#folder}/${name}`);
  }
}

function entryOf({ hash: _hash, prev: _prev, ...entry }: AuditLine): AuditEntry {
  return entry;
}

/** The first line that is kept may follow one that is not. */
function faultOf(line: AuditLine | undefined, before: AuditLine | undefined): string | undefined {
  if (!line) return "this is no line of an audit file";
  if (!isSealed(line)) return `line ${line.n} was changed`;
  if (before && line.prev !== before.hash) return `line ${line.n} does not follow line ${before.n}`;
  if (!before && line.n === 1 && line.prev !== FIRST_HASH) return "line 1 follows another";
  return undefined;
}

function cut(note: AuditNote): AuditNote {
  const short = (text: string) => text.length <= MAX_TEXT ? text : `${text.slice(0, MAX_TEXT).toWellFormed()}…`;
  const detail = Object.entries(note.detail).map(([name, value]) => [
    short(name),
    typeof value === "string" ? short(value) : value,
  ]);
  const { who, from, action, target } = note;
  return { who: short(who), from: short(from), action, target: short(target), detail: Object.fromEntries(detail) };
}

function textLines(text: string): string[] {
  return text.split("\n").filter((line) => line !== "");
}

function tailOf(path: string): string {
  using file = Deno.openSync(path);
  const { size } = file.statSync();
  const bytes = new Uint8Array(Math.min(size, TAIL_BYTES));
  file.seekSync(-bytes.length, Deno.SeekMode.End);
  for (let at = 0; at < bytes.length;) {
    const length = file.readSync(bytes.subarray(at));
    if (length === null) break;
    at += length;
  }
  return new TextDecoder().decode(bytes);
}

/** Whether the file's last line has no end. */
function endsWithin(path: string): boolean {
  const text = tailOf(path);
  return text !== "" && !text.endsWith("\n");
}
