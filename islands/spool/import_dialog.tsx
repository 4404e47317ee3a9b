import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import { number } from "../../src/web/client/format.ts";
import { useLongWork } from "../../src/web/client/long_work.ts";
import { importRows } from "../../src/web/client/spool.ts";
import { Dialog } from "../parts/dialog.tsx";
import { Field, TextField } from "../parts/field.tsx";
import { ProblemNote } from "../parts/problem.tsx";
import { Progress } from "../parts/progress.tsx";
import { Note } from "../parts/state.tsx";

interface ImportDialogProps {
  readonly onClose: () => void;
  /** It ended, well or not: rows may have come. */
  readonly onDone: () => void;
}

/** Takes in a file of rows that another connector carried out. */
export function ImportDialog({ onClose, onDone }: ImportDialogProps): VNode {
  const { work, begin } = useLongWork<number>();
  const file = useSignal<File | undefined>(undefined);
  const passphrase = useSignal("");
  const now = work.value;
  async function go(event: Event): Promise<void> {
    event.preventDefault();
    const { value: chosen } = file;
    if (!chosen) return;
    await begin((onStep, signal) => importRows({ file: chosen, passphrase: passphrase.value, onStep, signal }));
    // However it ended: what was done before that stands in the panel.
    onDone();
  }
  const button = <button class="button button-main" type="submit" form="import" disabled={!file.value}>Take in</button>;
  const isAsked = now.state === "idle" || now.state === "failed";
  return (
    <Dialog
      title="Take rows in"
      onClose={onClose}
      closeText={isAsked ? "Cancel" : now.state === "busy" ? "Stop" : "Close"}
      actions={isAsked ? button : undefined}
    >
      {now.state === "failed" ? <ProblemNote problem={now.problem} /> : null}
      {isAsked
        ? (
          <form class="panel-list" id="import" onSubmit={go}>
            <p>
              The rows of a file that another connector carried out, with the identities that they have. A file is taken
              in once.
            </p>
            <Field
              label="File"
              control={(props) => (
                <input
                  {...props}
                  type="file"
                  onChange={(event) => file.value = event.currentTarget.files?.[0]}
                />
              )}
            />
            <TextField
              label="Passphrase"
              type="password"
              help="That of the file. Empty: it was sealed with a key that this spool has."
              value={passphrase.value}
              onInput={(text) => passphrase.value = text}
            />
          </form>
        )
        : null}
      {now.state === "busy"
        ? (
          <>
            <Progress what={now.step ? "Taking the rows in" : "Sending the file to the connector"} step={now.step} />
            <p class="soft">
              Rows that were taken in stay if it is stopped; taken in again, the whole file is, and these are there
              twice.
            </p>
          </>
        )
        : null}
      {now.state === "done" ? <Note level="ok" isUrgent>{number(now.value)} rows were taken in.</Note> : null}
    </Dialog>
  );
}
