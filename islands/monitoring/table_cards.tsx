import type { VNode } from "preact";
import { ago } from "../../src/web/client/format.ts";
import { breakerTold } from "../../src/web/client/levels.ts";
import { nextTry, sinceWhen } from "../../src/web/client/outage.ts";
import type { Status, TableNow } from "../../src/web/client/status.ts";
import { Breakable } from "../parts/breakable.tsx";
import { State } from "../parts/state.tsx";

/** A card per table that rows go to. A lane is a table and the message of its rows: `catalog.schema.table#Message`. */
export function TableCards({ status }: { readonly status: Status }): VNode {
  const lanes = Object.entries(status.sinks);
  const nowMs = Date.parse(status.timestamp);
  return (
    <section class="panel" aria-labelledby="tables-title">
      <header>
        <h2 id="tables-title">Tables</h2>
      </header>
      <div class="panel-body">
        {lanes.length === 0 ? <p class="soft">No table is in use yet: a source makes it so.</p> : null}
        <div class="cards">
          {lanes.map(([lane, table]) => (
            <TableCard key={lane} table={table} message={lane.split("#")[1] ?? "–"} nowMs={nowMs} />
          ))}
        </div>
      </div>
    </section>
  );
}

interface TableCardProps {
  readonly table: TableNow;
  readonly message: string;
  readonly nowMs: number;
}

function TableCard({ table, message, nowMs }: TableCardProps): VNode {
  const { connected, breaker, last_error } = table;
  const { level, text } = breakerTold(breaker);
  const isAway = breaker !== "closed";
  return (
    <article class="card">
      <header>
        <h3 class="mono">
          <Breakable text={table.table} />
        </h3>
        <State level={connected || isAway ? level : "idle"}>{connected || isAway ? text : "Not used yet"}</State>
      </header>
      <dl class="facts">
        <dt>Rows</dt>
        <dd>{message}</dd>
        <dt>Circuit breaker</dt>
        <dd>{breaker.replace("_", " ")}{isAway ? ` ${sinceWhen(table, nowMs)}` : ""}</dd>
        {isAway ? [<dt key="t">Next try</dt>, <dd key="d">{nextTry(table)}</dd>] : null}
      </dl>
      {last_error
        ? (
          <p class="small break">
            <span class="soft">Last error {ago(last_error.since, nowMs)}:</span> {last_error.message}
          </p>
        )
        : null}
    </article>
  );
}
