import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import { bytes, duration, number } from "../src/web/client/format.ts";
import { healthTold } from "../src/web/client/levels.ts";
import { connection } from "../src/web/client/live.ts";
import { type Sample, SPANS } from "../src/web/client/history.ts";
import { spoolLeads } from "../src/web/client/outage.ts";
import { type Status, useStatus } from "../src/web/client/status.ts";
import { useHistory, useLedger } from "../src/web/client/vitals.ts";
import { Alerts } from "./monitoring/alerts.tsx";
import { Charts } from "./monitoring/charts.tsx";
import { DeadLetters } from "./monitoring/dead_letters.tsx";
import { LedgerPanel } from "./monitoring/ledger.tsx";
import { Outage } from "./monitoring/outage.tsx";
import { SourceCards } from "./monitoring/source_cards.tsx";
import { TableCards } from "./monitoring/table_cards.tsx";
import { Note, State } from "./parts/state.tsx";
import { SpoolPanel } from "./spool/spool_panel.tsx";

export interface MonitoringProps {
  readonly role: string;
}

/** How the connector is, now and in the last quarter of an hour. */
export function Monitoring({ role }: MonitoringProps): VNode {
  const seen = useStatus();
  const samples = useHistory(SPANS.quarter, "");
  const ledger = useLedger();
  if (!seen) return <Waiting />;
  const { status, rates } = seen;
  return (
    <>
      <Health status={status} />
      <Outage status={status} />
      <Alerts canAct={role !== "viewer"} />
      <Tiles status={status} sample={samples.findLast(({ queue }) => queue !== undefined)} />
      <Charts samples={samples} sources={Object.keys(status.sources)} />
      <SourceCards status={status} rates={rates} />
      <TableCards status={status} />
      {ledger ? <LedgerPanel ledger={ledger} /> : null}
      {status.spool ? <SpoolPanel canCarry={role === "administrator"} /> : null}
      <DeadLetters canReplay={role !== "viewer"} canPurge={role === "administrator"} />
    </>
  );
}

function Waiting(): VNode {
  const isLost = connection.value.state === "lost";
  return (
    <>
      <h1>Monitoring</h1>
      <div class="panel waiting" role="status">
        {isLost
          ? <State level="warn">The connector does not answer; this page tries again every few seconds.</State>
          : <State level="busy">Waiting for the first values…</State>}
      </div>
    </>
  );
}

function Health({ status }: { readonly status: Status }): VNode {
  const { causes, version, uptime_seconds } = status;
  const { level, text } = healthTold(status);
  const many = useSignal(false);
  const shown = many.value ? causes : causes.slice(0, 3);
  return (
    <>
      <div class="head">
        <h1>Monitoring</h1>
        <State level={level}>{text}</State>
        <span class="soft small">Version {version}, up {duration(uptime_seconds)}</span>
      </div>
      {connection.value.state === "lost"
        ? (
          <Note level="warn" isUrgent>
            The connection to the connector is lost. What stands here is of then; this page tries again.
          </Note>
        )
        : null}
      {causes.length > 0
        ? (
          <Note level={level}>
            {shown.map((cause) => <span class="break" key={cause}>{cause}</span>)}
            {causes.length > 3 && !many.value
              ? (
                <button class="button button-quiet" type="button" onClick={() => many.value = true}>
                  {causes.length - 3} more
                </button>
              )
              : null}
          </Note>
        )
        : null}
    </>
  );
}

interface TilesProps {
  readonly status: Status;
  readonly sample: Sample | undefined;
}

function Tiles({ status: { queue, sinks, spool }, sample }: TilesProps): VNode {
  const breakers = Object.values(sinks).filter(({ breaker }) => breaker !== "closed").length;
  const { queued, spooled_bytes, unsent, max_unsent } = queue;
  return (
    <dl class="tiles">
      <Tile name="Readings in" value={sample?.read === undefined ? "–" : `${number(sample.read)}/s`} />
      <Tile name="Rows written" value={sample?.written === undefined ? "–" : `${number(sample.written)}/s`} />
      <Tile
        name="Waiting rows"
        value={number(queued)}
        small={`${number((100 * unsent) / Math.max(1, max_unsent))} % of the queue`}
      />
      <Tile name="Spool" value={bytes(spooled_bytes)} small={spool ? spoolLeads(spool) : undefined} />
      <Tile name="Acknowledged after" value={sample?.ackMs === undefined ? "–" : `${number(sample.ackMs)} ms`} />
      <Tile name="Circuit breakers" value={breakers === 0 ? "All closed" : `${breakers} open`} />
    </dl>
  );
}

interface TileProps {
  readonly name: string;
  readonly value: string;
  readonly small?: string | undefined;
}

function Tile({ name, value, small }: TileProps): VNode {
  return (
    <div class="tile">
      <dt>{name}</dt>
      <dd>{value}{small ? <small>{small}</small> : null}</dd>
    </div>
  );
}
