import { laneNamed } from "../../core/lane.ts";
import { DamagedError } from "./faults.ts";
import type { Names } from "./names.ts";

/** Numbers of a table, both ends included. */
interface Doubt {
  readonly table: string;
  readonly firstSeq: number;
  readonly lastSeq: number;
}

/**
 * The number of each table's next row. The spool says it, and so does whatever shows that a number was given: where a
 * record is lost or too low, no number is given twice.
 */
export class NextSeqs {
  readonly #names: Names;
  readonly #said = new Map<string, number>();
  readonly #reserved = new Map<string, number>();
  readonly #seen = new Map<string, number>();

  constructor(names: Names) {
    this.#names = names;
  }

  /** What the spool's own record says. */
  say(table: string, next: number): void {
    this.#said.set(table, next);
  }

  /** Numbers below `end` may be in use by rows that were in memory alone; 0: none. */
  reserve(table: string, end: number): void {
    this.#reserved.set(table, end);
  }

  /** A row of the lane with this number was there. */
  sawRow(lane: number, seq: number): void {
    this.saw(this.#tableOf(lane), seq);
  }

  /** A number of the table that was given. */
  saw(table: string, seq: number): void {
    this.#seen.set(table, Math.max(this.#seen.get(table) ?? 1, seq + 1));
  }

  /**
   * Rows of the lane up to `head` are acknowledged. Told last.
   * @throws {DamagedError} where no such number was given: what it says would let rows go that nobody has
   */
  acknowledge(lane: number, head: number): void {
    const table = this.#tableOf(lane);
    if (head < Math.max(this.next(table), this.#reserved.get(table) ?? 0)) return;
    throw new DamagedError(`a lane is acknowledged up to ${head}, and its table has no row with that number`);
  }

  next(table: string): number {
    return Math.max(this.#said.get(table) ?? 1, this.#seen.get(table) ?? 1);
  }

  /** Tables of which it knows something. */
  get tables(): ReadonlySet<string> {
    return new Set([...this.#said.keys(), ...this.#seen.keys()]);
  }

  /** Tables whose record says less than is known otherwise. */
  get tooLow(): readonly string[] {
    return [...this.#seen.keys()].filter((table) => this.next(table) > (this.#said.get(table) ?? 1));
  }

  /** Numbers of which the spool knows only that they were set aside. */
  *inDoubt(): Iterable<Doubt> {
    for (const [table, end] of this.#reserved) {
      const firstSeq = this.#said.get(table) ?? this.next(table);
      if (end > firstSeq) yield { table, firstSeq, lastSeq: end - 1 };
    }
  }

  #tableOf(lane: number): string {
    return laneNamed(this.#names.nameOf(lane)).table;
  }
}
