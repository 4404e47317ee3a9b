/**
 * The spool: a buffer whose rows are on disk before they count as accepted.
 *
 * ## Files
 *
 * All in one directory (0700), each file for its owner alone (0600):
 *
 * - `spool.db`: a Deno KV database, which is SQLite with a write-ahead log and `synchronous = FULL`: a commit that has
 *   resolved is on the disk, and a commit is there as a whole or not at all.
 * - `lock`: held by an advisory lock for as long as the process lives, however it ends.
 * - `reserve`: ballast, given back to a full disk, so that rows can be deleted there.
 * - `spool.db.corrupt-<time>`: a file that could not be read, as it was; the newest three.
 * - `spool.db.damaged`: says that `spool.db` turned out damaged while it was in use, and why.
 * - `spool.db.new`, `spool.db.salvaged`: what is left of a damaged file, while it is copied, and once that is done.
 *
 * ## Format
 *
 * Records of sealed values name the key too, so that old keys can go once nothing is sealed with them (see key_file.ts).
 * Sources, lanes and tables appear as numbers; what they are called is in `["names"]`, sealed. Sealed values (see
 * seal.ts) are compressed and encrypted; the rest is plain numbers.
 *
 *     ["meta"]                      format version, id of the key, when counting began
 *     ["names"], ["names_bytes"]    sealed: the list of names; and its length
 *     ["chunk", lane, firstSeq]     sealed: rows (see chunk_codec.ts)
 *     ["info", lane, firstSeq]      what is in that chunk: last seq, length, rows still needed per source, how far it is
 *                                   acknowledged and which rows beyond that became dead letters, range of event times
 *     ["head", lane]                every row up to this seq is acknowledged
 *     ["ledger", source]            counters
 *     ["seq", table]                up to this number the file knows what became of every row: of the next one, unless
 *                                   rows are in memory alone
 *     ["reserved", table]           numbers below this may be in use by rows in memory alone; 0: none
 *     ["missing", table, firstSeq, reason]   numbers up to `lastSeq` that will not arrive at the table
 *     ["dead", id], ["letter", id]  sealed: a dead letter; and its source, length, and which row of a table it holds
 *     ["next_letter"]               id of the next one
 *     ["imported", id]              when a file of rows from another connector was taken in
 *     ["exported_with", keyId]      when rows were last carried out in a file that needs this key: it is never deleted
 *     ["quarantine", lane, firstSeq, bootEpoch]   a chunk that does not open, as it was found
 *     ["part", n, ...key]           the n-th further piece of a value that is too long for one key
 *
 * ## Invariants
 *
 * - A row is in exactly one place of the ledger, and whatever moves it moves the counters in the same transaction:
 *   a commit holds chunks with the `received` of their rows, heads with `written`, dead letters with the `info` that
 *   lets their rows go. So the ledger balances in the file, whichever commit was the last.
 * - Rows of a lane are handed out after their commit, in `seq` order; those that are to stay in memory (see spill.ts) at
 *   once, and a commit that takes them to disk keeps readers and acknowledgements of them waiting. `seq` goes on counting over restarts, so one
 *   number says how far a lane is acknowledged although its rows may be of several boot epochs.
 * - One commit is written at a time, in the order in which they took what waits; the next may be sealed meanwhile. When
 *   one cannot be written, none behind it is.
 * - A new chunk never overwrites one: its record must not be there before.
 * - A chunk never changes once a reader has seen it. Until then the last chunk of a lane takes further rows, in place,
 *   so that a slow trickle of rows makes few chunks. A chunk below the head is garbage and deleted when there is time.
 * - Committed rows stay in memory too, as many as `maxUnsent`; beyond it they are only on disk, and read back when the
 *   reader gets there. What memory holds does not grow with the backlog, but for some 200 bytes per chunk.
 *
 * ## Recovery
 *
 * - Killed: the file is as after the last commit. Values of an unfinished write that nothing names are deleted at start.
 * - The file does not open, its records do not make sense, its log has a hole before the last commit, or it turned out
 *   damaged while it was in use: what is left of it is copied into a new one, page by page, without SQLite (see
 *   salvage.ts). The ledger balances there; what is missing counts as quarantined. Only then is the file put aside and the
 *   new one put in its place. Without the list of names no row can be attributed: then the new one is empty.
 * - Nothing vouches for plain records: one that cannot be true (see plain_records.ts) is damage, and what is sealed is
 *   read back without it. Where the number of the next row is lost or too low, it follows from what is there.
 * - The file turns out damaged while it is in use: nothing is taken for lost, the application is told, and starts anew.
 * - A chunk does not open: it goes into quarantine, its rows are counted, the reader goes on behind it.
 * - The key is missing or another: the start fails, nothing is touched.
 * - The disk is full: the ballast is given back, sources wait, rows go on leaving; once there is room for the ballast
 *   again, or as much inside the file, rows come in again.
 */
export type {
  FoundLetter,
  LaneLevel,
  MissingRange,
  Progress,
  Replacement,
  Sealing,
  SpoolDesk,
  SpoolKey,
  SpoolTools,
} from "./desk.ts";
export { UPLOAD_FILE } from "./files.ts";
export { formatOf } from "./format.ts";
export { FORMAT as SPOOL_FORMAT } from "./load.ts";
export { SpoolAdmin, type SpoolPlace } from "./spool_admin.ts";
export { SpoolBuffer } from "./spool_buffer.ts";
export type { SpoolBufferOptions } from "./spool_buffer_options.ts";
export type { Verified } from "./verify.ts";
