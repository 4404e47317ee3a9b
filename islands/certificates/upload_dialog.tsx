import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import type { Problem } from "../../src/web/client/api.ts";
import {
  type GivenFile,
  keepGiven,
  type ReadFile,
  readGiven,
  type StoredItem,
} from "../../src/web/client/certificates.ts";
import { problemIn } from "../../src/web/client/loaded.ts";
import { Dialog } from "../parts/dialog.tsx";
import { TextField } from "../parts/field.tsx";
import { ProblemNote } from "../parts/problem.tsx";
import { Note, State } from "../parts/state.tsx";
import { CERTIFICATE_FILES, FileField } from "./file_field.tsx";
import { CertificateFacts, Faults } from "./told.tsx";

interface UploadDialogProps {
  readonly onClose: () => void;
  readonly onDone: (items: readonly StoredItem[]) => void;
}

/** Gives the connector a certificate or a key: what was read is shown before it is kept. */
export function UploadDialog({ onClose, onDone }: UploadDialogProps): VNode {
  const file = useSignal<File | undefined>(undefined);
  const password = useSignal("");
  const read = useSignal<ReadFile | undefined>(undefined);
  const problem = useSignal<Problem | undefined>(undefined);
  const isBusy = useSignal(false);
  const isSealed = useSignal(false);
  async function ask<T>(task: (given: GivenFile) => Promise<T>, then: (answer: T, of: File) => void): Promise<void> {
    const own = file.value;
    if (!own) return;
    isBusy.value = true;
    problem.value = undefined;
    try {
      then(await task({ file: own, password: password.value }), own);
    } catch (error) {
      if (file.value !== own) return;
      const found = problemIn(error);
      if (found.code === "pkcs12_password") isSealed.value = true;
      // That it has a password is no fault: the field for it says so.
      if (found.code !== "pkcs12_password" || password.value !== "") problem.value = found;
    }
    if (file.value === own) isBusy.value = false;
  }
  /** An answer about a file that is not the chosen one any more says nothing. */
  function show(answer: ReadFile, of: File): void {
    if (file.value === of) read.value = answer;
  }
  function choose(chosen: File | undefined): void {
    file.value = chosen;
    read.value = undefined;
    isSealed.value = false;
    password.value = "";
    problem.value = undefined;
    isBusy.value = false;
    ask(readGiven, show);
  }
  const yes = read.value
    ? (
      <button class="button button-main" type="button" disabled={isBusy.value} onClick={() => ask(keepGiven, onDone)}>
        Keep it
      </button>
    )
    : (
      <button
        class="button button-main"
        type="button"
        disabled={isBusy.value || !file.value}
        onClick={() => ask(readGiven, show)}
      >
        Read the file
      </button>
    );
  return (
    <Dialog title="Upload a certificate or key" onClose={onClose} closeText="Cancel" actions={yes}>
      <FileField
        label="File"
        help="PEM, DER or PKCS#12 (.p12, .pfx), with its key or without. A private key stays in the connector: it is never shown or given out again."
        accept={CERTIFICATE_FILES}
        onChoose={choose}
      />
      {isSealed.value
        ? (
          <TextField
            label="Password of the file"
            type="password"
            autocomplete="off"
            value={password.value}
            onInput={(text) => {
              password.value = text;
              read.value = undefined;
              problem.value = undefined;
            }}
          />
        )
        : null}
      {isBusy.value
        ? (
          <p role="status">
            <State level="busy">Reading…</State>
          </p>
        )
        : null}
      {problem.value ? <ProblemNote problem={problem.value} /> : null}
      {read.value ? <WhatWasRead read={read.value} /> : null}
    </Dialog>
  );
}

function WhatWasRead({ read: { certificate, above, has_key, faults } }: { readonly read: ReadFile }): VNode {
  return (
    <>
      <p role="status">
        <State level="ok">
          {certificate ? "A certificate" : "A private key"}
          {above.length > 0 ? ` with ${above.length} above it` : ""}
          {certificate && has_key ? ", and a private key" : ""}
        </State>
      </p>
      <Faults faults={faults} />
      {certificate ? <CertificateFacts told={certificate} /> : null}
      {certificate && !has_key
        ? (
          <Note level="idle">
            There is no private key in it. To be used as our own, its key is needed too: upload it as a file of its own.
          </Note>
        )
        : null}
    </>
  );
}
