import {
  exportLetters,
  type LetterSummary,
  letterWith,
  newestLetters,
  purgeLetters,
  type ShownLetter,
} from "../service/dead_letter_admin.ts";
import { openSpoolAdmin, type SpoolAdmin } from "../service/spool_admin.ts";
import { type Call, type Command, EXIT, type Terminal } from "./command.ts";
import { loadOrExplain } from "./load.ts";
import { printable, printableJson } from "./printable.ts";
import { refuse, runVerb, type Verb } from "./verbs.ts";

const DEFAULT_LIMIT = 50;
const MAX_CELL = 200;
const WIDTHS = { id: 6, time: 24, source: 16, tag: 32, table: 32, code: 20, reason: 0 } as const;

const list: Verb = {
  name: "list",
  usage: "[--json] [--limit N]",
  summary: `the newest dead letters, ${DEFAULT_LIMIT} unless told`,
  flags: ["json", "limit"],
  operands: [0, 0],
  async run(call, terminal) {
    const limit = numberOf(String(call.flags.limit ?? DEFAULT_LIMIT));
    if (limit === undefined) return refuse("--limit must be a whole number from 1.", terminal);
    return await withSpool(call, terminal, (spool) => show(newestLetters(spool, limit), call, terminal));
  },
};

const showOne: Verb = {
  name: "show",
  usage: "ID [--json]",
  summary: "all of one: a row by its columns, what a device sent as text or base64",
  flags: ["json"],
  operands: [1, 1],
  async run(call, terminal) {
    const id = numberOf(call.operands[0] ?? "");
    if (id === undefined) return refuse(`${call.operands[0]} is no id: \`dlq list\` shows them.`, terminal);
    return await withSpool(call, terminal, async (spool) => {
      const letter = await letterWith(spool, id);
      terminal.out(call.flags.json ? `${printableJson(letter)}\n` : textOf(letter));
      return letter.row || letter.payload !== undefined ? EXIT.ok : EXIT.failed;
    });
  },
};

const exportAll: Verb = {
  name: "export",
  usage: "FILE",
  summary: "all of them into a new file of the home directory, a JSON object per line",
  flags: [],
  operands: [1, 1],
  async run(call, terminal) {
    return await withSpool(call, terminal, async (spool) => {
      const file = call.operands[0] ?? "";
      const { path, letters, unreadable } = await exportLetters(spool, {
        home: call.home,
        file,
        jsonOf: printableJson,
        signal: terminal.stopping,
      });
      terminal.out(`${printable(`dead letters written to ${path}: ${letters}; they are still in the spool`)}\n`);
      if (unreadable === 0) return EXIT.ok;
      terminal.err(`not readable, and in the file with id and source only: ${unreadable}\n`);
      return EXIT.failed;
    });
  },
};

const purge: Verb = {
  name: "purge",
  usage: "ID… | --all",
  summary: "delete dead letters for good; the ledger counts them as purged",
  flags: ["all"],
  operands: [0, Infinity],
  async run(call, terminal) {
    const ids = call.operands.map(numberOf);
    const isAll = call.flags.all === true;
    if (isAll === ids.length > 0) return refuse("Name the ids of the dead letters to delete, or --all.", terminal);
    const wrong = call.operands.find((_, i) => ids[i] === undefined);
    if (wrong !== undefined) return refuse(`${wrong} is no id: nothing was deleted.`, terminal);
    return await withSpool(call, terminal, async (spool) => {
      const count = await purgeLetters(spool, isAll ? "all" : ids.flatMap((id) => id ?? []));
      terminal.out(`dead letters deleted, and counted as purged: ${count}\n`);
      return EXIT.ok;
    });
  },
};

/** `dlq`: what could not be delivered and why, while the connector does not run. */
export const dlq: Command = {
  name: "dlq",
  usage: "list|show|export|purge",
  summary: "look at dead letters, export or delete them; the connector must be stopped",
  options: { json: { type: "boolean" }, limit: { type: "string" }, all: { type: "boolean" } },
  operands: Infinity, // each verb says how many
  run: (call, terminal) => runVerb("dlq", [list, showOne, exportAll, purge], { call, terminal }),
};

/** Opens the spool of the call's home directory for as long as `use` takes. */
async function withSpool(
  call: Call,
  terminal: Terminal,
  use: (spool: SpoolAdmin) => Promise<number>,
): Promise<number> {
  const loaded = await loadOrExplain(call, terminal);
  if (!loaded) return EXIT.badConfig;
  using spool = await openSpoolAdmin({ config: loaded.config, home: call.home, clock: terminal.clock });
  return await use(spool);
}

async function show(letters: AsyncIterable<LetterSummary>, { flags }: Call, terminal: Terminal): Promise<number> {
  const { out, err } = terminal;
  if (!flags.json) out(`${lineOf((name) => name)}\n`);
  let count = 0;
  for await (const letter of letters) {
    out(flags.json ? `${printableJson(letter)}\n` : `${lineOf((name) => String(letter[name] ?? ""))}\n`);
    count++;
  }
  if (count === 0) err("There are no dead letters.\n");
  return EXIT.ok;
}

function lineOf(cell: (name: keyof typeof WIDTHS) => string): string {
  const names = Object.keys(WIDTHS) as (keyof typeof WIDTHS)[]; // the keys of a constant
  return names.map((name) => printable(cell(name).slice(0, MAX_CELL)).padEnd(WIDTHS[name])).join(" ").trimEnd();
}

/** A line per member, those of a row below it. */
function textOf({ row, payload, payload_encoding, ...summary }: ShownLetter): string {
  const lines = linesOf(summary, "");
  if (row) {
    const { columns, bytes, ...identity } = row;
    lines.push("row:", ...linesOf(identity, "  "));
    lines.push(...(columns ? ["  columns:", ...linesOf(columns, "    ")] : linesOf({ "bytes (base64)": bytes }, "  ")));
  }
  if (payload !== undefined) lines.push(...linesOf({ [`payload (${payload_encoding})`]: payload }, ""));
  return lines.map((line) => `${line}\n`).join("");
}

function linesOf(members: object, indent: string): string[] {
  return Object.entries(members).map(([name, value]) => `${indent}${name}: ${printable(String(value))}`);
}

/** A whole number from 1, as it is written; undefined for another text. */
function numberOf(text: string): number | undefined {
  return /^[1-9]\d{0,14}$/.test(text) ? Number(text) : undefined;
}
