import type { SourceDeps } from "../core/source.ts";
import { within } from "../lib/within.ts";

/** How long a source may take to leave its device. */
const END_MS = 10_000;

export interface BoundedEndOptions {
  /** The source's. */
  readonly name: string;
  readonly deps: Pick<SourceDeps, "clock" | "log">;
}

/**
 * Disposes of `source`. One that does not come to its end is left to itself after 10 s, with a line in the log: it must
 * hold up neither the next session nor the connector's stop.
 * @throws what disposing of it throws in time
 */
export function boundedEnd(
  source: AsyncDisposable,
  { name, deps: { clock, log } }: BoundedEndOptions,
): AsyncDisposable {
  return {
    async [Symbol.asyncDispose]() {
      const ended = Promise.resolve(source[Symbol.asyncDispose]());
      if (await within(ended, END_MS, clock)) return;
      ended.catch(() => {}); // told already that it went wrong
      const message = `The session of ${name} has not ended within ${END_MS / 1000} s: it is left to itself`;
      log.log("warn", message, { code: "source_not_ended", source: name });
    },
  };
}
