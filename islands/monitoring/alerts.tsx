import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import { acknowledge, type Alert, alertTold, silence, useAlerts } from "../../src/web/client/alerts.ts";
import type { Problem } from "../../src/web/client/api.ts";
import { dateTime } from "../../src/web/client/format.ts";
import { problemIn } from "../../src/web/client/loaded.ts";
import { ProblemNote } from "../parts/problem.tsx";
import { State } from "../parts/state.tsx";
import { AlertHistory } from "./alert_history.tsx";

interface AlertsProps {
  readonly canAct: boolean;
}

const SILENCES = [[60, "1 hour"], [480, "8 hours"], [1440, "1 day"], [10_080, "1 week"]] as const;

/** The alerts that stand, the worst first, and what a person can do about each. */
export function Alerts({ canAct }: AlertsProps): VNode {
  const alerts = useAlerts();
  const problem = useSignal<Problem | undefined>(undefined);
  const isOpen = useSignal(false);
  async function act(done: Promise<void>): Promise<void> {
    problem.value = undefined;
    await done.catch((error) => problem.value = problemIn(error));
  }
  return (
    <section class="panel" aria-labelledby="alerts-title" id="alerts">
      <header>
        <h2 id="alerts-title">Alerts</h2>
        {alerts === undefined ? <State level="busy">Loading</State> : null}
        {alerts?.length === 0 ? <State level="ok">None</State> : null}
        <div class="actions">
          <button class="button" type="button" onClick={() => isOpen.value = true}>History and delivery</button>
        </div>
      </header>
      {problem.value
        ? (
          <div class="panel-body">
            <ProblemNote problem={problem.value} />
          </div>
        )
        : null}
      {alerts && alerts.length > 0
        ? (
          <div class="scroll" tabIndex={0} role="region" aria-label="List of alerts">
            <table class="stack">
              <thead>
                <tr>
                  <th scope="col">State</th>
                  <th scope="col">Alert</th>
                  <th scope="col">Since</th>
                  {canAct
                    ? (
                      <th scope="col">
                        <span class="seen-by-readers">Actions</span>
                      </th>
                    )
                    : null}
                </tr>
              </thead>
              <tbody>
                {alerts.map((alert) => <Row key={alert.id} alert={alert} canAct={canAct} act={act} />)}
              </tbody>
            </table>
          </div>
        )
        : null}
      {isOpen.value ? <AlertHistory onClose={() => isOpen.value = false} /> : null}
    </section>
  );
}

interface RowProps extends AlertsProps {
  readonly alert: Alert;
  readonly act: (done: Promise<void>) => Promise<void>;
}

function Row({ alert, canAct, act }: RowProps): VNode {
  const { level, text } = alertTold(alert);
  return (
    <tr>
      <td>
        <State level={level}>{text}</State>
      </td>
      <td class="break">
        <strong>{alert.rule.replaceAll("_", " ")}</strong>
        {alert.subject
          ? (
            <>
              {" of "}
              <span class="mono">{alert.subject}</span>
            </>
          )
          : null}
        <br />
        <span class="soft">{alert.advice ?? alert.condition}</span>
        {told(alert)
          ? (
            <>
              <br />
              <span class="small">{told(alert)}</span>
            </>
          )
          : null}
      </td>
      <td>{dateTime(alert.since)}</td>
      {canAct
        ? (
          <td>
            <Actions alert={alert} act={act} />
          </td>
        )
        : null}
    </tr>
  );
}

/** Who did what with it. */
function told({ state, acknowledged_by, silenced_by, silenced_until }: Alert): string | undefined {
  if (state === "silenced") return `Silenced by ${silenced_by} until ${dateTime(silenced_until ?? "")}`;
  return acknowledged_by === null ? undefined : `Acknowledged by ${acknowledged_by}`;
}

function Actions({ alert, act }: Omit<RowProps, "canAct">): VNode {
  const minutes = useSignal<number>(SILENCES[0][0]);
  const { rule, subject, state } = alert;
  const name = subject ? `${rule} of ${subject}` : rule;
  if (state === "silenced") {
    return (
      <button
        class="button"
        type="button"
        aria-label={`End silence of ${name}`}
        onClick={() => act(silence(alert, 0))}
      >
        End silence
      </button>
    );
  }
  return (
    <div class="actions">
      {state === "firing"
        ? (
          <button
            class="button"
            type="button"
            aria-label={`Acknowledge ${name}`}
            onClick={() => act(acknowledge(alert))}
          >
            Acknowledge
          </button>
        )
        : null}
      <select
        class="button"
        aria-label={`Silence ${name} for`}
        value={minutes.value}
        onChange={({ currentTarget }) => minutes.value = Number(currentTarget.value)}
      >
        {SILENCES.map(([length, text]) => <option key={length} value={length}>{text}</option>)}
      </select>
      <button
        class="button"
        type="button"
        aria-label={`Silence ${name}`}
        onClick={() => act(silence(alert, minutes.value))}
      >
        Silence
      </button>
    </div>
  );
}
