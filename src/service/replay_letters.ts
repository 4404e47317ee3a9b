/** Dead letters on their way back to where rows wait for their table. */
import type { SpoolTools } from "../buffer/spool/mod.ts";
import { EdgeError, SpoolFullError } from "../core/error.ts";

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
  /** Why letters stay, a sentence for each. */
  readonly failures: readonly string[];
  /** Letters that were not looked at, since it was told to stop or the spool is full. */
  readonly left: number;
}

/** Puts letters back, the oldest first. One that cannot go stays, and the others go on. */
export async function replayLetters(
  tools: Pick<SpoolTools, "letterIds">,
  { ids, replayOne, onDone, signal }: ReplayOptions,
): Promise<Replayed> {
  const wanted = [...new Set(ids === "all" ? await tools.letterIds() : ids)].sort((a, b) => a - b);
  const failures: string[] = [];
  let [letters, rows, done] = [0, 0, 0];
  for (const id of wanted) {
    if (signal.aborted) break;
    try {
      rows += await replayOne(id);
      letters++;
    } catch (error) {
      if (!(error instanceof EdgeError)) throw error;
      failures.push(error.message);
      if (error instanceof SpoolFullError) break;
    }
    onDone(++done, wanted.length);
  }
  return { letters, rows, failures, left: wanted.length - letters - failures.length };
}
