import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import { dateTime, number } from "../../src/web/client/format.ts";
import { type LetterFilter, type LetterItem, type LetterPage, readLetters } from "../../src/web/client/letters.ts";
import { useLoaded } from "../../src/web/client/loaded.ts";
import { ChoiceField, TextField } from "../parts/field.tsx";
import { View } from "../parts/problem.tsx";
import { Note } from "../parts/state.tsx";
import { Turn } from "../parts/turn.tsx";
import { LetterActions } from "./letter_actions.tsx";
import { LetterDialog } from "./letter_dialog.tsx";

const ALL: LetterFilter = { source: "", table: "", code: "", hours: "" };

interface DeadLettersProps {
  readonly canReplay: boolean;
  readonly canPurge: boolean;
}

/** What was refused, page by page, the newest first. */
export function DeadLetters({ canReplay, canPurge }: DeadLettersProps): VNode {
  const filter = useSignal<LetterFilter>(ALL);
  /** Where the pages begin that were turned; the first has no beginning. */
  const trail = useSignal<readonly string[]>([]);
  const open = useSignal<number | undefined>(undefined);
  const told = useSignal<string | undefined>(undefined);
  const key = JSON.stringify([filter.value, trail.value]);
  const { loaded, reload } = useLoaded((signal) => readLetters(filter.value, trail.value.at(-1), signal), key);
  function narrow(change: Partial<LetterFilter>): void {
    filter.value = { ...filter.value, ...change };
    trail.value = [];
  }
  function done(text: string): void {
    told.value = text;
    open.value = undefined;
    reload();
  }
  const isFiltered = Object.values(filter.value).some((each) => each !== "");
  return (
    <section class="panel" aria-labelledby="letters-title" id="dead-letters">
      <header>
        <h2 id="letters-title">Dead letters</h2>
        <span class="soft">{loaded.value.state === "ready" ? number(loaded.value.value.total) : ""}</span>
        <div class="actions">
          <button class="button" type="button" onClick={reload}>Refresh</button>
          <a class="button" href="/api/dlq/export" download="dead_letters.jsonl">Export all</a>
          {loaded.value.state === "ready" && loaded.value.value.total > 0
            ? (
              <LetterActions
                ids={isFiltered ? loaded.value.value.items.map(({ id }) => id) : "all"}
                canReplay={canReplay}
                canPurge={canPurge}
                onDone={done}
              />
            )
            : null}
        </div>
      </header>
      <div class="panel-body">
        <div class="filters">
          <TextField
            label="Source"
            type="search"
            help="Its whole name"
            value={filter.value.source}
            onInput={(source) => narrow({ source })}
          />
          <TextField
            label="Table"
            type="search"
            help="catalog.schema.table"
            value={filter.value.table}
            onInput={(table) => narrow({ table })}
          />
          <ChoiceField
            label="Time"
            help="How far back"
            value={filter.value.hours}
            options={[["", "All"], ["1", "The last hour"], ["24", "The last day"], ["168", "The last week"]]}
            onChange={(hours) => narrow({ hours })}
          />
          <TextField
            label="Reason code"
            help="The whole code"
            type="search"
            value={filter.value.code}
            onInput={(code) => narrow({ code })}
          />
        </div>
        {told.value ? <Note level="ok" isUrgent>{told.value}</Note> : null}
        <View of={loaded.value} what="the dead letters">
          {(page) =>
            page.items.length === 0
              ? (
                <p class="soft">
                  {isFiltered ? "None matches." : "None. Everything received so far could be decoded and written."}
                </p>
              )
              : <Letters page={page} onOpen={(id) => open.value = id} />}
        </View>
        {loaded.value.state === "ready"
          ? <Turn next={loaded.value.value.next} trail={trail} what="dead letters" />
          : null}
      </div>
      {open.value === undefined ? null : (
        <LetterDialog
          id={open.value}
          canReplay={canReplay}
          canPurge={canPurge}
          onDone={done}
          onClose={() => open.value = undefined}
        />
      )}
    </section>
  );
}

function Letters({ page, onOpen }: { readonly page: LetterPage; readonly onOpen: (id: number) => void }): VNode {
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label="List of dead letters">
      <table class="stack">
        <thead>
          <tr>
            <th scope="col">Time</th>
            <th scope="col">Source</th>
            <th scope="col">Table</th>
            <th scope="col">Why</th>
            <th scope="col">
              <span class="seen-by-readers">Detail</span>
            </th>
          </tr>
        </thead>
        <tbody>{page.items.map((item) => <Letter key={item.id} item={item} onOpen={onOpen} />)}</tbody>
      </table>
    </div>
  );
}

function Letter({ item, onOpen }: { readonly item: LetterItem; readonly onOpen: (id: number) => void }): VNode {
  const { id, time, source, table, code, reason } = item;
  return (
    <tr>
      <td>{time ? dateTime(time) : "unknown"}</td>
      <td class="break">{source}</td>
      <td class="break mono">{table}</td>
      <td class="break">
        <span class="mono">{code ?? "unreadable"}</span>
        <br />
        {reason}
      </td>
      <td>
        <button class="button" type="button" aria-label={`Letter ${id}: detail`} onClick={() => onOpen(id)}>
          Detail
        </button>
      </td>
    </tr>
  );
}
