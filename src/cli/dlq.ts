import {
  exportLetters,
  type LetterSummary,
  letterWith,
  newestLetters,
  purgeLetters,
  type ShownLetter,
} from "../service/dead_letter_admin.ts";
import { EXIT, type Terminal } from "./command.ts";
import { deskCommand } from "./desk_command.ts";
import { replay } from "./dlq_replay.ts";
import { chosenLetters, wholeNumber } from "./letter_ids.ts";
import { printable, printableJson } from "./printable.ts";
import { fileOf, idsOf } from "./told.ts";
import { refuse, type Verb, type VerbCall } from "./verbs.ts";

const DEFAULT_LIMIT = 50;
const MAX_CELL = 200;
const WIDTHS = { id: 6, time: 24, source: 16, tag: 32, table: 32, code: 20, reason: 0 } as const;

const list: Verb = {
  name: "list",
  usage: "[--json] [--limit N]",
  summary: `the newest dead letters, ${DEFAULT_LIMIT} unless told`,
  flags: ["json", "limit"],
  operands: [0, 0],
  async run(call, terminal, workplace) {
    const limit = wholeNumber(String(call.flags.limit ?? DEFAULT_LIMIT));
    if (limit === undefined) return refuse("--limit must be a whole number from 1.", terminal);
    return await show(newestLetters(await workplace.desk(), limit), call, terminal);
  },
};

const showOne: Verb = {
  name: "show",
  usage: "ID [--json]",
  summary: "all of one: a row by its columns, what a device sent as text or base64",
  flags: ["json"],
  operands: [1, 1],
  async run(call, terminal, workplace) {
    const id = wholeNumber(call.operands[0] ?? "");
    if (id === undefined) return refuse(`${call.operands[0]} is no id: \`dlq list\` shows them.`, terminal);
    const letter = await letterWith(await workplace.desk(), id);
    terminal.out(call.flags.json ? `${printableJson(letter)}\n` : textOf(letter));
    return letter.row || letter.payload !== undefined ? EXIT.ok : EXIT.failed;
  },
};

const exportAll: Verb = {
  name: "export",
  usage: "FILE",
  summary: "all of them into a new file of the home directory, a JSON object per line",
  flags: [],
  operands: [1, 1],
  logged: fileOf,
  async run(call, terminal, workplace) {
    const { path, letters, unreadable } = await exportLetters(await workplace.desk(), {
      place: workplace,
      file: call.operands[0] ?? "",
      jsonOf: printableJson,
      onWritten: (done, of) => terminal.progress({ done, of, unit: "dead letters" }),
      signal: terminal.stopping,
    });
    terminal.out(`${printable(`dead letters written to ${path}: ${letters}; they are still in the spool`)}\n`);
    if (unreadable > 0) terminal.err(`not readable, and in the file with id and source only: ${unreadable}\n`);
    return { exit: unreadable === 0 ? EXIT.ok : EXIT.failed, told: { letters } };
  },
};

const purge: Verb = {
  name: "purge",
  usage: "ID… | --all",
  summary: "delete dead letters for good; the ledger counts them as purged",
  flags: ["all"],
  operands: [0, Infinity],
  logged: idsOf,
  async run(call, terminal, workplace) {
    const chosen = chosenLetters(call);
    if ("fault" in chosen) return refuse(chosen.fault, terminal);
    const count = await purgeLetters(await workplace.desk(), chosen.ids);
    terminal.out(`dead letters deleted, and counted as purged: ${count}\n`);
    return { exit: EXIT.ok, told: { letters: count } };
  },
};

/** `dlq`: what could not be delivered and why. */
export const dlq = deskCommand({
  name: "dlq",
  summary: "look at dead letters, send them again, export or delete them",
  options: {
    json: { type: "boolean" },
    limit: { type: "string" },
    all: { type: "boolean" },
    set: { type: "string", multiple: true },
    "payload-file": { type: "string" },
  },
  verbs: [list, showOne, replay, exportAll, purge],
});

async function show(letters: AsyncIterable<LetterSummary>, { flags }: VerbCall, terminal: Terminal): Promise<number> {
  const { out, err } = terminal;
  if (!flags.json) out(`${lineOf((name) => name)}\n`);
  let count = 0;
  for await (const letter of letters) {
    out(flags.json ? `${printableJson(letter)}\n` : `${lineOf((name) => String(letter[name] ?? ""))}\n`);
    count++;
    await terminal.hasRoom();
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
