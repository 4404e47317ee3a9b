import type { SourceEvent } from "../../core/source.ts";
import type { Slice } from "./plan.ts";

/** Which entries of `registers:` fail, so that each change is reported once. */
export class TagFailures {
  /** By entry's name: its slices that fail, and why. */
  readonly #failing = new Map<string, Map<Slice, string>>();
  readonly #report: (event: SourceEvent) => void;

  constructor(report: (event: SourceEvent) => void) {
    this.#report = report;
  }

  fail(slices: readonly Slice[], reason: string): void {
    for (const slice of slices) this.#fail(slice, reason);
  }

  recover(slices: readonly Slice[]): void {
    if (this.#failing.size === 0) return;
    for (const slice of slices) this.#recover(slice);
  }

  #fail(slice: Slice, reason: string): void {
    const tag = slice.mapping.name;
    const reasons = this.#failing.get(tag) ?? new Map<Slice, string>();
    const isNews = ![...reasons.values()].includes(reason);
    this.#failing.set(tag, reasons.set(slice, reason));
    if (isNews) this.#report({ kind: "tag_failed", tag, reason });
  }

  #recover(slice: Slice): void {
    const tag = slice.mapping.name;
    const reasons = this.#failing.get(tag);
    if (!reasons?.delete(slice) || reasons.size > 0) return;
    this.#failing.delete(tag);
    this.#report({ kind: "tag_recovered", tag });
  }
}
