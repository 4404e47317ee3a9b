import type { SpoolDesk } from "../service/workplace.ts";
import { type SpoolStat, spoolStat } from "../service/spool_admin.ts";
import { EXIT, type Terminal } from "./command.ts";
import { deskCommand, INPUT_FLAG } from "./desk_command.ts";
import { iso } from "./iso.ts";
import { printable, printableJson } from "./printable.ts";
import { gaps } from "./spool_gaps.ts";
import { exportRows, importRows } from "./spool_transfer.ts";
import type { Verb } from "./verbs.ts";

const stat: Verb = {
  name: "stat",
  usage: "[--json]",
  summary: "what waits in the spool, and whether the ledger balances",
  flags: ["json"],
  operands: [0, 0],
  async run(call, terminal, workplace) {
    const found = spoolStat(await workplace.desk(), workplace.loaded.config);
    terminal.out(call.flags.json ? `${printableJson(jsonOf(found))}\n` : textOf(found));
    return EXIT.ok;
  },
};

const verify: Verb = {
  name: "verify",
  usage: "",
  summary: "open all that is in the spool; changes nothing",
  flags: [],
  operands: [0, 0],
  run: async (_call, terminal, workplace) => await verifyAll(await workplace.desk(), terminal),
};

/** `spool`: what waits on disk. */
export const spool = deskCommand({
  name: "spool",
  summary: "what waits on disk, whether it can be read, and its way to another connector",
  options: { json: { type: "boolean" }, sql: { type: "boolean" }, [INPUT_FLAG]: { type: "boolean" } },
  verbs: [stat, verify, gaps, exportRows, importRows],
});

async function verifyAll(spool: SpoolDesk, terminal: Terminal): Promise<number> {
  const { out, err, stopping } = terminal;
  const readable = { rows: 0, chunk: 0, letter: 0 };
  let faults = 0;
  let done = 0;
  const of = spool.lanes().reduce((sum, { rows }) => sum + rows, (await spool.letterIds()).length);
  for await (const { kind, name, rows, fault } of spool.verify()) {
    if (stopping.aborted) {
      err("It was told to stop before everything was read.\n");
      return EXIT.failed;
    }
    terminal.progress({ done: done += kind === "chunk" ? rows : 1, of, unit: "rows" });
    if (fault === undefined) {
      readable.rows += rows;
      readable[kind]++;
    } else {
      faults++;
      const lost = kind === "chunk" ? ` (${rows} still to be sent)` : "";
      out(`not readable: ${printable(`${name}${lost}: ${fault}`)}\n`);
    }
  }
  out(`readable: rows ${readable.rows}, chunks ${readable.chunk}, dead letters ${readable.letter}\n`);
  out(faults === 0 ? "Nothing is damaged.\n" : `damaged: ${faults}\n`);
  return faults === 0 ? EXIT.ok : EXIT.failed;
}

function jsonOf({ lanes, total, maxBytes, ledger }: SpoolStat): unknown {
  const level = (each: SpoolStat["total"]) => ({ rows: each.rows, bytes: each.bytes, oldest: iso(each.oldestUs) });
  return {
    lanes: lanes.map((each) => ({ lane: each.lane, ...level(each) })),
    ...level(total),
    max_bytes: maxBytes,
    dead_letters: ledger.total.dead_lettered,
    quarantined: ledger.total.quarantined,
    balanced: ledger.balanced,
    ledger: { ...ledger, since: iso(ledger.since) },
  };
}

function textOf({ lanes, total, maxBytes, ledger }: SpoolStat): string {
  const width = Math.max(12, ...lanes.map(({ lane }) => lane.length)) + 2;
  const line = (name: string, cells: readonly (string | number)[]) =>
    `${printable(name).padEnd(width)}${cells.map((cell) => String(cell).padStart(14)).join("  ")}`;
  const level = (name: string, each: SpoolStat["total"]) =>
    line(name, [each.rows, each.bytes, iso(each.oldestUs) ?? "-"]);
  const { dropped, ...counters } = ledger.total;
  const reasons = Object.entries(dropped).map(([reason, rows]) => [`dropped: ${reason}`, rows] as const);
  return [
    line("lane", ["rows", "sealed bytes", "oldest event"]),
    ...lanes.map((each) => level(each.lane, each)),
    level("total", total),
    line("limit", ["", maxBytes]),
    "",
    `The ledger since ${iso(ledger.since)} ${ledger.balanced ? "balances" : "does NOT balance"}:`,
    ...[...Object.entries(counters), ...reasons].map(([name, rows]) => line(`  ${name}`, [rows])),
    "",
  ].join("\n");
}
