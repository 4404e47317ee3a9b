import type { SourceEvent } from "../../core/source.ts";

/** Which tags give no value. Each failure is told once, until the tag recovers. */
export class TagFailures {
  readonly #failing = new Set<string>();
  readonly #report: (event: SourceEvent) => void;
  #count = 0;

  constructor(report: (event: SourceEvent) => void) {
    this.#report = report;
  }

  /** How often a tag failed that had not failed before. */
  get count(): number {
    return this.#count;
  }

  get isEmpty(): boolean {
    return this.#failing.size === 0;
  }

  /** @returns whether it had not failed before */
  fail(tag: string, reason: string): boolean {
    if (this.#failing.has(tag)) return false;
    this.#failing.add(tag);
    this.#count++;
    this.#report({ kind: "tag_failed", tag, reason });
    return true;
  }

  /** The tag is none any more. */
  leave(tag: string): void {
    if (this.#failing.delete(tag)) this.#report({ kind: "tag_recovered", tag, isLeft: true });
  }

  recover(tag: string): void {
    if (this.#failing.delete(tag)) this.#report({ kind: "tag_recovered", tag });
  }
}
