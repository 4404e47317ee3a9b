import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import { useEffect } from "preact/hooks";
import { clockTime, dateTime, number } from "../../src/web/client/format.ts";
import type { LogLevel, LogLine } from "../../src/web/client/log_lines.ts";
import { Dialog } from "../parts/dialog.tsx";
import { type Level, State } from "../parts/state.tsx";
import { Window } from "../parts/window.tsx";

const LEVELS: Readonly<Record<LogLevel, { readonly level: Level; readonly text: string }>> = {
  debug: { level: "idle", text: "Debug" },
  info: { level: "idle", text: "Info" },
  warn: { level: "warn", text: "Warn" },
  error: { level: "bad", text: "Error" },
};
const ROW_HEIGHT = 30;
/** Where a line takes two: the style has the same bound. */
const NARROW = "(max-width: 560px)";
const NARROW_ROW_HEIGHT = 48;

interface LogLinesProps {
  readonly lines: readonly LogLine[];
  /** Lines that came while the list was held still. */
  readonly heldCount: number;
  readonly hasOlder: boolean;
  readonly onRelease: () => void;
  readonly onOlder: () => void;
  readonly onScroll: (top: number) => void;
}

export function LogLines({ lines, heldCount, hasOlder, onRelease, onOlder, onScroll }: LogLinesProps): VNode {
  const open = useSignal<LogLine | undefined>(undefined);
  const rowHeight = useRowHeight();
  return (
    <section class="panel" aria-label="Lines">
      <header>
        <span class="soft" role="status">
          {number(lines.length)} {lines.length === 1 ? "line" : "lines"}, the newest first
        </span>
        <div class="actions">
          {heldCount > 0
            ? <button class="button" type="button" onClick={onRelease}>Show {number(heldCount)} new</button>
            : null}
          {hasOlder ? <button class="button" type="button" onClick={onOlder}>Load older</button> : null}
        </div>
      </header>
      {lines.length === 0 ? <p class="empty">No line matches. Take more levels, or a shorter text.</p> : (
        <Window
          items={lines}
          label="Log lines"
          rowHeight={rowHeight}
          keyOf={({ n }) => n}
          onScroll={onScroll}
          row={(line) => <Line line={line} onOpen={() => open.value = line} />}
        />
      )}
      {open.value ? <LineDialog line={open.value} onClose={() => open.value = undefined} /> : null}
    </section>
  );
}

function Line({ line, onOpen }: { readonly line: LogLine; readonly onOpen: () => void }): VNode {
  const { level, text } = LEVELS[line.level];
  return (
    <button class="log" type="button" onClick={onOpen}>
      <span class="mono">{clockTime(line.time)}</span>
      <State level={level}>{text}</State>
      <span class="text">
        {line.source ? <strong>{line.source}:</strong> : null}
        {line.message}
      </span>
    </button>
  );
}

function LineDialog({ line, onClose }: { readonly line: LogLine; readonly onClose: () => void }): VNode {
  const { n: _n, message, level, time, ...fields } = line;
  return (
    <Dialog title={LEVELS[level].text} onClose={onClose}>
      <p class="break">{message}</p>
      <dl class="facts">
        <dt>Time</dt>
        <dd>{dateTime(time)}</dd>
        {Object.entries(fields).map(([name, value]) => [
          <dt key={name}>{name}</dt>,
          <dd key={`${name} value`} class="mono">{typeof value === "string" ? value : JSON.stringify(value)}</dd>,
        ])}
      </dl>
    </Dialog>
  );
}

function useRowHeight(): number {
  const isNarrow = useSignal(false);
  useEffect(() => {
    const query = matchMedia(NARROW);
    const look = () => void (isNarrow.value = query.matches);
    look();
    query.addEventListener("change", look);
    return () => query.removeEventListener("change", look);
  }, []);
  return isNarrow.value ? NARROW_ROW_HEIGHT : ROW_HEIGHT;
}
