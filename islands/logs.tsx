import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { onEvent } from "../src/web/client/live.ts";
import { problemIn } from "../src/web/client/loaded.ts";
import { isWanted, type LogFilter, type LogLine, logQuery, merged, readLogs } from "../src/web/client/log_lines.ts";
import type { Loaded } from "../src/web/client/loaded.ts";
import { BundleDialog } from "./logs/bundle_dialog.tsx";
import { LogFilters } from "./logs/filters.tsx";
import { LogLines } from "./logs/lines.tsx";
import { View } from "./parts/problem.tsx";

interface Shown {
  readonly lines: readonly LogLine[];
  /** Where older ones begin. */
  readonly next: string | null;
}

const NO_FILTER: LogFilter = { level: "info", source: "", text: "", until: "" };
/** After the last key, so that not every letter asks the connector. */
const TYPING_MS = 250;

interface LogsProps {
  /** Whether who looks may make a support bundle. */
  readonly canBundle: boolean;
}

/** The log as it is written, with the last 10,000 lines before. */
export function Logs({ canBundle }: LogsProps): VNode {
  const filter = useSignal(NO_FILTER);
  const shown = useSignal<Loaded<Shown>>({ state: "loading" });
  /** What came since the list was held still. */
  const held = useSignal<readonly LogLine[]>([]);
  const isPaused = useSignal(false);
  const isScrolled = useSignal(false);
  const isBundling = useSignal(false);
  const isFirst = useRef(true);
  useEffect(() => {
    const ending = new AbortController();
    const timer = setTimeout(() => load(ending.signal), isFirst.current ? 0 : TYPING_MS);
    isFirst.current = false;
    return () => {
      clearTimeout(timer);
      ending.abort();
    };
  }, [filter.value]);
  useEffect(() => onEvent("logs", (data) => take(data as LogLine)), []); // the API's own event
  async function load(signal: AbortSignal): Promise<void> {
    try {
      const { items, next } = await readLogs(filter.value, undefined, signal);
      held.value = [];
      shown.value = { state: "ready", value: { lines: items, next } };
    } catch (error) {
      if (!signal.aborted) shown.value = { state: "failed", problem: problemIn(error) };
    }
  }
  async function loadOlder({ lines, next }: Shown): Promise<void> {
    if (next === null) return;
    try {
      const page = await readLogs(filter.value, next);
      shown.value = { state: "ready", value: { lines: [...lines, ...page.items], next: page.next } };
    } catch (error) {
      shown.value = { state: "failed", problem: problemIn(error) };
    }
  }
  function take(line: LogLine): void {
    if (!isWanted(line, filter.value)) return;
    held.value = merged([line], held.value);
    if (!isPaused.value && !isScrolled.value) release();
  }
  function release(): void {
    if (shown.value.state !== "ready") return;
    const { lines, next } = shown.value.value;
    shown.value = { state: "ready", value: { lines: merged(held.value, lines), next } };
    held.value = [];
  }
  function pause(isWanted: boolean): void {
    isPaused.value = isWanted;
    if (!isWanted) release();
  }
  return (
    <>
      <div class="head">
        <h1>Logs</h1>
        <div class="actions">
          <button class="button" type="button" aria-pressed={isPaused.value} onClick={() => pause(!isPaused.value)}>
            {isPaused.value ? "Go on" : "Pause"}
          </button>
          <a class="button" href={`/api/logs/download?${logQuery(filter.value)}`} download="connector.log.jsonl">
            Download
          </a>
          {canBundle
            ? <button class="button" type="button" onClick={() => isBundling.value = true}>Support bundle</button>
            : null}
        </div>
      </div>
      <LogFilters filter={filter.value} onChange={(change) => filter.value = { ...filter.value, ...change }} />
      <View of={shown.value} what="the log">
        {(value) => (
          <LogLines
            lines={value.lines}
            heldCount={held.value.length}
            hasOlder={value.next !== null}
            onRelease={release}
            onOlder={() => loadOlder(value)}
            onScroll={(top) => isScrolled.value = top > 0}
          />
        )}
      </View>
      {isBundling.value ? <BundleDialog onClose={() => isBundling.value = false} /> : null}
    </>
  );
}
