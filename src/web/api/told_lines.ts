/** Answers of long work: a JSON object a line, how far it is and at last what came of it. */
import { EdgeError } from "../../core/error.ts";
import type { Logger } from "../../core/logger.ts";
import type { Progress } from "../../service/workplace.ts";

export const LINES = "application/x-ndjson";
/** Lines that wait for a client; what tells how far it is, is left out beyond it. */
const MAX_WAITING = 64;

export interface Telling {
  /** A line that nobody is to miss. */
  readonly tell: (line: object) => void;
  /** How far it is: told when it is a percent more, and the client takes what is told. */
  readonly progress: (at: Progress) => void;
  /** Aborts when nobody listens any more. */
  readonly signal: AbortSignal;
}

export interface ToldOptions {
  /** Aborts when the client is gone. */
  readonly gone: AbortSignal;
  /** Is aborted when nobody reads the lines any more. */
  readonly left?: AbortController;
  readonly log: Logger;
  /** Is told why it failed, before the client is. */
  readonly onFailed: (why: { readonly code: string; readonly message: string }) => void;
}

/**
 * Begins the work and answers with what it tells: `{kind: "progress", done, of}`, what it tells itself, and
 * `{kind: "end", …}` with what it resolves with, or with `error`. It goes at its own speed: a client that takes nothing
 * holds up no spool.
 */
export function toldLines(work: (telling: Telling) => Promise<object>, options: ToldOptions): Response {
  const { left = new AbortController() } = options;
  const signal = AbortSignal.any([options.gone, left.signal]);
  const utf8 = new TextEncoder();
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      const tell = (line: object) => {
        if (!left.signal.aborted) controller.enqueue(utf8.encode(`${JSON.stringify(line)}\n`));
      };
      const progress = everyPercent(({ done, of }) => {
        if ((controller.desiredSize ?? 0) > 0) tell({ kind: "progress", done, of });
      });
      void outcome(work, { tell, progress, signal }, options).then((end) => {
        tell({ kind: "end", ...end });
        if (!left.signal.aborted) controller.close();
      });
    },
    cancel: () => left.abort(),
  }, { highWaterMark: MAX_WAITING });
  return new Response(body, { headers: { "content-type": LINES } });
}

async function outcome(
  work: (telling: Telling) => Promise<object>,
  telling: Telling,
  options: ToldOptions,
): Promise<object> {
  try {
    return { ...await work(telling), error: null };
  } catch (error) {
    const why = whyOf(error, telling.signal, options.log);
    options.onFailed(why);
    return { error: why };
  }
}

function whyOf(error: unknown, signal: AbortSignal, log: Logger): { code: string; message: string } {
  if (error instanceof EdgeError) return { code: error.code, message: error.message };
  if (signal.aborted) return { code: "stopped", message: "Nobody waited for its end, so it was stopped" };
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  log.log("error", `A web request met a defect of the connector, please report it: ${message}`, { code: "bug", stack });
  return { code: "internal_error", message: "A defect of the connector: its log says more" };
}

function everyPercent(tell: (at: Progress) => void): (at: Progress) => void {
  let told = -1;
  return (at) => {
    const percent = Math.floor((100 * at.done) / Math.max(1, at.of));
    if (percent === told) return;
    told = percent;
    tell(at);
  };
}

/** Steps of which the first is done when this resolves: what is refused at once is thrown here, before an answer begins. */
export async function begunSteps<T>(steps: AsyncIterable<T>): Promise<AsyncIterable<T>> {
  const each = steps[Symbol.asyncIterator]();
  const first = await each.next();
  return (async function* () {
    if (first.done) return;
    try {
      yield first.value;
      yield* { [Symbol.asyncIterator]: () => each };
    } finally {
      await each.return?.();
    }
  })();
}

/** Whether a client asks for lines rather than for what they lead to. */
export function wantsLines(request: Request): boolean {
  return (request.headers.get("accept") ?? "").split(",").some((each) => each.split(";")[0]?.trim() === LINES);
}
