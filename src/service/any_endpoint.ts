import { ConnectionError, EdgeError, reasonOf } from "../core/error.ts";
import type { SourceConfig } from "../core/source.ts";

/**
 * What `open` gives for the first of a source's endpoints at which it succeeds, asked in turn.
 * @throws what the only one threw; of several a `ConnectionError` that has the reason of each
 */
export async function atAnyEndpoint<T>(
  places: readonly SourceConfig[],
  open: (config: SourceConfig) => Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  const failures: EdgeError[] = [];
  for (const config of places) {
    try {
      return await open(config);
    } catch (error) {
      if (signal.aborted || !(error instanceof EdgeError)) throw error;
      failures.push(error);
    }
  }
  const [only, ...others] = failures;
  if (only && others.length === 0) throw only;
  const reasons = failures.map(reasonOf).join("; ");
  throw new ConnectionError("source_unreachable", `None of the ${failures.length} endpoints can be used: ${reasons}`);
}
