import type { Clock } from "../../core/clock.ts";
import type { BrowsePathSettings, NodeSettings } from "./node_settings.ts";

/** How often is looked whether a path is due. */
const LOOK_MS = 1000;

export interface RebrowseOptions {
  readonly clock: Clock;
  /** Whether a request can be sent now. */
  canAsk(): boolean;
  lookAgain(entries: readonly BrowsePathSettings[]): Promise<void>;
  /** @throws an error that ends the session; after any other one the path is still due */
  leave(error: unknown): void;
  readonly signal: AbortSignal;
}

/** A path, and when it is looked through again, by the monotonic clock. */
interface Due {
  readonly entry: BrowsePathSettings;
  atMs: number;
}

/**
 * Has paths looked through again that say how often (`rebrowse_interval_seconds`), until `signal` aborts.
 * @throws what `leave` throws
 */
export async function keepLookingAgain(entries: readonly NodeSettings[], options: RebrowseOptions): Promise<void> {
  const { clock, canAsk, lookAgain, leave, signal } = options;
  const startMs = clock.monotonicMs();
  const dues: readonly Due[] = entries
    .filter((entry) => "browse_path" in entry)
    .filter((entry) => entry.rebrowse_interval_seconds > 0)
    .map((entry) => ({ entry, atMs: startMs + entry.rebrowse_interval_seconds * 1000 }));
  while (dues.length > 0 && !signal.aborted) {
    await clock.sleep(LOOK_MS, signal).catch(() => {}); // only the signal ends it early
    const due = dues.filter(({ atMs }) => atMs <= clock.monotonicMs());
    if (signal.aborted || due.length === 0 || !canAsk()) continue;
    try {
      await lookAgain(due.map(({ entry }) => entry));
    } catch (error) {
      leave(error);
      continue;
    }
    for (const each of due) each.atMs = clock.monotonicMs() + each.entry.rebrowse_interval_seconds * 1000;
  }
}
