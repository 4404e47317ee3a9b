import type { ComponentChildren, VNode } from "preact";

/** How well something is. Each has a shape of its own, so that nobody needs colours to tell them apart. */
export type Level = "ok" | "warn" | "bad" | "idle" | "busy";

/** Drawn in a square of 16. */
const SHAPES: Readonly<Record<Level, VNode>> = {
  ok: <path d="M8 1a7 7 0 1 0 0 14A7 7 0 0 0 8 1Zm-1 10L3.8 7.8l1.3-1.3L7 8.4l3.9-3.9 1.3 1.3Z" />,
  warn: <path d="M8 1 15.5 15H.5ZM7.1 6v4.5h1.8V6Zm0 5.6v1.8h1.8v-1.8Z" fill-rule="evenodd" />,
  bad: (
    <path d="M5 1h6l4 4v6l-4 4H5l-4-4V5Zm.9 3.6L4.6 5.9 6.7 8l-2.1 2.1 1.3 1.3L8 9.3l2.1 2.1 1.3-1.3L9.3 8l2.1-2.1-1.3-1.3L8 6.7Z" />
  ),
  idle: <path d="M8 1a7 7 0 1 0 0 14A7 7 0 0 0 8 1Zm0 1.8a5.2 5.2 0 1 1 0 10.4A5.2 5.2 0 0 1 8 2.8Z" />,
  busy: (
    <path class="spin" d="M8 1a7 7 0 0 1 7 7h-1.9A5.1 5.1 0 0 0 8 2.9Zm0 14a7 7 0 0 1-7-7h1.9A5.1 5.1 0 0 0 8 13.1Z" />
  ),
};

export function Mark({ level }: { readonly level: Level }): VNode {
  return <svg viewBox="0 0 16 16" fill="currentColor" aria-hidden="true">{SHAPES[level]}</svg>;
}

export function State({ level, children }: { readonly level: Level; readonly children: ComponentChildren }): VNode {
  return (
    <span class={`state state-${level}`}>
      <Mark level={level} />
      {children}
    </span>
  );
}

interface NoteProps {
  readonly level: Level;
  /** Read out as soon as it appears. */
  readonly isUrgent?: boolean;
  readonly children: ComponentChildren;
}

/** A message in the page. */
export function Note({ level, isUrgent = false, children }: NoteProps): VNode {
  return (
    <div class={`note note-${level}`} role={isUrgent ? "alert" : undefined}>
      <Mark level={level} />
      <div>{children}</div>
    </div>
  );
}
