import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import { bytes, number } from "../../src/web/client/format.ts";
import { useLongWork } from "../../src/web/client/long_work.ts";
import { carriedAddress, type Exported, exportRows, passphraseFault } from "../../src/web/client/spool.ts";
import { Dialog } from "../parts/dialog.tsx";
import { TextField } from "../parts/field.tsx";
import { ProblemNote } from "../parts/problem.tsx";
import { Progress } from "../parts/progress.tsx";
import { Note } from "../parts/state.tsx";

interface ExportDialogProps {
  readonly onClose: () => void;
  /** It ended, well or not: rows may have left the spool, and a file may be there. */
  readonly onDone: () => void;
}

/** Asks for a passphrase, carries the rows out, and offers the file. */
export function ExportDialog({ onClose, onDone }: ExportDialogProps): VNode {
  const { work, begin } = useLongWork<Exported>();
  const passphrase = useSignal("");
  const again = useSignal("");
  const now = work.value;
  const fault = passphraseFault(passphrase.value, again.value);
  async function go(event: Event): Promise<void> {
    event.preventDefault();
    await begin((onStep, signal) => exportRows(passphrase.value, onStep, signal));
    // However it ended: what was done before that stands in the panel.
    onDone();
  }
  const button = (
    <button class="button button-main" type="submit" form="export" disabled={fault !== undefined}>Carry out</button>
  );
  const isAsked = now.state === "idle" || now.state === "failed";
  return (
    <Dialog
      title="Carry rows out"
      onClose={onClose}
      closeText={isAsked ? "Cancel" : now.state === "busy" ? "Stop" : "Close"}
      actions={isAsked ? button : undefined}
    >
      {now.state === "failed"
        ? (
          <>
            <ProblemNote problem={now.problem} />
            <p>If the file was made all the same, it stands in the list of the panel.</p>
          </>
        )
        : null}
      {isAsked
        ? (
          <form class="panel-list" id="export" onSubmit={go}>
            <p>
              The rows that wait go into one sealed file, and leave the spool once it is whole. They are sent when
              another connector takes the file in.
            </p>
            <TextField
              label="Passphrase"
              type="password"
              autocomplete="new-password"
              help="12 characters at least. Without it nobody opens the file. Empty: the file is sealed with this spool's own key, and only a connector that has it takes the rows in."
              value={passphrase.value}
              onInput={(text) => passphrase.value = text}
            />
            <TextField
              label="Passphrase again"
              type="password"
              autocomplete="new-password"
              fault={again.value === "" ? undefined : fault}
              value={again.value}
              onInput={(text) => again.value = text}
            />
          </form>
        )
        : null}
      {now.state === "busy" ? <Progress what="Writing the file" step={now.step} /> : null}
      {now.state === "done" ? <Done exported={now.value} /> : null}
    </Dialog>
  );
}

function Done({ exported: { file, rows, bytes: size } }: { readonly exported: Exported }): VNode {
  return (
    <>
      <Note level="ok" isUrgent>
        {number(rows)} rows have left the spool. The file has {bytes(size)}, and stays here until you delete it.
      </Note>
      <p>
        <a class="button button-main" href={carriedAddress(file)} download={file}>Download {file}</a>
      </p>
    </>
  );
}
