import type { DatabaseSync } from "node:sqlite";
import { ConnectionError } from "../../core/error.ts";
import { infoOf } from "../../core/home_file.ts";

/** SQLite's log may have this size at least: a large batch alone takes some of it. */
const MIN_BYTES = 32 * 1024 * 1024;
/** And this part of the file's largest size. */
const SHARE = 0.25;

/**
 * Keeps SQLite's log, which stands beside the file, within its bound. It grows while another program has a transaction
 * open, since what that still reads cannot leave it (sqlite.org/wal.html, 6).
 * @throws {ConnectionError} while it is beyond its bound
 */
export function checkLog(db: DatabaseSync, path: string, maxFileBytes: number): void {
  const log = `${path}-wal`;
  const maxBytes = Math.max(MIN_BYTES, maxFileBytes * SHARE);
  if ((infoOf(log)?.size ?? 0) <= maxBytes) return;
  if (db.prepare("PRAGMA wal_checkpoint(TRUNCATE)").get()?.busy === 0) return;
  throw new ConnectionError(
    "local_log_full",
    `Another program has been reading ${path} in one transaction for so long that ${log} has reached ` +
      `${Math.round(maxBytes / 1024 / 1024)} MiB: close that program, or end its transaction`,
  );
}
