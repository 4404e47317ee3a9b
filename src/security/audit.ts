import { linkFree, makeDirectory } from "../core/home_file.ts";
import { AuditFiles } from "./audit_files.ts";
import { type AuditHead, AuditHeadFile } from "./audit_head.ts";
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
const MAX_NAME = 2000;
/** Differences and lists of paths are longer than names. */
const MAX_DETAIL = 16_000;
/** Lines that a power cut may leave behind the head: one call of `note` writes no more. */
const MAX_UNSEALED = 2;

/** What a check of the whole chain found. */
export interface AuditCheck {
  readonly lines: number;
  /** Where it is broken, in words: lines that were changed, taken out, put in or cut off. */
  readonly faults: readonly string[];
}

export interface AuditOptions {
  /** A file that has so much is followed by a further one of its month; 8 MiB unless told. */
  readonly maxFileBytes?: number;
}

/**
 * Who changed what, when and from where: `audit/audit-<month>.jsonl`, a line each, which holds the hash of the line before;
 * a head beside them says which is the last. Nothing is kept open, and a lock is held while a line is written, so that a
 * command in another process continues the same chain. Whoever can write the whole home directory can make a new chain: the
 * hash of the last line, kept elsewhere, tells.
 */
export class Audit {
  readonly #home: string;
  readonly #folder: string;
  readonly #clock: { nowUs(): number };
  readonly #files: AuditFiles;
  readonly #head: AuditHeadFile;

  constructor(home: string, clock: { nowUs(): number }, { maxFileBytes }: AuditOptions = {}) {
    this.#home = home;
    this.#folder = `${home === "/" ? "" : home}/${FOLDER}`;
    this.#clock = clock;
    this.#files = new AuditFiles(home, this.#folder, maxFileBytes);
    this.#head = new AuditHeadFile(home);
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
    let last = this.#lastLine();
    const notes = [...witnessOf(last, this.#head.read()), cut(note)];
    const lines = notes.map((each) =>
      last = sealed({ n: (last?.n ?? 0) + 1, time, ...each }, last?.hash ?? FIRST_HASH)
    );
    this.#files.append(time.slice(0, 7), lines.map((line) => JSON.stringify(line)));
    if (last) this.#head.write(last);
  }

  /** Every line that is one, as it was written and sealed, the oldest first. */
  *lines(): Iterable<{ readonly text: string; readonly entry: AuditEntry }> {
    for (const name of this.#files.names()) {
      for (const text of this.#files.linesOf(name)) {
        const line = parseLine(text);
        if (line) yield { text, entry: entryOf(line) };
      }
    }
  }

  /** The newest first. No more is read than is asked for. */
  *newest(): Iterable<AuditEntry> {
    for (const text of this.#files.linesFromEnd()) {
      const line = parseLine(text);
      if (line) yield entryOf(line);
    }
  }

  /** What its files have on the disk. */
  bytes(): number {
    return this.#files.bytes();
  }

  /** How many lines there are, by the numbers of the first and the last. */
  count(): number {
    const last = this.#lastLine();
    for (const { entry } of last ? this.lines() : []) return (last?.n ?? 0) - entry.n + 1;
    return 0;
  }

  /** Looks whether every line is as it was written and follows from the one before, and whether the last one is there. */
  verify(): AuditCheck {
    const faults: string[] = [];
    const head = this.#head.read();
    let lines = 0;
    let before: AuditLine | undefined;
    let atHead: AuditLine | undefined;
    for (const name of this.#files.names()) {
      for (const [index, text] of this.#files.linesOf(name).entries()) {
        const line = parseLine(text);
        const fault = faultOf(line, before);
        if (fault !== undefined) faults.push(`${FOLDER}/${name}:${index + 1}: ${fault}`);
        if (head.state === "sealed" && line?.n === head.n) atHead = line;
        before = line ?? before;
        lines++;
      }
    }
    return { lines, faults: [...faults, ...headFaults(head, { last: before, atHead })] };
  }

  #lastLine(): AuditLine | undefined {
    for (const text of this.#files.linesFromEnd()) {
      const line = parseLine(text);
      if (line) return line;
    }
    return undefined;
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

interface Ends {
  readonly last: AuditLine | undefined;
  /** The line that the head names. */
  readonly atHead: AuditLine | undefined;
}

function headFaults(head: AuditHead, { last, atHead }: Ends): string[] {
  const fault = headFault(head, last);
  if (fault !== undefined) return [`${FOLDER}/head.json: ${fault}`];
  if (head.state !== "sealed" || atHead?.hash === head.hash) return [];
  return [`${FOLDER}/head.json: line ${head.n} is another one than was written`];
}

/** What the head says against the end of the chain; undefined for nothing. */
function headFault(head: AuditHead, last: AuditLine | undefined): string | undefined {
  switch (head.state) {
    case "missing":
      return last || !head.isFirst ? "is missing: lines may have been cut off the end" : undefined;
    case "broken":
      return "was not written by this connector, or its key is gone: lines may have been cut off the end";
    case "sealed": {
      const n = last?.n ?? 0;
      if (n < head.n) return `lines ${n + 1} to ${head.n} were cut off the end`;
      if (n > head.n + MAX_UNSEALED) return `lines ${head.n + 1} to ${n} were put in at the end`;
      return n === head.n && last?.hash !== head.hash ? `line ${n} is another one than was written` : undefined;
    }
    default:
      return head satisfies never;
  }
}

/** What is wrong with the end becomes a line itself: the next head would hide it. */
function witnessOf(last: AuditLine | undefined, head: AuditHead): AuditNote[] {
  const fault = headFault(head, last);
  if (fault === undefined) return [];
  return [{ who: "connector", from: "", action: "audit.damaged", target: `${FOLDER}/head.json`, detail: { fault } }];
}

function cut(note: AuditNote): AuditNote {
  const detail = Object.entries(note.detail).map(([name, value]) => [
    shortened(name, MAX_NAME),
    typeof value === "string" ? shortened(value, MAX_DETAIL) : value,
  ]);
  const { who, from, action, target } = note;
  const names = { who: shortened(who, MAX_NAME), from: shortened(from, MAX_NAME) };
  return { ...names, action, target: shortened(target, MAX_NAME), detail: Object.fromEntries(detail) };
}

function shortened(text: string, max: number): string {
  if (text.length <= max) return text;
  return `${text.slice(0, max).toWellFormed()}… (${text.length - max} more characters)`;
}
