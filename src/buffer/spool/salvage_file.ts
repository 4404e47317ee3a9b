/** Puts a damaged file aside, and in its place a new one with what can still be read of it. */
import type { Clock } from "../../core/clock.ts";
import { ConfigError, reasonOf } from "../../core/error.ts";
import type { Report } from "../../core/event.ts";
import { DamagedError } from "./faults.ts";
import { deleteOldRemains, exists, prepareDatabase, putAside, refuseDamagedQueues, removeFile } from "./files.ts";
import { load } from "./load.ts";
import { salvage, type Salvaged } from "./salvage.ts";
import { readLog } from "./salvage_log.ts";
import type { Sealer } from "./seal.ts";
import { Store } from "./store.ts";

/** Beside the spool's file: the copy while it is made, the copy that is whole, and a word that the file is damaged. */
const UNFINISHED = ".new";
const WHOLE = ".salvaged";
const DAMAGED = ".damaged";

export interface ReplaceDeps {
  readonly directory: string;
  readonly sealer: Sealer;
  readonly clock: Clock;
  readonly report: Report;
}

/**
 * Replaces the damaged spool at `path`, which stays as it is under another name. A kill in between costs nothing: as
 * long as the copy is not whole the damaged file is in its place, and then the next start puts the copy there.
 * @throws {ConfigError} when its key is not there, or a newer version has made it: then nothing was changed
 */
export async function replaceDamaged(path: string, reason: string, deps: ReplaceDeps): Promise<void> {
  const { report } = deps;
  report({ kind: "spool_salvage_begun", bytes: Deno.statSync(path).size, reason });
  const salvaged = await trySalvage(path, deps);
  report({ kind: "spool_replaced", kept: takePlace(path, deps), reason });
  if (typeof salvaged === "string") report({ kind: "spool_salvage_failed", reason: salvaged });
  else report({ kind: "spool_salvaged", ...salvaged });
}

/** Puts a copy in its place that an earlier process made and could not put there any more. */
export function finishReplacing(path: string, deps: Pick<ReplaceDeps, "clock" | "report">): void {
  if (!exists(path + WHOLE)) return;
  const kept = takePlace(path, deps);
  deps.report({ kind: "spool_replaced", kept, reason: "an earlier start met that, and was ended before it was done" });
}

/** Has the file replaced at the next start, whether or not it opens then. */
export function markDamaged(path: string, reason: string): void {
  Deno.writeTextFileSync(path + DAMAGED, reason, { mode: 0o600 });
}

/** What opening the file does not show, and would make worse. @throws {DamagedError} */
export function refuseDamaged(path: string): void {
  if (exists(path + DAMAGED)) throw new DamagedError(Deno.readTextFileSync(path + DAMAGED));
  if (readLog(`${path}-wal`).isDamaged) throw new DamagedError("its write-ahead log is damaged before its last commit");
  refuseDamagedQueues(path);
}

/** What was copied, or why nothing was. Whatever fails in it ends here: the spool begins anew then. */
async function trySalvage(path: string, deps: ReplaceDeps): Promise<Salvaged | string> {
  const copy = path + UNFINISHED;
  try {
    removeDatabase(copy);
    const salvaged = await salvageInto(copy, path, deps);
    Deno.renameSync(copy, path + WHOLE);
    return salvaged;
  } catch (error) {
    removeDatabase(copy);
    if (error instanceof ConfigError) throw error; // the start fails then, and nothing was changed
    return reasonOf(error);
  }
}

async function salvageInto(copy: string, path: string, { directory, sealer, clock }: ReplaceDeps): Promise<Salvaged> {
  prepareDatabase(copy);
  using resources = new DisposableStack();
  const store = resources.use(await Store.open(copy));
  const failed = () => removeFile(`${directory}/reserve`); // what is left to write needs room too
  const salvaged = await salvage(path, store, { sealer, clock, failed });
  await load(store, sealer, { maxDeadLetterBytes: Infinity, isMemoryReused: true, clock }); // or it is none
  resources.dispose();
  prepareDatabase(copy); // takes the log in
  return salvaged;
}

/**
 * The damaged file makes room for the copy, where there is one; of damaged ones the oldest go. Says where this one is.
 */
function takePlace(path: string, { clock, report }: Pick<ReplaceDeps, "clock" | "report">): string {
  const kept = putAside(path, clock.nowUs());
  removeFile(path + DAMAGED);
  if (exists(path + WHOLE)) Deno.renameSync(path + WHOLE, path);
  for (const deleted of deleteOldRemains(path, kept)) report({ kind: "spool_remains_deleted", path: deleted });
  return kept;
}

function removeDatabase(path: string): void {
  for (const beside of ["", "-wal", "-shm"]) removeFile(path + beside);
}
