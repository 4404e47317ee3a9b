/**
 * Follows numbered tags: each counts up by one from wherever it is first seen, and what is not above the highest number
 * seen has been here before.
 */
export class Sequences {
  readonly #highest = new Map<string, number>();
  readonly #identities = new Map<string, Set<string>>();
  /** First arrivals. */
  arrived = 0;
  /** Rows that came again with the identity that they had. */
  resent = 0;
  /** Numbers that came again as a new row: the device sent them twice. */
  redelivered = 0;
  /** What was passed over, in words: loss, or an order that was not kept. */
  readonly faults: string[] = [];

  /** `identity` names the row, `number` what the device sent. */
  add(tag: string, number: number, identity: string): void {
    const highest = this.#highest.get(tag) ?? number - 1;
    if (number <= highest) return this.#repeated(tag, number, identity);
    if (number > highest + 1) this.faults.push(`${tag}: ${number} came after ${highest}`);
    this.#highest.set(tag, number);
    this.arrived++;
    this.#remember(tag, number, identity);
  }

  /** The highest number of a tag; 0: nothing came. */
  highest(tag: string): number {
    return this.#highest.get(tag) ?? 0;
  }

  /** The lowest of the highest numbers; 0 until `tags` tags came. */
  least(tags: number): number {
    return this.#highest.size < tags ? 0 : Math.min(...this.#highest.values());
  }

  #repeated(tag: string, number: number, identity: string): void {
    if (this.#identities.get(tag)?.has(`${number} ${identity}`)) this.resent++;
    else this.redelivered++;
  }

  /** The last 5,000 of each tag: resends are not older than what is in flight. */
  #remember(tag: string, number: number, identity: string): void {
    let known = this.#identities.get(tag);
    if (!known) this.#identities.set(tag, known = new Set());
    known.add(`${number} ${identity}`);
    if (known.size > 5000) known.delete(known.values().next().value ?? "");
  }
}
