import type { SourceEvent } from "../../core/source.ts";
import type { Slice } from "./plan.ts";

/** Values of one entry that fail. */
interface Failure {
  readonly slice: Slice;
  readonly tag: string;
  readonly reason: string;
}

/**
 * Which entries of `registers:` fail, or which of their values, so that each change is told once. What becomes known of
 * some values replaces what was known of any of them before; but that more fail mends none that failed. Every method gives the events to report.
 */
export class TagFailures {
  /** By the name of the entry, which is the same at each of a source's endpoints. */
  readonly #failing = new Map<string, readonly Failure[]>();

  /** What a session before has told: a new one says it again, so that whoever counts begins with it. */
  known(): SourceEvent[] {
    const all = [...this.#failing.values()].flat();
    return all.map(({ tag, reason }) => ({ kind: "tag_failed", tag, reason, wasTold: true }));
  }

  /** `tagOf` names what is said to fail: the entry, or those values alone. */
  fail(slices: readonly Slice[], reason: string, tagOf: (slice: Slice) => string): SourceEvent[] {
    return slices.flatMap((slice) => this.#change(slice, { slice, tag: tagOf(slice), reason }));
  }

  recover(slices: readonly Slice[]): SourceEvent[] {
    return this.#failing.size === 0 ? [] : slices.flatMap((slice) => this.#change(slice));
  }

  #change(slice: Slice, failure?: Failure): SourceEvent[] {
    const before = this.#failing.get(slice.mapping.name) ?? [];
    const isStill = ({ slice: known }: Failure) => !isOverlap(known, slice) || (failure && isWithin(known, slice));
    const after = [...before.filter(isStill), ...failure ? [failure] : []];
    if (after.length > 0) this.#failing.set(slice.mapping.name, after);
    else this.#failing.delete(slice.mapping.name);
    return [...recovered(before, after), ...news(before, failure)];
  }
}

function recovered(before: readonly Failure[], after: readonly Failure[]): SourceEvent[] {
  const failing = new Set(after.map(({ tag }) => tag));
  const tags = new Set(before.map(({ tag }) => tag).filter((tag) => !failing.has(tag)));
  return [...tags].map((tag) => ({ kind: "tag_recovered", tag }));
}

function news(before: readonly Failure[], failure: Failure | undefined): SourceEvent[] {
  if (!failure) return [];
  const { tag, reason } = failure;
  const isKnown = before.some((each) => each.tag === tag && each.reason === reason);
  return isKnown ? [] : [{ kind: "tag_failed", tag, reason }];
}

function isOverlap(one: Slice, other: Slice): boolean {
  return one.first < other.first + other.values && other.first < one.first + one.values;
}

/** A part of `outer` and not all of it. */
function isWithin(inner: Slice, outer: Slice): boolean {
  const isInside = inner.first >= outer.first && inner.first + inner.values <= outer.first + outer.values;
  return isInside && inner.values < outer.values;
}
