/** Which dead letters somebody means: some by their ids, those that a filter finds, or all. */
import type { SpoolDesk, SpoolTools } from "../buffer/spool/mod.ts";
import { type LetterSummary, type ShownLetter, shownLetter, summaryOf } from "./dead_letter_admin.ts";

export interface LetterFilter {
  readonly source?: string | undefined;
  /** `catalog.schema.table`. */
  readonly table?: string | undefined;
  readonly code?: string | undefined;
  /** From this time on, ISO 8601. */
  readonly after?: string | undefined;
  /** Before this time. */
  readonly before?: string | undefined;
}

export type LetterChoice =
  | { readonly kind: "all" }
  | { readonly kind: "ids"; readonly ids: readonly number[] }
  | { readonly kind: "filter"; readonly filter: LetterFilter };

/** Ids that a line of the audit names. */
const MAX_NAMED = 50;
/** Letters that are deleted between two looks whether it is to go on. */
const AT_ONCE = 100;

/** A filter without conditions means all. */
export function choiceOf(filter: LetterFilter): LetterChoice {
  return Object.values(filter).every((each) => each === undefined) ? { kind: "all" } : { kind: "filter", filter };
}

/** One that cannot be read has neither time nor table: it matches what asks for neither. */
export function matches(letter: LetterSummary, { source, table, code, after, before }: LetterFilter): boolean {
  const atMs = Date.parse(letter.time ?? "");
  return (source === undefined || letter.source === source) && (table === undefined || letter.table === table) &&
    (code === undefined || letter.code === code) && (after === undefined || atMs >= Date.parse(after)) &&
    (before === undefined || atMs < Date.parse(before));
}

/** In words for the audit: `all`, `letters 3 7`, `source=press code=bad_json`. */
export function choiceTold(choice: LetterChoice): string {
  if (choice.kind === "all") return "all";
  if (choice.kind === "filter") return filterTold(choice.filter);
  const { ids } = choice;
  const more = ids.length > MAX_NAMED ? ` and ${ids.length - MAX_NAMED} more` : "";
  return `${ids.length === 1 ? "letter" : "letters"} ${ids.slice(0, MAX_NAMED).join(" ")}${more}`;
}

/** `list` for none. */
export function filterTold(filter: LetterFilter): string {
  const told = Object.entries(filter).filter(([, value]) => value !== undefined);
  return told.map(([name, value]) => `${name}=${value}`).join(" ") || "list";
}

/** Which there are now; for a filter every letter is opened. Ids that somebody named are taken as they are. */
export async function chosenIds(
  spool: SpoolDesk,
  choice: LetterChoice,
  signal: AbortSignal,
): Promise<readonly number[]> {
  if (choice.kind === "all") return await spool.letterIds();
  if (choice.kind === "ids") return [...new Set(choice.ids)];
  const ids: number[] = [];
  for await (const found of spool.letters()) {
    signal.throwIfAborted();
    if (matches(summaryOf(found), choice.filter)) ids.push(found.id);
  }
  return ids;
}

/** All of each, the newest first. Those that are gone are passed over. */
export async function* chosenLetters(
  spool: SpoolDesk,
  choice: LetterChoice,
  signal: AbortSignal,
): AsyncIterable<ShownLetter> {
  if (choice.kind === "ids") {
    for (const id of [...new Set(choice.ids)].sort((a, b) => b - a)) {
      const found = await spool.letter(id);
      if (found) yield shownLetter(found);
    }
    return;
  }
  for await (const found of spool.letters()) {
    signal.throwIfAborted();
    if (choice.kind === "all" || matches(summaryOf(found), choice.filter)) yield shownLetter(found);
  }
}

export interface PurgeOptions {
  readonly ids: readonly number[];
  /** Is told how many were looked at. */
  readonly onDone: (done: number) => void;
  readonly signal: AbortSignal;
}

/** Deletes letters; they are counted as purged. `left`: not looked at, since it was told to stop. */
export async function purgeChosen(
  tools: Pick<SpoolTools, "purge">,
  { ids, onDone, signal }: PurgeOptions,
): Promise<{ readonly letters: number; readonly left: number }> {
  let [letters, done] = [0, 0];
  while (done < ids.length && !signal.aborted) {
    const some = ids.slice(done, done + AT_ONCE);
    letters += await tools.purge(some);
    onDone(done += some.length);
  }
  return { letters, left: ids.length - done };
}
