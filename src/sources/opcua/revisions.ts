/** What a monitored item asked for, or was given (OPC UA Part 4, 7.21 and 5.13.2). */
export interface ItemTerms {
  readonly samplingMs: number;
  readonly queueSize: number;
}

/** Kinds of difference in the sentence at most. */
const MAX_KINDS = 4;

/** Counts monitored items whose terms the server changed. */
export class Revisions {
  readonly #counts = new Map<string, number>();

  note(asked: ItemTerms, given: ItemTerms): void {
    // 0 asks for as fast as the server can: what it gives is what was asked.
    if (asked.samplingMs > 0) this.#compare("sampling_interval_ms", asked.samplingMs, given.samplingMs);
    this.#compare("queue_size", asked.queueSize, given.queueSize);
  }

  /** All of it in one sentence; undefined where the server gave what was asked. */
  get sentence(): string | undefined {
    const kinds = [...this.#counts].sort(([, a], [, b]) => b - a);
    if (kinds.length === 0) return undefined;
    const told = kinds.slice(0, MAX_KINDS).map(([kind, count]) =>
      `${kind} (${count === 1 ? "1 item" : `${count} items`})`
    );
    if (kinds.length > MAX_KINDS) told.push(`and ${kinds.length - MAX_KINDS} kinds more`);
    return `The server watches nodes on other terms than asked: ${told.join(", ")}`;
  }

  #compare(key: string, asked: number, given: number): void {
    if (asked === given) return;
    const kind = `${key} ${given} in place of ${asked}`;
    this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + 1);
  }
}
