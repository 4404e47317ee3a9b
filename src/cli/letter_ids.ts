import type { VerbCall } from "./verbs.ts";

/** Which dead letters are meant. */
export type Chosen = { readonly ids: readonly number[] | "all" } | { readonly fault: string };

/** Those that the words name or, with `--all`, all. */
export function chosenLetters({ operands, flags }: VerbCall): Chosen {
  const isAll = flags.all === true;
  if (isAll === operands.length > 0) return { fault: "Name the ids of the dead letters, or --all." };
  const ids = operands.map(wholeNumber);
  const wrong = operands.find((_, i) => ids[i] === undefined);
  if (wrong !== undefined) return { fault: `${wrong} is no id: nothing was changed.` };
  return { ids: isAll ? "all" : ids.flatMap((id) => id ?? []) };
}

/** A whole number from 1, as it is written; undefined for another text. */
export function wholeNumber(text: string): number | undefined {
  return /^[1-9]\d{0,14}$/.test(text) ? Number(text) : undefined;
}
