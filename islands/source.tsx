import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import { ago, dateTime, number } from "../src/web/client/format.ts";
import { isOver, sourceTold } from "../src/web/client/levels.ts";
import { useLoaded } from "../src/web/client/loaded.ts";
import { readSource, type SourceItem, testSource } from "../src/web/client/sources.ts";
import { useStatus } from "../src/web/client/status.ts";
import { Breakable } from "./parts/breakable.tsx";
import { TrustLink } from "./certificates/trust_link.tsx";
import { View } from "./parts/problem.tsx";
import { Note, State } from "./parts/state.tsx";
import { BrowsePanel } from "./sources/browse_panel.tsx";
import { LatestPanel } from "./sources/latest_panel.tsx";
import { RemoveSource } from "./sources/remove_source.tsx";
import { SourceSwitch } from "./sources/source_switch.tsx";
import { TEST_SECONDS, TestPanel } from "./sources/test_panel.tsx";

export interface SourceProps {
  readonly name: string;
  readonly role: string;
  /** The configuration is changed by files alone. */
  readonly isReadOnly?: boolean;
}

type Panel = "test" | "browse" | undefined;

/** One source: how it stands, what its device says now, and what it has. */
export function Source({ name, role, isReadOnly = false }: SourceProps): VNode {
  const state = useStatus()?.status.sources[name]?.state;
  const { loaded, reload } = useLoaded((signal) => readSource(name, signal), state);
  const panel = useSignal<Panel>(undefined);
  const canLook = role !== "viewer";
  const path = `/sources/${encodeURIComponent(name)}`;
  const looks = (
    <>
      <button class="button" type="button" onClick={() => panel.value = "test"}>Test connection</button>
      <button class="button" type="button" onClick={() => panel.value = "browse"}>Browse</button>
    </>
  );
  return (
    <>
      <p class="small">
        <a href="/sources">Data sources</a>
      </p>
      <div class="head">
        <h1 class="break">
          <Breakable text={name} />
        </h1>
        <div class="actions">
          {canLook ? looks : null}
          {canLook && !isReadOnly && loaded.value.state === "ready"
            ? <SourceSwitch name={name} isOn={loaded.value.value.enabled} onChange={reload} />
            : null}
          {role === "administrator" && !isReadOnly
            ? (
              <>
                <a class="button" href={`${path}/edit`}>Edit</a>
                <a class="button" href={`/sources/new?like=${encodeURIComponent(name)}`}>Duplicate</a>
                <RemoveSource name={name} />
              </>
            )
            : null}
        </div>
      </div>
      <View of={loaded.value} what="the source">{(source) => <Facts source={source} />}</View>
      {loaded.value.state === "ready" && loaded.value.value.enabled ? <LatestPanel name={name} /> : null}
      {panel.value === "test" ? <TestPanel look={() => testSource(name, TEST_SECONDS)} /> : null}
      {panel.value === "browse" ? <BrowsePanel name={name} /> : null}
    </>
  );
}

function Facts({ source }: { readonly source: SourceItem }): VNode {
  const seen = useStatus();
  const nowMs = seen ? Date.parse(seen.status.timestamp) : Date.now();
  const rate = seen?.rates.get(source.name);
  const live = seen?.status.sources[source.name];
  const { level, text } = sourceTold(live?.state ?? source.state);
  const last = live?.last_reading_at ?? source.last_reading;
  const error = live?.last_error ?? source.last_error;
  const isPast = error ? isOver({ state: live?.state ?? source.state, since: error.since, lastReading: last }) : false;
  const facts: readonly (readonly [string, string | undefined])[] = [
    ["Protocol", source.protocol],
    ["Address", source.endpoint],
    ["Further addresses", source.endpoints.join(", ") || undefined],
    ["Connected at", source.connected_endpoint ?? undefined],
    ["So since", source.since ? dateTime(source.since) : undefined],
    [
      "Readings",
      `${number(live?.records_read ?? source.records_read)}${rate === undefined ? "" : `, ${number(rate)}/s now`}`,
    ],
    ["Last reading", last ? ago(last, nowMs) : "none yet"],
    ["Tags without a value", source.failing_tags > 0 ? String(source.failing_tags) : undefined],
  ];
  return (
    <section class="panel panel-body" aria-label="State">
      <State level={level}>{text}</State>
      <dl class="facts">
        {facts.map(([name, value]) =>
          value === undefined ? null : [<dt key={name}>{name}</dt>, <dd key={`${name} value`}>{value}</dd>]
        )}
      </dl>
      {error
        ? (
          <Note level={isPast ? "idle" : level === "ok" ? "warn" : level}>
            <span class="break">{error.message}</span>
            {isPast ? null : <TrustLink code={error.code} />}
            <span class="soft small">
              {isPast ? "Over now; it was " : level === "ok" ? "No reading came since " : ""}
              {dateTime(error.since)}, {error.code}
            </span>
          </Note>
        )
        : null}
    </section>
  );
}
