import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import { type ConfigChange, readHistory } from "../src/web/client/config.ts";
import { dateTime } from "../src/web/client/format.ts";
import { useLoaded } from "../src/web/client/loaded.ts";
import { changedLines } from "../src/web/client/changed_lines.ts";
import { AgainstNow, ChangeDetail } from "./history/change_detail.tsx";
import { View } from "./parts/problem.tsx";
import { Note, State } from "./parts/state.tsx";
import { Turn } from "./parts/turn.tsx";

export interface HistoryProps {
  /** Whether who looks may go back. */
  readonly canChange: boolean;
}

const PER_PAGE = 25;

/** Which change is looked at, and how. */
interface Shown {
  readonly what: "detail" | "now" | "rollback";
  readonly change: ConfigChange;
}

/** Who changed the configuration and when, and the way back. */
export function History({ canChange }: HistoryProps): VNode {
  const trail = useSignal<readonly string[]>([]);
  const shown = useSignal<Shown | undefined>(undefined);
  const told = useSignal<string | undefined>(undefined);
  const key = trail.value.join();
  const { loaded, reload } = useLoaded((signal) => readHistory(PER_PAGE, trail.value.at(-1), signal), key);
  const close = () => shown.value = undefined;
  function done(change: ConfigChange): void {
    close();
    told.value = `The configuration is as it was before ${dateTime(change.time)}.`;
    trail.value = [];
    reload();
  }
  return (
    <>
      <div class="head">
        <h1>History</h1>
        <div class="actions">
          <button class="button" type="button" onClick={reload}>Refresh</button>
        </div>
      </div>
      <p class="soft">Changes of the configuration, the newest first. The last 200 are kept.</p>
      {told.value ? <Note level="ok" isUrgent>{told.value}</Note> : null}
      <section class="panel" aria-label="Changes">
        <View of={loaded.value} what="the history">
          {({ items, next }) => (
            <>
              {items.length === 0 ? <Empty /> : (
                <Table
                  items={items}
                  canChange={canChange}
                  onShow={(what, change) => shown.value = { what, change }}
                />
              )}
              <Turn next={next} trail={trail} what="changes" />
            </>
          )}
        </View>
      </section>
      <Look shown={shown.value} onClose={close} onDone={done} />
    </>
  );
}

interface LookProps {
  readonly shown: Shown | undefined;
  readonly onClose: () => void;
  readonly onDone: (change: ConfigChange) => void;
}

function Look({ shown, onClose, onDone }: LookProps): VNode | null {
  if (!shown) return null;
  const { what, change } = shown;
  if (what === "detail") return <ChangeDetail change={change} onClose={onClose} />;
  return <AgainstNow what={what} change={change} onClose={onClose} onDone={onDone} />;
}

function Empty(): VNode {
  return (
    <div class="empty">
      <h2>No change yet</h2>
      <p>The configuration is as the YAML says, from the connector's start on.</p>
    </div>
  );
}

interface TableProps extends HistoryProps {
  readonly items: readonly ConfigChange[];
  readonly onShow: (what: Shown["what"], change: ConfigChange) => void;
}

function Table({ items, ...rest }: TableProps): VNode {
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label="Table of changes">
      <table class="stack">
        <thead>
          <tr>
            <th scope="col">Time</th>
            <th scope="col">Who</th>
            <th scope="col">What</th>
            <th scope="col">Outcome</th>
            <th scope="col">
              <span class="seen-by-readers">Look at it</span>
            </th>
          </tr>
        </thead>
        <tbody>{items.map((change) => <Row key={change.id} change={change} {...rest} />)}</tbody>
      </table>
    </div>
  );
}

const KINDS = { change: "Change", rollback: "Rolled back", reload: "YAML loaded again" } as const;

function Row({ change, canChange, onShow }: Omit<TableProps, "items"> & { readonly change: ConfigChange }): VNode {
  const { time, author, kind, diff, failure } = change;
  const at = dateTime(time);
  const button = (what: Shown["what"], text: string) => (
    <button
      class="button"
      type="button"
      aria-label={`${text}: ${at}`}
      onClick={() => onShow(what, change)}
    >
      {text}
    </button>
  );
  return (
    <tr>
      <td>{at}</td>
      <td class="break">{author}</td>
      <td class="break">
        {KINDS[kind]}
        <p class="soft small mono">{changedLines(diff)}</p>
      </td>
      <td class="break">
        {failure === null ? <State level="ok">Holds</State> : <State level="warn">Taken back</State>}
        {failure === null ? null : <p class="small">{failure}</p>}
      </td>
      <td>
        <div class="actions">
          {button("detail", "Difference")}
          {failure === null ? button("now", "Against now") : null}
          {canChange && failure === null ? button("rollback", "Roll back") : null}
        </div>
      </td>
    </tr>
  );
}
