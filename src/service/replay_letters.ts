/** Dead letters on their way back to where rows wait for their table. */
import type { SpoolTools } from "../buffer/spool/mod.ts";
import { EdgeError } from "../core/error.ts";

export interface ReplayOptions {
  readonly ids: readonly number[] | "all";
  /** Puts back one, as it is or changed. Says how many rows it became. */
  readonly replayOne: (id: number) => Promise<number>;
  /** Is told of each letter that was looked at, and how many there are. */
  readonly onDone: (done: number, of: number) => void;
  readonly signal: AbortSignal;
}

export interface Replayed {
  readonly letters: number;
  readonly rows: number;
  /** Letters that stay, and why. */
  readonly failures: readonly ReplayFailure[];
  /** Letters that were not looked at, since it was told to stop. */
  readonly left: number;
}

export interface ReplayFailure {
  readonly id: number;
  readonly reason: string;
}

/** Puts letters back, the oldest first. One that cannot go stays, and the others go on. */
export async function replayLetters(
  tools: SpoolTools,
  { ids, replayOne, onDone, signal }: ReplayOptions,
): Promise<Replayed> {
  const wanted = [...new Set(ids === "all" ? await tools.letterIds() : ids)].sort((a, b) => a - b);
  const failures: ReplayFailure[] = [];
  let [done, rows] = [0, 0];
  for (const id of wanted) {
    if (signal.aborted) break;
    try {
      rows += await replayOne(id);
    } catch (error) {
      if (!(error instanceof EdgeError)) throw error;
      failures.push({ id, reason: error.message });
    }
    onDone(++done, wanted.length);
  }
  return { letters: done - failures.length, rows, failures, left: wanted.length - done };
}
