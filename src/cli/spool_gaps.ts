import { edgeIdOf } from "../app/edge_id.ts";
import type { MissingRange, SpoolDesk } from "../service/workplace.ts";
import { EXIT } from "./command.ts";
import { iso } from "./iso.ts";
import { printable, printableJson } from "./printable.ts";
import { refuse, type Verb } from "./verbs.ts";

/** A start takes its boot epoch some time before the spool begins to count. */
const MAX_START_SECONDS = 60;

/** Those that a spool notes (`MissingRange`). */
const REASONS: ReadonlySet<string> = new Set([
  "dropped",
  "quarantined",
  "dead_letter",
  "purged",
  "exported",
  "lost_at_crash",
  "replayed",
  "replaced",
  "renumbered",
  "several",
]);

/** `spool gaps`: the numbers that whoever looks for gaps in a table need not look for. */
export const gaps: Verb = {
  name: "gaps",
  usage: "[--json | --sql]",
  summary: "numbers (seq) that will not arrive at their table, and why; --sql for docs/sql/read_exactly.sql",
  flags: ["json", "sql"],
  operands: [0, 0],
  async run({ flags }, terminal, workplace) {
    if (flags.json && flags.sql) return refuse("Name one of --json and --sql.", terminal);
    const desk = await workplace.desk();
    const from = { edgeId: edgeIdOf(workplace.home, terminal.clock), epoch: firstEpoch(desk) };
    const linesOf = flags.sql ? sqlLines(from) : flags.json ? jsonLines : tableLines;
    const faults = { count: 0 };
    for await (const line of linesOf(checked(desk.missing(), faults))) {
      terminal.out(line);
      await terminal.hasRoom();
    }
    if (faults.count === 0) return EXIT.ok;
    terminal.err(`left out, for their records are damaged: ${faults.count}. Numbers of them look like a loss\n`);
    return EXIT.failed;
  },
};

/** A range of which only what was looked at is shown. */
interface Shown extends Omit<MissingRange, "timeUs"> {
  /** Undefined for a time that is none. */
  readonly time: string | undefined;
}

type Ranges = AsyncIterable<Shown>;

/**
 * Their records are not sealed, so anything may stand there. Numbers that are none are left out and counted; a reason that
 * is not known is `other`.
 */
async function* checked(ranges: AsyncIterable<MissingRange>, faults: { count: number }): Ranges {
  for await (const { table, firstSeq, lastSeq, reason, timeUs } of ranges) {
    if (!Number.isSafeInteger(firstSeq) || !Number.isSafeInteger(lastSeq)) faults.count++;
    else {
      const time = Number.isSafeInteger(timeUs) ? iso(timeUs) : undefined;
      yield { table, firstSeq, lastSeq, reason: REASONS.has(reason) ? reason : "other", time };
    }
  }
}

async function* jsonLines(ranges: Ranges): AsyncIterable<string> {
  for await (const { table, firstSeq, lastSeq, reason, time } of ranges) {
    yield `${printableJson({ table, first_seq: firstSeq, last_seq: lastSeq, reason, time: time ?? null })}\n`;
  }
}

async function* tableLines(ranges: Ranges): AsyncIterable<string> {
  const line = (cells: readonly (string | number)[], table: string) =>
    `${cells.map((cell) => String(cell).padStart(14)).join("  ")}  ${printable(table)}\n`;
  yield line(["first seq", "last seq", "numbers"], "reason, table, noted at");
  for await (const { table, firstSeq, lastSeq, reason, time } of ranges) {
    yield line([firstSeq, lastSeq, lastSeq - firstSeq + 1], `${reason}, ${table}, ${time ?? "-"}`);
  }
}

/** A list to put in the place of the one in the queries. The row in front is there so that there is always one. */
function sqlLines({ edgeId, epoch }: { readonly edgeId: string; readonly epoch: number }) {
  return async function* (ranges: Ranges): AsyncIterable<string> {
    yield "VALUES\n  ('', '', 0, 0, 0)";
    for await (const { table, firstSeq, lastSeq, reason } of ranges) {
      yield `,\n  (${quoted(table)}, ${quoted(edgeId)}, ${epoch}, ${firstSeq}, ${lastSeq}) /* ${reason} */`;
    }
    yield "\n";
  };
}

/** The smallest boot epoch, in seconds, of rows that the spool counted: numbers begin anew with a new spool. */
function firstEpoch(desk: SpoolDesk): number {
  return Math.floor(desk.ledger().since / 1_000_000) - MAX_START_SECONDS;
}

/** A text as Databricks SQL reads it. */
function quoted(text: string): string {
  return `'${printable(text).replace(/['\\]/g, "\\$&")}'`;
}
