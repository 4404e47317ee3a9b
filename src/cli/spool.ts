import { openSpoolAdmin, type SpoolStat, spoolStat } from "../service/spool_admin.ts";
import { type Command, EXIT, type Terminal } from "./command.ts";
import { loadOrExplain } from "./load.ts";
import { printable, printableJson } from "./printable.ts";
import { runVerb, type Verb } from "./verbs.ts";

const stat: Verb = {
  name: "stat",
  usage: "[--json]",
  summary: "what waits in the spool, and whether the ledger balances",
  flags: ["json"],
  operands: [0, 0],
  async run(call, terminal) {
    const loaded = await loadOrExplain(call, terminal);
    if (!loaded) return EXIT.badConfig;
    using spool = await openSpoolAdmin({ config: loaded.config, home: call.home, clock: terminal.clock });
    const found = spoolStat(spool, loaded.config);
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
  async run(call, terminal) {
    const loaded = await loadOrExplain(call, terminal);
    if (!loaded) return EXIT.badConfig;
    using spool = await openSpoolAdmin({ config: loaded.config, home: call.home, clock: terminal.clock });
    return await verifyAll(spool, terminal);
  },
};

/** `spool`: what waits on disk, while the connector does not run. */
export const spool: Command = {
  name: "spool",
  usage: "stat|verify [--json]",
  summary: "what waits on disk, and whether it can be read; the connector must be stopped",
  options: { json: { type: "boolean" } },
  operands: Infinity, // each verb says how many
  run: (call, terminal) => runVerb("spool", [stat, verify], { call, terminal }),
};

async function verifyAll(
  spool: Awaited<ReturnType<typeof openSpoolAdmin>>,
  { out, err, stopping }: Terminal,
): Promise<number> {
  const readable = { rows: 0, chunk: 0, letter: 0 };
  let faults = 0;
  for await (const { kind, name, rows, fault } of spool.verify()) {
    if (stopping.aborted) {
      err("It was told to stop before everything was read.\n");
      return EXIT.failed;
    }
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

/** ISO 8601 of microseconds since 1970-01-01 UTC. Times that a device made up may be out of its range. */
function iso(timeUs: number | undefined): string | undefined {
  if (timeUs === undefined) return undefined;
  const time = new Date(timeUs / 1000);
  return Number.isNaN(time.getTime()) ? `${timeUs} us` : time.toISOString();
}
