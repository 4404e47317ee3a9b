import type { Clock } from "../core/clock.ts";
import type { LaneStatus, SourceStatus } from "../core/status.ts";
import type { Trial } from "../service/config_engine.ts";

const LOOK_EVERY_MS = 50;

/** Where sources and lanes stand. */
export interface Board {
  readonly sources: ReadonlyMap<string, SourceStatus>;
  readonly lanes: ReadonlyMap<string, LaneStatus>;
}

/** What a change has to bring up. */
export interface Expected {
  readonly sources: readonly string[];
  readonly lanes: readonly string[];
}

/** Waits until everything expected is up, as far as the trial asks for it. Resolves with why it is not; undefined when it is. */
export async function fault(
  expected: Expected,
  trial: Trial,
  { board, clock, signal }: { readonly board: Board; readonly clock: Clock; readonly signal: AbortSignal },
): Promise<string | undefined> {
  const endMs = clock.monotonicMs() + trial.withinMs;
  while (true) {
    const looks = [
      ...expected.sources.map((name) => lookAtSource(name, board.sources.get(name), trial)),
      ...expected.lanes.map((id) => lookAtLane(id, board.lanes.get(id), trial)),
    ];
    const failed = looks.find((look) => look.is === "failed");
    if (failed) return failed.why;
    const waiting = looks.find((look) => look.is === "waiting");
    if (!waiting) return undefined;
    if (clock.monotonicMs() >= endMs) return `${waiting.why} within ${trial.withinMs / 1000} s`;
    if (signal.aborted) return "the connector stops";
    await clock.sleep(LOOK_EVERY_MS);
  }
}

/** What is up now. */
export function upNow({ sources, lanes }: Board): Expected {
  return {
    sources: [...sources].filter(([, { state }]) => state === "connected").map(([name]) => name),
    lanes: [...lanes].filter(([, { isConnected }]) => isConnected).map(([id]) => id),
  };
}

type Look =
  | { readonly is: "up" }
  | { readonly is: "waiting"; readonly why: string }
  | { readonly is: "failed"; readonly why: string };

function lookAtSource(name: string, status: SourceStatus | undefined, { waitFor }: Trial): Look {
  if (status?.state === "connected") return { is: "up" };
  const reason = status?.lastError?.message;
  const why = `${name} is not connected${reason === undefined ? "" : ` (${reason})`}`;
  if (status?.state === "halted" || status?.state === "given_up") return { is: "failed", why };
  if (waitFor === "not_halted" && status?.state === "waiting") return { is: "up" };
  return { is: "waiting", why };
}

function lookAtLane(id: string, status: LaneStatus | undefined, { waitFor }: Trial): Look {
  if (status?.isConnected) return { is: "up" };
  const reason = status?.lastError?.message;
  const table = id.split("#")[0];
  const why = `the table ${table} cannot be written${reason === undefined ? "" : ` (${reason})`}`;
  if (waitFor === "not_halted" && status?.lastError) return { is: "up" };
  return { is: status?.breaker === "open" ? "failed" : "waiting", why }; // open: it was refused, or failed often enough
}
