import type { VNode } from "preact";

interface TurnProps {
  /** Where the next page begins; null on the last one. */
  readonly next: string | null;
  /** Where the pages begin that were turned; the first has no beginning. */
  readonly trail: { value: readonly string[] };
  /** What there are: `changes`. */
  readonly what: string;
}

/** Turns the pages of a list that begins with the newest. */
export function Turn({ next, trail, what }: TurnProps): VNode | null {
  if (next === null && trail.value.length === 0) return null;
  return (
    <nav class="actions" aria-label={`Pages of ${what}`}>
      <button
        class="button"
        type="button"
        disabled={trail.value.length === 0}
        onClick={() => trail.value = trail.value.slice(0, -1)}
      >
        Newer
      </button>
      <span class="soft">Page {trail.value.length + 1}</span>
      <button
        class="button"
        type="button"
        disabled={next === null}
        onClick={() => next !== null && (trail.value = [...trail.value, next])}
      >
        Older
      </button>
    </nav>
  );
}
