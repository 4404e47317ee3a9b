import type { Clock } from "../../core/clock.ts";
import { ConfigError, reasonOf } from "../../core/error.ts";
import type { Report } from "../../core/event.ts";
import { DamagedError, DiskFullError } from "./faults.ts";
import { exists, hasRemains, lockDirectory, prepareDatabase } from "./files.ts";
import { openKeys, settleKeyFiles } from "./key_file.ts";
import { load, type LoadedSpool } from "./load.ts";
import { finishReplacing, refuseDamaged, replaceDamaged } from "./salvage_file.ts";
import { type Sealer, SealError } from "./seal.ts";
import { neededKeyIds } from "./sealed_keys.ts";
import { Store } from "./store.ts";

export interface OpenOptions {
  readonly directory: string;
  readonly keyPath: string;
  readonly isCompressed: boolean;
  readonly maxDeadLetterBytes: number;
  /** Whether nobody looks at a row once it is acknowledged. */
  readonly isMemoryReused: boolean;
  readonly clock: Clock;
  readonly report: Report;
}

export interface OpenedSpool extends LoadedSpool, Disposable {
  readonly store: Store;
  readonly sealer: Sealer;
}

/**
 * Opens the spool, or makes it. A file that cannot be read is put aside, and a new one begun with what is left of it.
 * @throws {ConfigError} when it is in use, its key is missing or not the right one, or its directory cannot be used
 */
export async function openSpool(options: OpenOptions): Promise<OpenedSpool> {
  const { directory, keyPath, isCompressed } = options;
  using resources = new DisposableStack();
  resources.use(lockDirectory(directory));
  const path = `${directory}/spool.db`;
  finishReplacing(path, options);
  const sealer = await openKeys(keyPath, { isNew: !exists(path), isCompressed });
  try {
    const { store, loaded } = await openOrReplace(path, sealer, options);
    resources.use(store);
    const recorded = hasRemains(directory) ? sealer.keyIds : loaded.state.keyIds(sealer);
    const needed = await neededKeyIds(store, sealer, recorded);
    settleKeyFiles(keyPath, { sealer, needed });
    const kept = resources.move();
    return { ...loaded, store, sealer, [Symbol.dispose]: () => kept.dispose() };
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    const advice = error instanceof DiskFullError ? ". Free some megabytes there, and start it again" : "";
    throw new ConfigError("spool_unusable", `Cannot open the spool ${path}: ${reasonOf(error)}${advice}`, {
      cause: error,
      path: "backpressure.disk_spool.path",
    });
  }
}

interface Opened {
  readonly store: Store;
  readonly loaded: LoadedSpool;
}

async function openOrReplace(path: string, sealer: Sealer, options: OpenOptions): Promise<Opened> {
  try {
    refuseDamaged(path);
    return await openFile(path, sealer, options);
  } catch (error) {
    if (!(error instanceof DamagedError || error instanceof SealError)) throw error;
    await replaceDamaged(path, reasonOf(error), { ...options, sealer });
    return await openFile(path, sealer, options);
  }
}

async function openFile(path: string, sealer: Sealer, options: OpenOptions): Promise<Opened> {
  prepareDatabase(path);
  using resources = new DisposableStack();
  const store = resources.use(await Store.open(path));
  const loaded = await load(store, sealer, options);
  resources.move();
  return { store, loaded };
}
