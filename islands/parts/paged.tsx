import { useSignal } from "@preact/signals";
import type { VNode } from "preact";

interface PagedProps<T> {
  readonly items: readonly T[];
  readonly size: number;
  /** What there are: `sources`. */
  readonly what: string;
  readonly children: (shown: readonly T[]) => VNode;
}

/** A part of many things, and the way to the others. */
export function Paged<T>({ items, size, what, children }: PagedProps<T>): VNode {
  const wanted = useSignal(0);
  const pages = Math.max(1, Math.ceil(items.length / size));
  const page = Math.min(wanted.value, pages - 1);
  const from = page * size;
  const shown = items.slice(from, from + size);
  if (pages === 1) return children(shown);
  return (
    <>
      {children(shown)}
      <nav class="actions" aria-label={`Pages of ${what}`}>
        <button class="button" type="button" disabled={page === 0} onClick={() => wanted.value = page - 1}>
          Previous
        </button>
        <span class="soft" role="status">{from + 1} to {from + shown.length} of {items.length} {what}</span>
        <button class="button" type="button" disabled={page === pages - 1} onClick={() => wanted.value = page + 1}>
          Next
        </button>
      </nav>
    </>
  );
}
