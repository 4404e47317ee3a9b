import type { VNode } from "preact";
import type { AlertHistoryItem, AlertsAnswer } from "../../src/web/client/alerts.ts";
import { read } from "../../src/web/client/api.ts";
import { dateTime, number } from "../../src/web/client/format.ts";
import { useLoaded } from "../../src/web/client/loaded.ts";
import { Dialog } from "../parts/dialog.tsx";
import { View } from "../parts/problem.tsx";
import { State } from "../parts/state.tsx";

const CHANGES = {
  fired: "fired",
  resolved: "ended",
  acknowledged: "acknowledged",
  silenced: "silenced",
  silence_ended: "silence ended",
} as const;

interface Both {
  readonly answer: AlertsAnswer;
  readonly items: readonly AlertHistoryItem[];
}

async function load(signal: AbortSignal): Promise<Both> {
  const [answer, { items }] = await Promise.all([
    read<AlertsAnswer>("/api/alerts", signal),
    read<{ readonly items: readonly AlertHistoryItem[] }>("/api/alerts/history?limit=100", signal),
  ]);
  return { answer, items };
}

/** What happened to alerts, who is told of them, and how that goes. */
export function AlertHistory({ onClose }: { readonly onClose: () => void }): VNode {
  const { loaded } = useLoaded(load);
  return (
    <Dialog title="Alerts: history and delivery" onClose={onClose}>
      <View of={loaded.value} what="the history">
        {({ answer, items }) => (
          <>
            <Delivery {...answer} />
            {items.length === 0 ? <p class="soft">No alert has fired yet.</p> : <Happened items={items} />}
          </>
        )}
      </View>
    </Dialog>
  );
}

function Delivery({ destinations, rules }: AlertsAnswer): VNode {
  return (
    <>
      <p class="soft">
        {rules.length === 0 ? "No rule is looked at: alerts are switched off." : `${rules.length} rules are looked at.`}
        {destinations.length === 0 ? " Nobody is told: no destination is enabled in Settings." : ""}
      </p>
      {destinations.map(({ name, type, waiting, delivered, lost, last_error }) => (
        <p class="break" key={`${type} ${name}`}>
          <State level={last_error || lost > 0 ? "warn" : "ok"}>
            {type === "email" ? "Mail by" : "Webhook"} {name}
          </State>
          <br />
          {number(delivered)} told, {number(waiting)} waiting, {number(lost)} given up
          {last_error
            ? (
              <>
                <br />
                <span class="small">{last_error.message}</span>
              </>
            )
            : null}
        </p>
      ))}
    </>
  );
}

function Happened({ items }: { readonly items: readonly AlertHistoryItem[] }): VNode {
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label="What happened to alerts">
      <table class="stack">
        <thead>
          <tr>
            <th scope="col">Time</th>
            <th scope="col">Alert</th>
            <th scope="col">What</th>
          </tr>
        </thead>
        <tbody>
          {items.map(({ time, rule, subject, change, by }, index) => (
            <tr key={index}>
              <td>{dateTime(time)}</td>
              <td class="break">
                {rule.replaceAll("_", " ")}
                {subject
                  ? (
                    <>
                      {" of "}
                      <span class="mono">{subject}</span>
                    </>
                  )
                  : null}
              </td>
              <td>{CHANGES[change]}{by ? ` by ${by}` : ""}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
