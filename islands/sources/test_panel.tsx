import type { VNode } from "preact";
import { clockTime } from "../../src/web/client/format.ts";
import { useLoaded } from "../../src/web/client/loaded.ts";
import type { Look } from "../../src/web/client/sources.ts";
import { Breakable } from "../parts/breakable.tsx";
import { Paged } from "../parts/paged.tsx";
import { View } from "../parts/problem.tsx";
import { Note, State } from "../parts/state.tsx";

/** How long a device is heard. */
export const TEST_SECONDS = 5;
const PER_PAGE = 50;

interface TestPanelProps {
  /** Asks the device. */
  readonly look: () => Promise<Look>;
}

/** Reads the device beside the session that reads it, and shows what it says as rows. Nothing is sent anywhere. */
export function TestPanel({ look }: TestPanelProps): VNode {
  const { loaded, reload } = useLoaded(look);
  return (
    <section class="panel" aria-labelledby="test-title">
      <header>
        <h2 id="test-title">Test of the connection</h2>
        <div class="actions">
          <button class="button" type="button" onClick={reload}>Test again</button>
        </div>
      </header>
      <div class="panel-body">
        <View of={loaded.value} what={`what the device says within ${TEST_SECONDS} seconds`}>
          {(look) => <LookResult look={look} />}
        </View>
      </div>
    </section>
  );
}

interface LookResultProps {
  readonly look: Look;
  /** What helps to list what is read, where nothing is listed yet. */
  readonly hint?: string;
}

export function LookResult({ look, hint = "" }: LookResultProps): VNode {
  const { endpoint, lists_nothing: isEmpty, samples, refused, no_value, error } = look;
  const troubles = [...no_value, ...refused];
  return (
    <>
      {error
        ? (
          <Note level="bad" isUrgent>
            <span class="break">{error.message}</span>
            <span class="soft small mono">{error.code}</span>
          </Note>
        )
        : (
          <p role="status">
            <State level="ok">Connected to {endpoint}{isEmpty ? "" : `: ${samples.length} readings`}</State>
          </p>
        )}
      {!error && isEmpty ? <p class="soft">Nothing is listed to read yet, so that nothing was read. {hint}</p> : null}
      {!error && !isEmpty && samples.length === 0
        ? (
          <p class="soft">
            It said nothing in this time. Topics that are seldom published, and values that do not change, may need
            longer.
          </p>
        )
        : null}
      {troubles.length > 0
        ? (
          <Note level="warn">
            {troubles.slice(0, 20).map(({ tag, reason }) => (
              <span class="break" key={`${tag} ${reason}`}>{tag}: {reason}</span>
            ))}
            {troubles.length > 20 ? <span>and {troubles.length - 20} more</span> : null}
          </Note>
        )
        : null}
      {samples.length > 0 ? <SampleRows samples={samples} /> : null}
    </>
  );
}

interface SampleRowsProps extends Pick<Look, "samples"> {
  readonly label?: string;
}

/** Values as the rows that they become. */
export function SampleRows({ samples, label = "Readings" }: SampleRowsProps): VNode {
  return (
    <Paged items={samples} size={PER_PAGE} what="readings">
      {(shown) => (
        <div class="scroll" tabIndex={0} role="region" aria-label={label}>
          <table>
            <thead>
              <tr>
                <th scope="col">Tag</th>
                <th scope="col" class="number">Value</th>
                <th scope="col">Unit</th>
                <th scope="col">Type</th>
                <th scope="col">Status</th>
                <th scope="col">Time</th>
              </tr>
            </thead>
            <tbody>
              {shown.map(({ tag, value, unit, type, status, time }, index) => (
                <tr key={index}>
                  <th scope="row" class="mono">
                    <Breakable text={tag} />
                  </th>
                  <td class="number break">{value}</td>
                  <td>{unit}</td>
                  <td>{type}</td>
                  <td>{status}</td>
                  <td>{clockTime(time)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Paged>
  );
}
