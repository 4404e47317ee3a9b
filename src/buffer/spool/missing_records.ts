/** Records of numbers that will not arrive, as they are found: of any shape, and as many as there may be. */
import type { MissingRange } from "./desk.ts";
import type { MissingRecord } from "./missing.ts";
import type { Names } from "./names.ts";
import { isName, isSeq } from "./plain_records.ts";
import { type Entry, nameOfKey, type Store } from "./store.ts";

const REASONS: ReadonlySet<unknown> = new Set([
  "dropped",
  "quarantined",
  "purged",
  "exported",
  "lost_at_crash",
  "replayed",
  "replaced",
  "renumbered",
  "several",
]);
/** With more records than this at start, neighbours become one until there are no more than `KEPT`. */
const MAX_RECORDS = 20_000;
const KEPT = 10_000;
/** Records that one commit changes, of the 1,000 that the store takes. */
const PER_COMMIT = 500;

/** What a record is about. */
interface Found extends MissingRecord {
  readonly key: Deno.KvKey;
  readonly table: number;
  readonly firstSeq: number;
}

/** Undefined for a record that makes no sense. A reason that is not known is `other`. */
export function readMissing({ key, value }: Entry, names: Names): MissingRange | undefined {
  const found = foundIn({ key, value }, names);
  if (!found) return undefined;
  const { key: _, ...range } = found;
  return { ...range, table: names.nameOf(found.table) };
}

function foundIn({ key, value }: Entry, names: Names): Found | undefined {
  const [, table, firstSeq] = key;
  const { lastSeq, reason, timeUs } = (value ?? {}) as Partial<MissingRecord>; // of any shape: looked at here
  if (!isName(table, names) || !isSeq(firstSeq) || !isSeq(lastSeq) || lastSeq < firstSeq) return undefined;
  return {
    key,
    table,
    firstSeq,
    lastSeq,
    reason: typeof reason === "string" && REASONS.has(reason) ? reason : "other",
    timeUs: Number.isSafeInteger(timeUs) ? Number(timeUs) : 0,
  };
}

/** A range in the place of several, whose numbers it covers, and those between them. */
interface Merged {
  readonly entry: Entry;
  readonly replaced: readonly Deno.KvKey[];
}

/** The ranges that become one so that `kept` are left, those first that are nearest to each other. Sorted as in the store. */
export function merged(found: readonly Found[], kept: number): Merged[] {
  const gaps = found.flatMap((each, i) => {
    const before = found[i - 1];
    return before?.table === each.table ? [{ i, numbers: each.firstSeq - before.lastSeq }] : [];
  });
  const nearest = gaps.sort((a, b) => a.numbers - b.numbers).slice(0, Math.max(0, found.length - kept));
  const isJoined = new Set(nearest.map(({ i }) => i));
  const runs: Found[][] = [];
  for (const [i, each] of found.entries()) {
    if (isJoined.has(i)) runs.at(-1)?.push(each);
    else runs.push([each]);
  }
  return runs.filter(({ length }) => length > 1).map(mergedOf);
}

function mergedOf(run: readonly Found[]): Merged {
  const reason = "several";
  const key = [...run[0]?.key.slice(0, 3) ?? [], reason];
  const value: MissingRecord = {
    lastSeq: run.reduce((last, { lastSeq }) => Math.max(last, lastSeq), 0),
    reason,
    timeUs: run.reduce((last, { timeUs }) => Math.max(last, timeUs), 0),
  };
  const replaced = run.filter((each) => nameOfKey(each.key) !== nameOfKey(key)).map((each) => each.key);
  return { entry: { key, value }, replaced };
}

/** The ranges that the store has, as the numbers that were given. */
export async function missingIn(store: Pick<Store, "list">, names: Names): Promise<Found[]> {
  const entries = await Array.fromAsync(store.list(["missing"]));
  return entries.flatMap((entry) => foundIn(entry, names) ?? []);
}

/**
 * Makes few of very many. A kill in between costs nothing: a range is there before those are deleted that it stands for,
 * and the next start goes on.
 */
export async function boundMissing(store: Pick<Store, "write">, found: readonly Found[]): Promise<void> {
  if (found.length <= MAX_RECORDS) return;
  const all = merged(found, KEPT);
  for (let at = 0; at < all.length; at += PER_COMMIT) {
    await store.write({ blobs: [], entries: all.slice(at, at + PER_COMMIT).map(({ entry }) => entry), deleted: [] });
  }
  const replaced = all.flatMap((each) => each.replaced);
  for (let at = 0; at < replaced.length; at += PER_COMMIT) {
    await store.write({ blobs: [], entries: [], deleted: replaced.slice(at, at + PER_COMMIT) });
  }
}
