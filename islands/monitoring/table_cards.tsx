import type { VNode } from "preact";
import { ago } from "../../src/web/client/format.ts";
import { breakerTold } from "../../src/web/client/levels.ts";
import type { Status } from "../../src/web/client/status.ts";
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
          {lanes.map(([lane, { connected, breaker, last_error }]) => {
            const [table = lane, message] = lane.split("#");
            const { level, text } = breakerTold(breaker);
            return (
              <article class="card" key={lane}>
                <header>
                  <h3 class="mono">{table}</h3>
                  <State level={connected || level !== "ok" ? level : "idle"}>
                    {connected || level !== "ok" ? text : "Not used yet"}
                  </State>
                </header>
                <dl class="facts">
                  <dt>Rows</dt>
                  <dd>{message ?? "–"}</dd>
                  <dt>Circuit breaker</dt>
                  <dd>{breaker.replace("_", " ")}</dd>
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
          })}
        </div>
      </div>
    </section>
  );
}
