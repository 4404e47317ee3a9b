import type { VNode } from "preact";
import { breakerTold } from "../../src/web/client/levels.ts";
import { nextTry, outageTold, sinceWhen, spoolHolds, spoolLeads, tablesAway } from "../../src/web/client/outage.ts";
import type { Status } from "../../src/web/client/status.ts";
import { Breakable } from "../parts/breakable.tsx";
import { State } from "../parts/state.tsx";

/** While rows cannot be sent, or those that waited are on their way: for how long, and how long there is room. */
export function Outage({ status }: { readonly status: Status }): VNode | null {
  const away = tablesAway(status);
  const { spool } = status;
  const told = outageTold(status);
  if (!told) return null;
  const nowMs = Date.parse(status.timestamp);
  const leads = spool ? spoolLeads(spool) : undefined;
  return (
    <section class="panel" aria-labelledby="outage-title">
      <header>
        <h2 id="outage-title">{told.title}</h2>
        {told.text ? <span class="soft small">{told.text}</span> : null}
      </header>
      <dl class="facts facts-long panel-body">
        {away.map((table) => [
          <dt key={table.table} class="mono break">
            <Breakable text={table.table} />
          </dt>,
          <dd key={`${table.table} state`}>
            <State level={breakerTold(table.breaker).level}>{breakerTold(table.breaker).text}</State>{" "}
            {sinceWhen(table, nowMs)}. {nextTry(table)}.
          </dd>,
        ])}
        {spool
          ? [
            <dt key="spool">Spool</dt>,
            <dd key="held">
              {spoolHolds(spool)}
              {leads
                ? (
                  <>
                    , <strong>{leads}</strong>
                  </>
                )
                : null}
            </dd>,
          ]
          : null}
      </dl>
    </section>
  );
}
