import type { Reading } from "../../core/reading.ts";
import type { Route } from "../buffer.ts";
import type { DeadLetter } from "../dead_letters.ts";
import type { LedgerSnapshot } from "../ledger.ts";
import type { Verified } from "./verify.ts";

/** What a lane holds. */
export interface LaneLevel {
  readonly lane: string;
  /** Rows that are still needed. */
  readonly rows: number;
  /** Sealed bytes of the chunks that they are in. */
  readonly bytes: number;
  /** The earliest event time in those chunks, microseconds since 1970-01-01 UTC; undefined where there is none. */
  readonly oldestUs: number | undefined;
}

/** A dead letter that is stored. */
export interface FoundLetter {
  readonly id: number;
  readonly source: string;
  /** Undefined where it does not open. */
  readonly letter: DeadLetter | undefined;
}

/** Readings that take a dead letter's place: what was edited, or what its payload turned out to be. */
export interface Replacement {
  readonly route: Route;
  readonly readings: readonly Reading[];
}

/** Numbers of a table that will not arrive there from this connector, or only if somebody acts. */
export interface MissingRange {
  /** `catalog.schema.table`. */
  readonly table: string;
  readonly firstSeq: number;
  readonly lastSeq: number;
  /**
   * Why: `dropped`, `quarantined`, `dead_letter`, `purged`, `exported`, `lost_at_crash`; `replayed`, `replaced`: its letter
   * was sent again as it was, or as another row; `renumbered`: a place in the line that a row with another number took.
   */
  readonly reason: string;
  /** When that was noted: microseconds since 1970-01-01 UTC. */
  readonly timeUs: number;
}

/** How far a long piece of work is. */
export interface Progress {
  readonly done: number;
  /** Of so many; the same unit. */
  readonly of: number;
}

/** How the spool's rows leave for another connector, and come in from one. */
export interface Sealing {
  /** Sealed with a key that is made of this; without it, with the spool's own key. */
  readonly passphrase?: string;
  /** What messages call a file that is taken in; absent: its path. */
  readonly shownAs?: string;
}

/** A key that something of the spool may be sealed with. */
export interface SpoolKey {
  readonly id: string;
  /** What is new is sealed with it. */
  readonly isCurrent: boolean;
}

/** The spool as somebody sees it who looks after it, whether a connector works with it at the time or not. */
export interface SpoolDesk {
  ledger(): LedgerSnapshot;
  /** Lanes that have rows. */
  lanes(): readonly LaneLevel[];
  /** Opens every chunk and every dead letter. */
  verify(): AsyncIterable<Verified>;
  /** All dead letters, the newest first. */
  letters(): AsyncIterable<FoundLetter>;
  letter(id: number): Promise<FoundLetter | undefined>;
  letterIds(): Promise<readonly number[]>;
  missing(signal?: AbortSignal): AsyncIterable<MissingRange>;
  /** The current one first. */
  keys(): readonly SpoolKey[];
}

/** What changes a spool. Each is on disk when it resolves; `signal` ends a wait for the disk, not what was begun. */
export interface SpoolTools extends SpoolDesk {
  /** Deletes dead letters and counts them as purged; those that are not there are passed over. Says how many went. */
  purge(ids: Iterable<number>, signal?: AbortSignal): Promise<number>;
  /**
   * Puts a dead letter back into its lane, behind what waits there. As it is it must hold a row, which keeps its identity;
   * a replacement gets new ones. Says how many rows it became.
   * @throws {ConfigError} when there is no such letter, it does not open, or it holds no row and nothing replaces it
   */
  replay(id: number, replacement?: Replacement, signal?: AbortSignal): Promise<number>;
  /**
   * Writes the rows that wait into one sealed file and lets them go, counted as exported. `path`: absolute; it must not
   * exist. Yields how far it is, in rows.
   * @throws {ConfigError} when the file cannot be written: then no row goes that is not in it
   */
  export(path: string, sealing: Sealing, signal: AbortSignal): AsyncIterable<Progress>;
  /**
   * Takes in the rows of such a file, with their identities; they count as received from the source `import`. A file is
   * taken in once; one whose taking in was cut short is taken in as a whole the next time, and its first rows are twins then.
   * Yields how far it is, in bytes.
   * @throws {ConfigError} when the file is not whole, or sealed with something else: then nothing of it was taken in
   */
  import(path: string, sealing: Sealing, signal: AbortSignal): AsyncIterable<Progress>;
  /** Seals with a new key from now on. Says the id of the new key. */
  rotateKey(signal?: AbortSignal): Promise<string>;
}
