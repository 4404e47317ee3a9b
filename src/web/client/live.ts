import { signal } from "@preact/signals";

/** Whether what a page shows is of now. */
export type Connection =
  | { readonly state: "connecting" }
  | { readonly state: "live" }
  | { readonly state: "lost"; readonly sinceMs: number };

export const connection = signal<Connection>({ state: "connecting" });

/** A live connection brings something every second; after this long without, it is held for lost. */
const SILENCE_MS = 8000;
const RETRY_MS = 2000;
const NAMES = ["status", "metrics", "logs", "alerts", "ping"] as const;
export type EventName = (typeof NAMES)[number];

type Listener = (data: unknown) => void;
const listeners = new Map<EventName, Set<Listener>>();
let source: EventSource | undefined;
let silence: ReturnType<typeof setTimeout> | undefined;

/** Calls `listener` with what comes, on the one connection of this page. Returns what ends that. */
export function onEvent(name: EventName, listener: Listener): () => void {
  const set = listeners.get(name) ?? new Set();
  listeners.set(name, set);
  set.add(listener);
  if (!source) open();
  return () => set.delete(listener);
}

function open(): void {
  source?.close();
  source = new EventSource("/api/events");
  source.addEventListener("open", heard);
  source.addEventListener("error", lost);
  for (const name of NAMES) {
    source.addEventListener(name, ({ data }: MessageEvent<string>) => {
      heard();
      const parsed = parse(data);
      for (const listener of listeners.get(name) ?? []) listener(parsed);
    });
  }
  watch(SILENCE_MS);
}

function heard(): void {
  if (connection.value.state !== "live") connection.value = { state: "live" };
  watch(SILENCE_MS);
}

function lost(): void {
  if (connection.value.state !== "lost") connection.value = { state: "lost", sinceMs: Date.now() };
  watch(RETRY_MS);
}

/** After that time without a sign: a connection of its own accord does not end where a host lost its power. */
function watch(ms: number): void {
  clearTimeout(silence);
  silence = setTimeout(() => {
    lost();
    open();
  }, ms);
}

function parse(data: string): unknown {
  try {
    return JSON.parse(data);
  } catch {
    return undefined;
  }
}

addEventListener("pagehide", () => {
  clearTimeout(silence);
  source?.close();
});
addEventListener("pageshow", ({ persisted }) => {
  if (persisted && source) open();
});
