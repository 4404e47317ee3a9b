import { type Call, EXIT, type Terminal } from "./command.ts";
import { printable, printableLines } from "./printable.ts";

/** What a command does with its first operand. */
export interface Verb {
  readonly name: string;
  /** Its operands and flags, for the list of verbs. */
  readonly usage: string;
  readonly summary: string;
  /** Those of its command's flags that it takes. */
  readonly flags: readonly string[];
  /** How many words it takes, at least and at most. */
  readonly operands: readonly [least: number, most: number];
  /** `call`: with the words after the verb. */
  run(call: Call, terminal: Terminal): Promise<number>;
}

/** Does what the first operand says, or says what there is. */
export async function runVerb(
  command: string,
  verbs: readonly Verb[],
  { call, terminal }: { readonly call: Call; readonly terminal: Terminal },
): Promise<number> {
  const [name, ...operands] = call.operands;
  const verb = verbs.find((each) => each.name === name);
  const fault = verb ? misuse(verb, operands, call.flags) : unknown(command, name);
  if (!verb || fault !== undefined) return refuse(`${fault}\n${list(command, verbs)}`, terminal);
  return await verb.run({ ...call, operands }, terminal);
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
