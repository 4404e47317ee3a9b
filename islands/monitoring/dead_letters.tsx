import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import { number } from "../../src/web/client/format.ts";
import {
  apiFilter,
  exportAddress,
  type LetterChoice,
  type LetterFilter,
  readLetters,
} from "../../src/web/client/letters.ts";
import { useLoaded } from "../../src/web/client/loaded.ts";
import { View } from "../parts/problem.tsx";
import { Note } from "../parts/state.tsx";
import { Turn } from "../parts/turn.tsx";
import { LetterActions } from "./letter_actions.tsx";
import { LetterDialog } from "./letter_dialog.tsx";
import { LetterFilters } from "./letter_filters.tsx";
import { LetterList } from "./letter_list.tsx";

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
  const ticked = useSignal<ReadonlySet<number>>(new Set());
  const open = useSignal<number | undefined>(undefined);
  const told = useSignal<string | undefined>(undefined);
  const key = JSON.stringify([filter.value, trail.value]);
  const { loaded, reload } = useLoaded((signal) => readLetters(filter.value, trail.value.at(-1), signal), key);
  function narrow(change: Partial<LetterFilter>): void {
    filter.value = { ...filter.value, ...change };
    trail.value = [];
    ticked.value = new Set();
  }
  function tick(ids: readonly number[], isTicked: boolean): void {
    const all = new Set(ticked.value);
    for (const id of ids) {
      if (isTicked) all.add(id);
      else all.delete(id);
    }
    ticked.value = all;
  }
  function done(text: string): void {
    told.value = text;
    open.value = undefined;
    ticked.value = new Set();
    reload();
  }
  const isFiltered = Object.values(filter.value).some((each) => each !== "");
  const { choice, which } = chosen(ticked.value, filter.value);
  return (
    <section class="panel" aria-labelledby="letters-title" id="dead-letters">
      <header>
        <h2 id="letters-title">Dead letters</h2>
        <span class="soft">{loaded.value.state === "ready" ? number(loaded.value.value.total) : ""}</span>
        <div class="actions">
          <button class="button" type="button" onClick={reload}>Refresh</button>
          {ticked.value.size > 0
            ? <button class="button button-quiet" type="button" onClick={() => ticked.value = new Set()}>Untick</button>
            : null}
          <a class="button" href={exportAddress(choice)} download="dead_letters.jsonl">Export {which}</a>
          {loaded.value.state === "ready" && loaded.value.value.total > 0
            ? (
              <LetterActions
                choice={choice}
                which={which}
                canReplay={canReplay}
                canPurge={canPurge}
                onDone={done}
              />
            )
            : null}
        </div>
      </header>
      <div class="panel-body">
        <LetterFilters filter={filter.value} onChange={narrow} />
        {told.value ? <Note level="ok" isUrgent>{told.value}</Note> : null}
        <View of={loaded.value} what="the dead letters">
          {(page) =>
            page.items.length === 0
              ? (
                <p class="soft">
                  {isFiltered ? "None matches." : "None. Everything received so far could be decoded and written."}
                </p>
              )
              : <LetterList page={page} ticked={ticked.value} onTick={tick} onOpen={(id) => open.value = id} />}
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

/** What the buttons are about: what is ticked, else what the filter finds, else all. */
function chosen(ticked: ReadonlySet<number>, filter: LetterFilter): { choice: LetterChoice; which: string } {
  if (ticked.size > 0) return { choice: { ids: [...ticked] }, which: `${number(ticked.size)} ticked` };
  const wanted = apiFilter(filter);
  if (Object.keys(wanted).length > 0) return { choice: { filter: wanted }, which: "all that match" };
  return { choice: { ids: "all" }, which: "all" };
}
