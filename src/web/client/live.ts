import { signal } from "@preact/signals";
import { read } from "./api.ts";

/** Whether what a page shows is of now. */
export type Connection =
  | { readonly state: "connecting" }
  | { readonly state: "live" }
  | { readonly state: "lost"; readonly sinceMs: number };

export const connection = signal<Connection>({ state: "connecting" });

export type EventName = "status" | "metrics" | "logs" | "alerts" | "ping";
type Listener = (data: unknown) => void;

/** With `status` something comes every second, else every 15; after this long without, the connection counts as lost. */
const SILENCE_MS = { status: 8000, ping: 40_000 } as const;
const RETRY_MS = 2000;
/** Islands begin one after the other: one connection is to serve all of them. */
const GATHER_MS = 30;

const listeners = new Map<EventName, Set<Listener>>([["ping", new Set()]]);
/** Told whole each time, and some of them only when they change: who comes late is told the last. */
const WHOLE: readonly EventName[] = ["status", "metrics", "alerts"];
/** What the present connection brought last. */
const last = new Map<EventName, unknown>();
let source: EventSource | undefined;
let timer: ReturnType<typeof setTimeout> | undefined;
let gathering: ReturnType<typeof setTimeout> | undefined;

/** Calls `listener` with what holds now and what comes, on the one connection of this page. Returns what ends that. */
export function onEvent(name: EventName, listener: Listener): () => void {
  const isNew = !source || !listeners.has(name);
  const set = listeners.get(name) ?? new Set();
  listeners.set(name, set);
  set.add(listener);
  if (isNew) gather();
  if (last.has(name)) listener(last.get(name));
  return () => set.delete(listener);
}

/** What the present connection brings meanwhile does not put this off. */
function gather(): void {
  clearTimeout(gathering);
  gathering = setTimeout(open, GATHER_MS);
}

function open(): void {
  source?.close();
  last.clear();
  source = new EventSource(`/api/events?names=${[...listeners.keys()].join(",")}`);
  source.addEventListener("open", heard);
  source.addEventListener("error", lost);
  for (const [name, set] of listeners) {
    source.addEventListener(name, ({ data }: MessageEvent<string>) => {
      heard();
      const parsed: unknown = JSON.parse(data);
      if (WHOLE.includes(name)) last.set(name, parsed);
      for (const listener of set) listener(parsed);
    });
  }
  watch();
}

function heard(): void {
  if (connection.value.state !== "live") connection.value = { state: "live" };
  watch();
}

/** The browser would not try again after a refusal, and not notice a host without power. */
function watch(): void {
  after(listeners.has("status") ? SILENCE_MS.status : SILENCE_MS.ping, lost);
}

function lost(): void {
  source?.close();
  if (connection.value.state !== "lost") connection.value = { state: "lost", sinceMs: Date.now() };
  after(RETRY_MS, tryAgain);
}

/** Where the session has ended, asking for it leads to the login page. */
function tryAgain(): void {
  read("/api/session").then(open, () => after(RETRY_MS, tryAgain));
}

function after(ms: number, act: () => void): void {
  clearTimeout(timer);
  timer = setTimeout(act, ms);
}

if (typeof document !== "undefined") {
  addEventListener("pagehide", () => {
    clearTimeout(timer);
    source?.close();
  });
  addEventListener("pageshow", ({ persisted }) => persisted && source && open());
}
