import type { VNode } from "preact";
import { ago, lasting, number } from "../../src/web/client/format.ts";
import { sourceTold } from "../../src/web/client/levels.ts";
import type { SourceItem } from "../../src/web/client/sources.ts";
import { Breakable } from "../parts/breakable.tsx";
import { State } from "../parts/state.tsx";
import { SourceSwitch } from "./source_switch.tsx";

interface SourceRowProps {
  readonly item: SourceItem;
  /** Readings a second. */
  readonly rate: number | undefined;
  readonly nowMs: number;
  readonly canSwitch: boolean;
  /** May make others like it. */
  readonly canChange: boolean;
  readonly onChange: () => void;
}

export function SourceRow({ item, rate, nowMs, canSwitch, canChange, onChange }: SourceRowProps): VNode {
  const { name, protocol, state, since, endpoint, records_read, failing_tags, last_reading, last_error, enabled } =
    item;
  const { level, text } = sourceTold(state);
  const isUp = state === "connected";
  return (
    <tr>
      <th scope="row">
        <a href={`/sources/${encodeURIComponent(name)}`}>
          <Breakable text={name} />
        </a>
      </th>
      <td>
        <State level={level}>{text}</State>
        {since ? <span class="soft small">{` for ${lasting(since, nowMs)}`}</span> : null}
        {failing_tags > 0
          ? (
            <div>
              <State level="warn">{failing_tags} tags give no value</State>
            </div>
          )
          : null}
        {last_error && !isUp && enabled ? <div class="small break">{last_error.message}</div> : null}
      </td>
      <td class="break">
        <span class="soft">{protocol}</span>{" "}
        <span class="mono">
          <Breakable text={endpoint} />
        </span>
      </td>
      <td class="number" data-head="Readings">{rate === undefined ? number(records_read) : `${number(rate)}/s`}</td>
      <td data-head="Last reading">{last_reading ? ago(last_reading, nowMs) : "none yet"}</td>
      <td>
        <div class="actions">
          {canSwitch ? <SourceSwitch name={name} isOn={enabled} onChange={onChange} /> : null}
          {canChange
            ? (
              <a
                class="button button-quiet"
                href={`/sources/new?like=${encodeURIComponent(name)}`}
                aria-label={`Duplicate ${name}`}
              >
                Duplicate
              </a>
            )
            : null}
        </div>
      </td>
    </tr>
  );
}
