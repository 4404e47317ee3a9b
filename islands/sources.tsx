import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import { type Loaded, useLoaded } from "../src/web/client/loaded.ts";
import { filterIn, isWanted, searchFor, SOURCE_STATES, type SourceFilter } from "../src/web/client/source_filter.ts";
import { readSources, type SourceItem } from "../src/web/client/sources.ts";
import { useStatus } from "../src/web/client/status.ts";
import { ChoiceField, TextField } from "./parts/field.tsx";
import { Paged } from "./parts/paged.tsx";
import { View } from "./parts/problem.tsx";
import { SourceRow } from "./sources/source_row.tsx";

export interface SourcesProps {
  readonly role: string;
}

const PER_PAGE = 50;

/** All sources as they stand now. */
export function Sources({ role }: SourcesProps): VNode {
  const { loaded, reload } = useLoaded(readSources);
  return (
    <>
      <div class="head">
        <h1>Data sources</h1>
        <span class="soft">{countOf(loaded.value)}</span>
        {role === "administrator"
          ? (
            <div class="actions">
              <a class="button button-main" href="/sources/new">Add a source</a>
            </div>
          )
          : null}
      </div>
      <View of={loaded.value} what="the sources">
        {(items) => items.length === 0 ? <Empty role={role} /> : <List items={items} role={role} onChange={reload} />}
      </View>
    </>
  );
}

function countOf(loaded: Loaded<readonly SourceItem[]>): string {
  return loaded.state === "ready" && loaded.value.length > 0 ? `${loaded.value.length}` : "";
}

function Empty({ role }: SourcesProps): VNode {
  return (
    <div class="panel empty">
      <h2>No source yet</h2>
      <p>A source is a device, server or broker that is read: an OPC UA server, an MQTT broker or a Modbus device.</p>
      {role === "administrator" ? <a class="button button-main" href="/sources/new">Add the first source</a> : null}
    </div>
  );
}

interface ListProps extends SourcesProps {
  readonly items: readonly SourceItem[];
  readonly onChange: () => void;
}

function List({ items, role, onChange }: ListProps): VNode {
  const filter = useSignal(filterIn(location.search));
  const seen = useStatus();
  const now = items.map((item) => withLive(item, seen?.status.sources[item.name]));
  const found = now.filter((item) => isWanted(item, filter.value));
  function narrow(now: SourceFilter): void {
    filter.value = now;
    history.replaceState(null, "", location.pathname + searchFor(now));
  }
  const { text, state } = filter.value;
  return (
    <section class="panel" aria-label="Sources">
      <div class="panel-body">
        <div class="filters">
          <div class="grow">
            <TextField
              label="Name, address or trouble"
              type="search"
              value={text}
              onInput={(now) => narrow({ text: now, state })}
            />
          </div>
          <ChoiceField
            label="State"
            value={state}
            options={SOURCE_STATES}
            onChange={(now) => narrow({ text, state: now })}
          />
        </div>
        <p class="soft small" role="status">
          {found.length === items.length
            ? ""
            : found.length === 0
            ? "No source matches."
            : `${found.length} of ${items.length}`}
        </p>
        <Paged items={found} size={PER_PAGE} what="sources">
          {(shown) => (
            <div class="scroll" tabIndex={0} role="region" aria-label="Table of sources">
              <table class="stack">
                <thead>
                  <tr>
                    <th scope="col">Name</th>
                    <th scope="col">State</th>
                    <th scope="col">Address</th>
                    <th scope="col" class="number">Readings</th>
                    <th scope="col">Last reading</th>
                    <th scope="col">
                      <span class="seen-by-readers">Switch</span>
                    </th>
                  </tr>
                </thead>
                <tbody>
                  {shown.map((item) => (
                    <SourceRow
                      key={item.name}
                      item={item}
                      rate={seen?.rates.get(item.name)}
                      nowMs={seen ? Date.parse(seen.status.timestamp) : Date.now()}
                      canSwitch={role !== "viewer"}
                      canChange={role === "administrator"}
                      onChange={onChange}
                    />
                  ))}
                </tbody>
              </table>
            </div>
          )}
        </Paged>
      </div>
    </section>
  );
}

type LiveSource = NonNullable<ReturnType<typeof useStatus>>["status"]["sources"][string];

/** What the events tell of a source is newer than the list. */
function withLive(item: SourceItem, live: LiveSource | undefined): SourceItem {
  if (!live) return item;
  const { state, since, records_read, failing_tags, last_reading_at, next_attempt_at, last_error } = live;
  const times = { last_reading: last_reading_at ?? null, next_attempt: next_attempt_at ?? null };
  return { ...item, state, since, records_read, failing_tags, last_error: last_error ?? null, ...times };
}
