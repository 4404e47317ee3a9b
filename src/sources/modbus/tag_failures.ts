import type { SourceEvent } from "../../core/source.ts";
import type { Slice } from "./plan.ts";

/** Which entries of `registers:` fail, so that each change is told once. Every method gives the events to report. */
export class TagFailures {
  /** By entry's name: its slices that fail, and why. */
  readonly #failing = new Map<string, Map<Slice, string>>();

  fail(slices: readonly Slice[], reason: string): SourceEvent[] {
    return slices.flatMap((slice) => this.#fail(slice, reason));
  }

  recover(slices: readonly Slice[]): SourceEvent[] {
    return this.#failing.size === 0 ? [] : slices.flatMap((slice) => this.#recover(slice));
  }

  #fail(slice: Slice, reason: string): SourceEvent[] {
    const tag = slice.mapping.name;
    const reasons = this.#failing.get(tag) ?? new Map<Slice, string>();
    const isNews = ![...reasons.values()].includes(reason);
    this.#failing.set(tag, reasons.set(slice, reason));
    return isNews ? [{ kind: "tag_failed", tag, reason }] : [];
  }

  #recover(slice: Slice): SourceEvent[] {
    const tag = slice.mapping.name;
    const reasons = this.#failing.get(tag);
    if (!reasons?.delete(slice) || reasons.size > 0) return [];
    this.#failing.delete(tag);
    return [{ kind: "tag_recovered", tag }];
  }
}
