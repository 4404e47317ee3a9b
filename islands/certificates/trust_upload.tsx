import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import type { Problem } from "../../src/web/client/api.ts";
import {
  giveRevocations,
  giveTrusted,
  type ReadFile,
  readGiven,
  type TrustedAs,
} from "../../src/web/client/certificates.ts";
import { problemIn } from "../../src/web/client/loaded.ts";
import { Dialog } from "../parts/dialog.tsx";
import { ChoiceField } from "../parts/field.tsx";
import { ProblemNote } from "../parts/problem.tsx";
import { Note } from "../parts/state.tsx";
import { FileField } from "./file_field.tsx";
import { CertificateFacts, Faults } from "./told.tsx";

interface TrustUploadProps {
  readonly onClose: () => void;
  readonly onDone: () => void;
}

const KINDS = [
  ["trusted", "A certificate to trust: a server’s, or an authority’s"],
  ["issuer", "An authority between a trusted one and its servers"],
  ["list_trusted", "A revocation list (CRL) of a trusted authority"],
  ["list_issuer", "A revocation list (CRL) of an authority in between"],
] as const;

type Kind = (typeof KINDS)[number][0];

/** Gives a certificate to trust before its server is first met, or an authority’s list of those it has revoked. */
export function TrustUpload({ onClose, onDone }: TrustUploadProps): VNode {
  const kind = useSignal<Kind>("trusted");
  const file = useSignal<File | undefined>(undefined);
  const read = useSignal<ReadFile | undefined>(undefined);
  const problem = useSignal<Problem | undefined>(undefined);
  const isBusy = useSignal(false);
  const isList = kind.value.startsWith("list_");
  async function tried(task: () => Promise<void>): Promise<void> {
    isBusy.value = true;
    problem.value = undefined;
    await task().catch((error) => problem.value = problemIn(error));
    isBusy.value = false;
  }
  function look(chosen: File | undefined, as: Kind): void {
    file.value = chosen;
    kind.value = as;
    read.value = undefined;
    if (chosen && !as.startsWith("list_")) {
      tried(async () => void (read.value = await readGiven({ file: chosen, password: "" })));
    }
  }
  function keep(): void {
    const chosen = file.value;
    if (!chosen) return;
    const as: TrustedAs = kind.value.endsWith("issuer") ? "issuer" : "trusted";
    tried(async () => {
      await (isList ? giveRevocations(chosen, as) : giveTrusted(chosen, as));
      onDone();
    });
  }
  const isReady = file.value !== undefined && (isList || (read.value?.certificate ?? null) !== null);
  const yes = (
    <button class="button button-main" type="button" disabled={isBusy.value || !isReady} onClick={keep}>
      {kind.value === "trusted" ? "Trust it" : "Keep it"}
    </button>
  );
  return (
    <Dialog title="Add a certificate or a revocation list" onClose={onClose} closeText="Cancel" actions={yes}>
      <ChoiceField
        label="What it is"
        value={kind.value}
        options={KINDS}
        onChange={(value) => look(file.value, KINDS.find(([each]) => each === value)?.[0] ?? "trusted")}
      />
      <FileField
        label="File"
        help={isList ? "DER or PEM (.crl). An older list of the same authority is replaced." : "DER or PEM."}
        accept={isList ? ".crl,.pem,.der" : ".der,.cer,.crt,.pem"}
        onChoose={(chosen) => look(chosen, kind.value)}
      />
      {problem.value ? <ProblemNote problem={problem.value} /> : null}
      {read.value && !read.value.certificate ? <Note level="bad" isUrgent>There is no certificate in it.</Note> : null}
      {read.value?.certificate
        ? (
          <>
            <Faults faults={read.value.faults} />
            <CertificateFacts told={read.value.certificate} />
          </>
        )
        : null}
    </Dialog>
  );
}
