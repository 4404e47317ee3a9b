import type { VNode } from "preact";
import { clockTime, number } from "../../src/web/client/format.ts";
import type { HeardMessage } from "../../src/web/client/looks.ts";
import { Breakable } from "../parts/breakable.tsx";
import { State } from "../parts/state.tsx";

interface HeardRowProps {
  readonly message: HeardMessage;
  /** Its topic stands in the form. */
  readonly isListed: boolean;
  readonly onUse: () => void;
}

/** One message: what came, and beside it the rows that the form makes of it. */
export function HeardRow({ message, isListed, onUse }: HeardRowProps): VNode {
  const { topic, time, qos, retained, bytes, payload, decoded } = message;
  const facts = [clockTime(time), `QoS ${qos}`, retained ? "retained" : "", `${number(bytes)} bytes`, payload.format];
  return (
    <article class="panel-body" aria-label={`Message of ${topic}`}>
      <div class="head">
        <div>
          <strong class="break mono">
            <Breakable text={topic} />
          </strong>
          <div class="soft small">{facts.filter(Boolean).join(" · ")}</div>
        </div>
        <div class="actions">
          <button class="button" type="button" disabled={isListed} onClick={onUse}>
            {isListed ? "In the form" : "Use this topic"}
          </button>
        </div>
      </div>
      <div class="split">
        <div>
          <pre tabIndex={0} aria-label="Payload">{decoded ?? payload.text}{payload.is_cut ? "…" : ""}</pre>
        </div>
        <Rows message={message} />
      </div>
    </article>
  );
}

function Rows({ message: { topic, rows, row_count, reason } }: Pick<HeardRowProps, "message">): VNode {
  return (
    <div>
      {reason === null ? null : (
        <p class="break">
          <State level="bad">No row</State> {reason}
        </p>
      )}
      {reason === null && rows.length === 0 ? <p class="soft">The form makes no row of it.</p> : null}
      {rows.length > 0
        ? (
          <div class="scroll" tabIndex={0} role="group" aria-label={`Rows of ${topic}`}>
            <table>
              <thead>
                <tr>
                  <th scope="col">Tag</th>
                  <th scope="col" class="number">Value</th>
                  <th scope="col">Unit</th>
                </tr>
              </thead>
              <tbody>
                {rows.map(({ tag, value, unit }, index) => (
                  <tr key={index}>
                    <th scope="row" class="mono">
                      <Breakable text={tag} />
                    </th>
                    <td class="number break">{value}</td>
                    <td>{unit}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )
        : null}
      {row_count > rows.length ? <p class="soft small">and {number(row_count - rows.length)} more rows</p> : null}
    </div>
  );
}
