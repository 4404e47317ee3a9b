import type { Workplace } from "../service/workplace.ts";
import { type Call, EXIT, type Terminal } from "./command.ts";
import { printable, printableLines } from "./printable.ts";
import type { Done, Told } from "./told.ts";

/** What a command does with its first operand. It does not know whether a connector works with the spool meanwhile. */
export interface Verb {
  readonly name: string;
  /** Its operands and flags, for the list of verbs. */
  readonly usage: string;
  readonly summary: string;
  /** Those of its command's flags that it takes. */
  readonly flags: readonly string[];
  /** How many words it takes, at least and at most. */
  readonly operands: readonly [least: number, most: number];
  /**
   * Of one that changes something or lets data out: what the log of the running connector tells of it, beside what `run`
   * tells.
   */
  readonly logged?: (call: VerbCall) => Told;
  /** `call`: with the words after the verb. Resolves with the exit code, and what the log tells of what came of it. */
  run(call: VerbCall, terminal: Terminal, workplace: Workplace): Promise<number | Done>;
}

/** The words after the verb. Home and configuration are those of the workplace. */
export type VerbCall = Pick<Call, "operands" | "flags">;

/** Which verb is meant, with the words after it; or why none is. */
export function verbOf(
  command: string,
  verbs: readonly Verb[],
  { operands: [name, ...operands], flags }: VerbCall,
): { readonly verb: Verb; readonly call: VerbCall } | string {
  const verb = verbs.find((each) => each.name === name);
  const fault = verb ? misuse(verb, operands, flags) : unknown(command, name);
  return verb && fault === undefined ? { verb, call: { operands, flags } } : `${fault}\n${list(command, verbs)}`;
}

/** Tells of words that mean nothing, and gives the exit code. */
export function refuse(why: string, { err }: Terminal): number {
  err(`${printableLines(why)}\n`);
  return EXIT.usage;
}

function unknown(command: string, name: string | undefined): string {
  return name === undefined ? `Say what ${command} is to do:` : `${command} cannot ${printable(name)}; there are:`;
}

function misuse({ name, operands: [least, most], flags }: Verb, words: readonly string[], given: Call["flags"]) {
  const foreign = Object.keys(given).find((flag) => given[flag] !== undefined && !flags.includes(flag));
  if (foreign !== undefined) return `${name} takes no --${foreign}; there are:`;
  if (words.length < least) return `${name} needs a word more; there are:`;
  if (words.length > most) return `${name} does not know what to do with ${printable(words[most] ?? "")}; there are:`;
  return undefined;
}

function list(command: string, verbs: readonly Verb[]): string {
  return verbs.map(({ name, usage, summary }) => `  ${`${command} ${name} ${usage}`.padEnd(34)} ${summary}`).join("\n");
}
