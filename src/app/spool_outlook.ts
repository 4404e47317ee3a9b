import { SpoolBuffer } from "../buffer/spool/mod.ts";
import type { Config } from "../config/mod.ts";
import type { SpoolOutlook } from "../core/status.ts";
import { spoolTrend } from "../telemetry/mod.ts";
import type { ListenerDeps } from "./listener_deps.ts";

const MEGABYTE = 1024 * 1024;

export type OutlookDeps = Pick<ListenerDeps, "buffer" | "history" | "telemetry" | "sourceDeps">;

/** How the spool stands, and where that leads; undefined where nothing is kept on disk. */
export function spoolOutlook(
  { buffer, history, telemetry: { board }, sourceDeps: { clock } }: OutlookDeps,
  { backpressure: { disk_spool } }: Config,
): SpoolOutlook | undefined {
  if (!(buffer instanceof SpoolBuffer)) return undefined;
  const maxBytes = disk_spool.max_size_mb * MEGABYTE;
  const changedUs = Math.max(0, ...[...board.lanes.values()].map(({ breakerSince }) => breakerSince));
  const trend = spoolTrend(history, { nowUs: clock.nowUs(), maxBytes, changedUs });
  return { rows: buffer.ledger().total.spooled, bytes: buffer.level().spooledBytes, maxBytes, trend };
}
