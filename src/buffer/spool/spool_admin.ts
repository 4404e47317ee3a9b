import type { Clock } from "../../core/clock.ts";
import { ConfigError, EdgeError, reasonOf } from "../../core/error.ts";
import { exists, lockDirectory } from "./files.ts";
import { openKeys } from "./key_file.ts";
import { letterKey, type LetterRecord, letterRecordKey } from "./letters.ts";
import { load } from "./load.ts";
import { Missing } from "./missing.ts";
import { refuseDamaged } from "./salvage_file.ts";
import { keysOf, Store } from "./store.ts";
import { type OpenSpool, SpoolView } from "./spool_view.ts";

/** Keys that one commit deletes at most, more only for a single letter: the store takes 1,000 changes at a time. */
const MAX_DELETED = 500;

/** A process that has just ended may hold the lock for a moment yet, through one that it was about to start. */
const LOCK_ATTEMPTS = 10;
const LOCK_RETRY_MS = 25;

/** Where a spool is; absolute paths. */
export interface SpoolPlace {
  readonly directory: string;
  readonly keyPath: string;
}

/**
 * A spool as somebody sees it who looks after it while no connector runs. It holds the lock, so that none can start
 * meanwhile, and changes nothing but what `purge` is told to.
 */
export class SpoolAdmin extends SpoolView implements Disposable {
  readonly #spool: OpenSpool;
  readonly #clock: Clock;
  readonly #resources: Disposable;

  private constructor(spool: OpenSpool, clock: Clock, resources: Disposable) {
    super(spool, () => spool.state.snapshot([]));
    this.#spool = spool;
    this.#clock = clock;
    this.#resources = resources;
  }

  /** @throws {ConfigError} when there is no spool, a connector uses it, its key is not there or wrong, or it is damaged */
  static async open(place: SpoolPlace, clock: Clock): Promise<SpoolAdmin> {
    const path = `${place.directory}/spool.db`;
    if (!exists(path)) {
      throw unusable("spool_missing", `There is no spool in ${place.directory}: nothing was kept there`);
    }
    using resources = new DisposableStack();
    resources.use(await lockOf(place.directory, clock));
    try {
      refuseDamaged(path);
      const sealer = await openKeys(place.keyPath, { isNew: false, isCompressed: true });
      const store = resources.use(await Store.open(path));
      const options = { maxDeadLetterBytes: Infinity, isMemoryReused: true, isReadOnly: true, clock };
      const loaded = await load(store, sealer, options);
      return new SpoolAdmin({ state: loaded.state, store, sealer }, clock, resources.move());
    } catch (error) {
      if (error instanceof EdgeError) throw error;
      const advice = "Nothing was changed; the next start of the connector puts a damaged file aside";
      throw unusable("spool_unreadable", `The spool ${path} cannot be read: ${reasonOf(error)}. ${advice}`, error);
    }
  }

  /**
   * Deletes dead letters and counts them as purged, in the same commit, several where they are many; those that are not
   * there are passed over. Says how many went.
   */
  async purge(ids: Iterable<number>): Promise<number> {
    const records = await this.records();
    const found = [...new Set(ids)].flatMap((id) => {
      const record = records.get(id);
      return record ? [{ ...record, keys: [letterRecordKey(id), ...keysOf(letterKey(id), record.bytes)] }] : [];
    });
    for (let rest = found; rest.length > 0;) {
      const count = fitting(rest.map(({ keys }) => keys.length + 1)); // and a number that will not arrive
      await this.#delete(rest.slice(0, count));
      rest = rest.slice(count);
    }
    return found.length;
  }

  [Symbol.dispose](): void {
    this.#resources[Symbol.dispose]();
  }

  async #delete(letters: readonly Purged[]): Promise<void> {
    const { state: { ledger, names }, store } = this.#spool;
    const missing = new Missing();
    const timeUs = this.#clock.nowUs();
    for (const { source, row } of letters) {
      ledger.count(names.nameOf(source), "purged", 1);
      if (row) missing.note(row[0], { firstSeq: row[1], lastSeq: row[1], reason: "purged", timeUs });
    }
    const counters = [...ledger.takeChanged()].map(([source, value]) => ({
      key: ["ledger", names.numberOf(source)],
      value,
    }));
    try {
      const entries = [...counters, ...missing.takeChanged()];
      await store.write({ blobs: [], entries, deleted: letters.flatMap(({ keys }) => keys) });
    } catch (error) {
      throw unusable("spool_not_written", `Cannot write to the spool: ${reasonOf(error)}`, error);
    }
  }
}

/** A letter that goes. */
interface Purged extends LetterRecord {
  readonly keys: readonly Deno.KvKey[];
}

/** How many of the first letters one commit takes, by their numbers of keys: at least one. */
function fitting(sizes: readonly number[]): number {
  let sum = 0;
  const over = sizes.findIndex((size) => (sum += size) > MAX_DELETED);
  return over < 0 ? sizes.length : Math.max(1, over);
}

/** The spool's lock. @throws {ConfigError} when another process holds it, and goes on holding it */
async function lockOf(directory: string, clock: Clock): Promise<Disposable> {
  for (let attempt = 1;; attempt++) {
    try {
      return lockDirectory(directory);
    } catch (error) {
      if (!(error instanceof ConfigError && error.code === "spool_in_use")) throw error;
      if (attempt === LOCK_ATTEMPTS) throw inUse(directory, error);
    }
    await clock.sleep(LOCK_RETRY_MS);
  }
}

function inUse(directory: string, cause: ConfigError): ConfigError {
  const who = "a connector that starts or stops just now, or another command";
  const advice = "Try again in a moment; if that does not help, stop the connector";
  return unusable("spool_in_use", `Another process works with the spool in ${directory}: ${who}. ${advice}`, cause);
}

function unusable(code: string, message: string, cause?: unknown): ConfigError {
  return new ConfigError(code, message, { cause, path: "backpressure.disk_spool.path" });
}
