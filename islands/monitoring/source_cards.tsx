import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import { ago, lasting, number } from "../../src/web/client/format.ts";
import { sourceTold, trouble } from "../../src/web/client/levels.ts";
import type { SourceNow, Status } from "../../src/web/client/status.ts";
import { Breakable } from "../parts/breakable.tsx";
import { TextField } from "../parts/field.tsx";
import { Paged } from "../parts/paged.tsx";
import { State } from "../parts/state.tsx";

const PER_PAGE = 24;
/** From here on there is a field to find one. */
const MANY = 7;

interface SourceCardsProps {
  readonly status: Status;
  readonly rates: ReadonlyMap<string, number>;
}

/** A card per source, those in trouble first. */
export function SourceCards({ status, rates }: SourceCardsProps): VNode {
  const wanted = useSignal("");
  const all = Object.entries(status.sources);
  const found = all
    .filter(([name]) => name.toLowerCase().includes(wanted.value.trim().toLowerCase()))
    .sort(([a, one], [b, other]) => troubleOf(one) - troubleOf(other) || a.localeCompare(b));
  return (
    <section class="panel" aria-labelledby="sources-title">
      <header>
        <h2 id="sources-title">Sources</h2>
        <span class="soft">
          {all.filter(([, { state }]) => state === "connected").length} of {all.length} connected
        </span>
      </header>
      <div class="panel-body">
        {all.length > MANY
          ? (
            <TextField
              label="Find a source"
              type="search"
              value={wanted.value}
              onInput={(value) => wanted.value = value}
            />
          )
          : null}
        {all.length === 0
          ? (
            <p class="empty">
              No source is enabled. <a href="/sources">Add the first one</a>
            </p>
          )
          : null}
        {all.length > 0 && found.length === 0 ? <p class="soft">No source has such a name.</p> : null}
        <Paged items={found} size={PER_PAGE} what="sources">
          {(shown) => (
            <div class="cards">
              {shown.map(([name, source]) => (
                <SourceCard
                  key={name}
                  name={name}
                  source={source}
                  rate={rates.get(name)}
                  nowMs={Date.parse(status.timestamp)}
                />
              ))}
            </div>
          )}
        </Paged>
      </div>
    </section>
  );
}

function troubleOf({ state, failing_tags }: SourceNow): number {
  return failing_tags > 0 && state === "connected" ? trouble({ level: "warn", text: "" }) : trouble(sourceTold(state));
}

interface SourceCardProps {
  readonly name: string;
  readonly source: SourceNow;
  readonly rate: number | undefined;
  readonly nowMs: number;
}

function SourceCard({ name, source, rate, nowMs }: SourceCardProps): VNode {
  const { state, since, endpoint, records_read, failing_tags, last_reading_at, next_attempt_at, last_error } = source;
  const { level, text } = sourceTold(state);
  const isUp = state === "connected";
  return (
    <article class="card">
      <header>
        <h3>
          <a href={`/sources/${encodeURIComponent(name)}`}>{name}</a>
        </h3>
        <State level={level}>{text}</State>
      </header>
      <dl class="facts">
        <dt>{isUp ? "Connected" : "So"} for</dt>
        <dd>{lasting(since, nowMs)}</dd>
        <dt>Readings</dt>
        <dd>
          {rate === undefined ? "–" : `${number(rate)}/s`} <span class="soft">({number(records_read)})</span>
        </dd>
        <dt>Last reading</dt>
        <dd>{last_reading_at ? ago(last_reading_at, nowMs) : "none yet"}</dd>
        {next_attempt_at && !isUp
          ? [<dt key="t">Next attempt</dt>, <dd key="d">{ago(next_attempt_at, nowMs)}</dd>]
          : null}
        {endpoint
          ? [
            <dt key="t">Endpoint</dt>,
            <dd key="d" class="mono">
              <Breakable text={endpoint} />
            </dd>,
          ]
          : null}
      </dl>
      {failing_tags > 0 ? <State level="warn">{failing_tags} tags give no value</State> : null}
      {last_error && !isUp ? <p class="small break">{last_error.message}</p> : null}
    </article>
  );
}
