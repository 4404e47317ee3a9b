import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { Problem } from "../../src/web/client/api.ts";
import { problemIn } from "../../src/web/client/loaded.ts";
import { bundleFault, downloadBundle } from "../../src/web/client/support.ts";
import { Dialog } from "../parts/dialog.tsx";
import { TextField } from "../parts/field.tsx";
import { ProblemNote } from "../parts/problem.tsx";
import { Note } from "../parts/state.tsx";

type Making =
  | { readonly state: "asked" }
  | { readonly state: "busy" }
  | { readonly state: "done" }
  | { readonly state: "failed"; readonly problem: Problem };

/** Says what is in a support bundle, asks for a passphrase, and downloads it. */
export function BundleDialog({ onClose }: { readonly onClose: () => void }): VNode {
  const making = useSignal<Making>({ state: "asked" });
  const passphrase = useSignal("");
  const again = useSignal("");
  const fault = bundleFault(passphrase.value, again.value);
  const now = making.value;
  const leaving = useRef(new AbortController());
  useEffect(() => () => leaving.current.abort(), []);
  async function go(event: Event): Promise<void> {
    event.preventDefault();
    making.value = { state: "busy" };
    try {
      await downloadBundle(passphrase.value, leaving.current.signal);
      making.value = { state: "done" };
    } catch (error) {
      if (leaving.current.signal.aborted) return;
      making.value = { state: "failed", problem: problemIn(error) };
    }
  }
  const isOff = fault !== undefined || now.state === "busy";
  const button = <button class="button button-main" type="submit" form="bundle" disabled={isOff}>Download</button>;
  return (
    <Dialog
      title="Support bundle"
      onClose={onClose}
      closeText={now.state === "done" ? "Close" : "Cancel"}
      actions={now.state === "done" ? undefined : button}
    >
      {now.state === "failed" ? <ProblemNote problem={now.problem} /> : null}
      {now.state === "done"
        ? (
          <Note level="ok" isUrgent>
            The file is downloaded. Whoever helps opens it with the passphrase: send the two in different ways.
          </Note>
        )
        : (
          <form class="panel-list" id="bundle" onSubmit={go}>
            <p>
              One sealed file for whoever helps. In it: the configuration without secrets, the last lines of the log,
              status, metrics, what the spool holds in numbers, certificates without keys, facts of the host, and names
              and sizes of files.
            </p>
            <p>
              Not in it: secrets, keys, readings, dead letters, users and the audit. Names of hosts, sources and tags
              are in it.
            </p>
            <TextField
              label="Passphrase"
              type="password"
              autocomplete="new-password"
              help="12 characters at least. Without it nobody opens the file."
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
        )}
    </Dialog>
  );
}
