import type { VNode } from "preact";
import { useEffect } from "preact/hooks";
import { number } from "../../src/web/client/format.ts";
import { useLongWork } from "../../src/web/client/long_work.ts";
import { type Verified, verifySpool } from "../../src/web/client/spool.ts";
import { Dialog } from "../parts/dialog.tsx";
import { ProblemNote } from "../parts/problem.tsx";
import { Progress } from "../parts/progress.tsx";
import { Note } from "../parts/state.tsx";

/** Opens all that is in the spool as soon as it is shown; closing ends it. */
export function VerifyDialog({ onClose }: { readonly onClose: () => void }): VNode {
  const { work, begin } = useLongWork<Verified>();
  useEffect(() => void begin(verifySpool), []);
  const now = work.value;
  return (
    <Dialog title="Verify the spool" onClose={onClose} closeText={now.state === "busy" ? "Stop" : "Close"}>
      <p class="soft">
        Every chunk of rows and every dead letter is opened. Nothing is changed, and rows go on leaving.
      </p>
      {now.state === "busy" ? <Progress what="Reading the spool" step={now.step} /> : null}
      {now.state === "failed" ? <ProblemNote problem={now.problem} /> : null}
      {now.state === "done" ? <Result found={now.value} /> : null}
    </Dialog>
  );
}

function Result({ found: { rows, letters, faults, told } }: { readonly found: Verified }): VNode {
  const read = `${number(rows)} rows and ${number(letters)} dead letters can be read.`;
  if (faults === 0) return <Note level="ok" isUrgent>Nothing is damaged. {read}</Note>;
  return (
    <>
      <Note level="bad" isUrgent>
        <strong>{faults === 1 ? "One thing" : `${number(faults)} things`} cannot be read.</strong> {read}{" "}
        What cannot be read is put aside when its turn comes, and counted as quarantined.
      </Note>
      <ul>
        {told.map(({ name, rows, reason }) => (
          <li key={name} class="break">{name}{rows > 0 ? ` (${number(rows)} rows to be sent)` : ""}: {reason}</li>
        ))}
      </ul>
      {faults > told.length ? <p class="soft">And {number(faults - told.length)} more.</p> : null}
    </>
  );
}
