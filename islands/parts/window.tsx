import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import { useEffect, useRef } from "preact/hooks";

interface WindowProps<T> {
  readonly items: readonly T[];
  readonly label: string;
  /** Of every row, in CSS pixels. */
  readonly rowHeight: number;
  readonly keyOf: (item: T) => string | number;
  readonly row: (item: T) => VNode;
  /** Is told how far it was scrolled. */
  readonly onScroll?: (top: number) => void;
}

/** Rows beyond what is in sight, so that scrolling shows no gaps. */
const SPARE = 8;

/** A list of any length, of which only the rows in sight exist. */
export function Window<T>({ items, label, rowHeight, keyOf, row, onScroll }: WindowProps<T>): VNode {
  const place = useRef<HTMLDivElement>(null);
  const seen = useSignal({ top: 0, height: 600 });
  useEffect(() => {
    const observer = new ResizeObserver(look);
    if (place.current) observer.observe(place.current);
    return () => observer.disconnect();
  }, []);
  function look(): void {
    if (!place.current) return;
    seen.value = { top: place.current.scrollTop, height: place.current.clientHeight };
    onScroll?.(place.current.scrollTop);
  }
  const first = Math.max(0, Math.floor(seen.value.top / rowHeight) - SPARE);
  const last = Math.min(items.length, Math.ceil((seen.value.top + seen.value.height) / rowHeight) + SPARE);
  return (
    <div class="window" ref={place} tabIndex={0} role="region" aria-label={label} onScroll={look}>
      <div
        class="window-list"
        role="list"
        style={isBrowser() ? { height: `${items.length * rowHeight}px` } : undefined}
      >
        {items.slice(first, last).map((item, index) => (
          <div
            key={keyOf(item)}
            class="window-item"
            role="listitem"
            aria-setsize={items.length}
            aria-posinset={first + index + 1}
            style={isBrowser() ? { top: `${(first + index) * rowHeight}px`, height: `${rowHeight}px` } : undefined}
          >
            {row(item)}
          </div>
        ))}
      </div>
    </div>
  );
}

/** A page as the server sends it has no style of its own in it: the policy of the page forbids that. */
function isBrowser(): boolean {
  return typeof document !== "undefined";
}
