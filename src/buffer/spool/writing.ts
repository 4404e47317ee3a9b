import type { SpoolBufferOptions } from "./spool_buffer_options.ts";
import { Ballast } from "./ballast.ts";
import { Committer } from "./committer.ts";
import { GroupCommit } from "./group_commit.ts";
import type { HotRows } from "./hot_rows.ts";
import { Reserve } from "./reserve.ts";
import { Room } from "./room.ts";
import { Spill } from "./spill.ts";
import type { OpenSpool } from "./spool_view.ts";
import { Writer } from "./writer.ts";

/** The way of rows to the disk. */
export interface Writing {
  readonly writer: Writer;
  readonly committer: Committer;
  readonly commits: GroupCommit;
  /** Whether more may come. */
  readonly room: Room;
}

export function writingTo(spool: OpenSpool, hot: HotRows, options: SpoolBufferOptions): Writing {
  const { state, store, sealer } = spool;
  const { directory, reserveMb, clock, report, commitIntervalMs } = options;
  const ballast = new Ballast(`${directory}/reserve`, reserveMb);
  ballast.make();
  const changed = () => {
    room.changed();
    commits.interrupt();
  };
  const writer = new Writer({ store, ballast, clock, report, liveBytes: () => state.liveBytes, changed });
  const room = new Room({ ...options, state, writer });
  const committer = new Committer({ state, sealer, writer, hot, clock, written: () => room.changed() });
  const commits = new GroupCommit({
    begin: (before) => committer.begin(before),
    isAwaited: () => state.isAwaited,
    waiting: () => state.pendingBytes,
    isFull: () => state.isJobFull,
    intervalMs: commitIntervalMs,
    clock,
  });
  return { writer, committer, commits, room };
}

/** What keeps rows from the disk that leave soon. */
export interface Laziness {
  readonly spill: Spill;
  readonly reserve: Reserve;
}

/** Undefined where every row goes to disk at once. */
export function lazinessOf(
  { state }: OpenSpool,
  { hot, commits }: { readonly hot: HotRows; readonly commits: GroupCommit },
  { spillThreshold, maxUnsent, maxUnsentBytes, clock, report }: SpoolBufferOptions,
): Laziness | undefined {
  if (spillThreshold === undefined) return undefined;
  const limits = { maxRows: maxUnsent * spillThreshold, maxBytes: maxUnsentBytes * spillThreshold };
  const spill = new Spill({ ...limits, state, hot, commits, clock, report });
  return { spill, reserve: new Reserve(state, commits, clock) };
}
