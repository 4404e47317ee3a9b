import type { LogFields } from "../core/logger.ts";
import type { Call } from "./command.ts";
import { printable } from "./printable.ts";

/** Characters of a path in the log. */
const MAX_PATH = 200;

/** The words after the verb. */
type Words = Pick<Call, "operands" | "flags">;

/** What the log tells of a command beside its name and exit code: which file, how many ids, what came of it; no contents. */
export type Told = LogFields;

/** The exit code of what was done, and numbers that the log tells. */
export interface Done {
  readonly exit: number;
  readonly told: Told;
}

export const nothing = (): Told => ({});

/** The file that a command names. */
export const fileOf = ({ operands: [file = ""] }: Words): Told => ({ file: pathText(file) });

/** How many dead letters a command names, and the file that one of them is replaced by. */
export function idsOf({ operands, flags }: Words): Told {
  const file = flags["payload-file"];
  const ids = flags.all === true ? "all" : operands.length;
  return typeof file === "string" ? { ids, file: pathText(file) } : { ids };
}

function pathText(file: string): string {
  const text = printable(file);
  return text.length > MAX_PATH ? `${text.slice(0, MAX_PATH)}…` : text;
}
