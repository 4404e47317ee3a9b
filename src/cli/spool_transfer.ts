/** `spool export` and `spool import`: the rows that wait, carried to another connector in a sealed file. */
import { EdgeError } from "../core/error.ts";
import { newPathInHome, pathInHome } from "../service/home_path.ts";
import type { Progress, Sealing } from "../service/workplace.ts";
import { EXIT, type Terminal } from "./command.ts";
import { INPUT_FLAG } from "./desk_command.ts";
import { printable } from "./printable.ts";
import { fileOf } from "./told.ts";
import { refuse, type Verb, type VerbCall } from "./verbs.ts";

const USAGE = `FILE [--${INPUT_FLAG}]`;

export const exportRows: Verb = {
  name: "export",
  usage: USAGE,
  summary: "the rows that wait into a new sealed file of the home directory; they leave the spool",
  flags: [INPUT_FLAG],
  operands: [1, 1],
  logged: fileOf,
  async run(call, terminal, workplace) {
    const sealing = await sealingOf(call, terminal);
    if (!sealing) return refuse(NO_PASSPHRASE, terminal);
    const path = newPathInHome(workplace, call.operands[0] ?? "");
    const steps = (await workplace.tools()).export(path, sealing, terminal.stopping);
    const rows = await follow(steps, "rows", terminal);
    if (rows === undefined) return stopped("the rows are still in the spool", terminal);
    terminal.out(`${printable(`rows written to ${path}, and counted as exported: ${rows}`)}\n`);
    return { exit: EXIT.ok, told: { rows } };
  },
};

export const importRows: Verb = {
  name: "import",
  usage: USAGE,
  summary: "take in the rows of such a file, with the identities that they have",
  flags: [INPUT_FLAG],
  operands: [1, 1],
  logged: fileOf,
  async run(call, terminal, workplace) {
    const sealing = await sealingOf(call, terminal);
    if (!sealing) return refuse(NO_PASSPHRASE, terminal);
    const path = pathInHome(workplace, call.operands[0] ?? "");
    const tools = await workplace.tools();
    const before = tools.ledger().sources.import?.received ?? 0;
    const done = await follow(tools.import(path, sealing, terminal.stopping), "bytes", terminal);
    const rows = (tools.ledger().sources.import?.received ?? 0) - before;
    const told = { rows };
    if (done === undefined) {
      return {
        exit: stopped(
          `${rows} rows of it were taken in: imported again, it is taken in as a whole, and these are there twice`,
          terminal,
        ),
        told,
      };
    }
    terminal.out(`${printable(`rows taken in from ${path}: ${rows}`)}\n`);
    return { exit: EXIT.ok, told };
  },
};

const NO_PASSPHRASE = "The passphrase on standard input is empty.";

/** Undefined for a passphrase without a character. Its line feed is not part of it. */
async function sealingOf({ flags }: VerbCall, { readInput }: Terminal): Promise<Sealing | undefined> {
  if (flags[INPUT_FLAG] !== true) return {};
  const passphrase = (await readInput()).replace(/\r?\n$/, "");
  return passphrase === "" ? undefined : { passphrase };
}

/** Shows how far it is. Resolves with how far it came; with undefined when it was told to stop first. */
async function follow(steps: AsyncIterable<Progress>, unit: string, terminal: Terminal): Promise<number | undefined> {
  let reached = 0;
  try {
    for await (const { done, of } of steps) {
      terminal.progress({ done, of, unit });
      reached = done;
    }
    return reached;
  } catch (error) {
    if (terminal.stopping.aborted && !(error instanceof EdgeError)) return undefined;
    throw error;
  }
}

function stopped(what: string, { err }: Terminal): number {
  err(`It was told to stop: ${what}\n`);
  return EXIT.failed;
}
