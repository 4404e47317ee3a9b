import { edgeIdOf } from "../app/edge_id.ts";
import type { MissingRange, SpoolDesk } from "../service/workplace.ts";
import { EXIT } from "./command.ts";
import { iso } from "./iso.ts";
import { printable, printableJson } from "./printable.ts";
import { refuse, type Verb } from "./verbs.ts";

/** A start takes its boot epoch some time before the spool begins to count. */
const MAX_START_SECONDS = 60;

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
    for await (const line of linesOf(desk.missing())) {
      terminal.out(line);
      await terminal.hasRoom();
    }
    return EXIT.ok;
  },
};

type Ranges = AsyncIterable<MissingRange>;

async function* jsonLines(ranges: Ranges): AsyncIterable<string> {
  for await (const { table, firstSeq, lastSeq, reason, timeUs } of ranges) {
    yield `${printableJson({ table, first_seq: firstSeq, last_seq: lastSeq, reason, time: iso(timeUs) })}\n`;
  }
}

async function* tableLines(ranges: Ranges): AsyncIterable<string> {
  const line = (cells: readonly (string | number)[], table: string) =>
    `${cells.map((cell) => String(cell).padStart(14)).join("  ")}  ${printable(table)}\n`;
  yield line(["first seq", "last seq", "numbers"], "reason, table, noted at");
  for await (const { table, firstSeq, lastSeq, reason, timeUs } of ranges) {
    yield line([firstSeq, lastSeq, lastSeq - firstSeq + 1], `${reason}, ${table}, ${iso(timeUs)}`);
  }
}

/** A list to put in the place of the one in the queries. The row in front is there so that there is always one. */
function sqlLines({ edgeId, epoch }: { readonly edgeId: string; readonly epoch: number }) {
  return async function* (ranges: Ranges): AsyncIterable<string> {
    yield "VALUES\n  ('', '', 0, 0, 0)";
    for await (const { table, firstSeq, lastSeq, reason } of ranges) {
      yield `,\n  (${quoted(table)}, ${quoted(edgeId)}, ${epoch}, ${firstSeq}, ${lastSeq}) /* ${comment(reason)} */`;
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

function comment(text: string): string {
  return printable(text).replaceAll("*/", "* /");
}
