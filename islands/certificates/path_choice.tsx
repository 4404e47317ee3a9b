import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import { readStored, type StoredItem } from "../../src/web/client/certificates.ts";
import { useLoaded } from "../../src/web/client/loaded.ts";
import { commonName } from "../../src/web/client/trust.ts";
import { Dialog } from "../parts/dialog.tsx";
import { View } from "../parts/problem.tsx";
import { DaysLeft } from "./days.tsx";
import { UploadDialog } from "./upload_dialog.tsx";

type Kind = StoredItem["kind"];

interface PathChoiceProps {
  readonly kind: Kind;
  /** Of the field. */
  readonly label: string;
  readonly onChoose: (path: string) => void;
}

/** Fills the path of a certificate or key in: of what was uploaded before, or of what is uploaded now. */
export function PathChoice({ kind, label, onChoose }: PathChoiceProps): VNode {
  const step = useSignal<"closed" | "choosing" | "uploading">("closed");
  const close = () => step.value = "closed";
  function chosen(path: string): void {
    close();
    onChoose(path);
  }
  return (
    <div class="actions" onKeyDown={keepInside}>
      <button
        class="button"
        type="button"
        aria-label={`Choose or upload: ${label}`}
        onClick={() => step.value = "choosing"}
      >
        Choose or upload…
      </button>
      {step.value === "choosing"
        ? <ChooseDialog kind={kind} onClose={close} onChoose={chosen} onUpload={() => step.value = "uploading"} />
        : null}
      {step.value === "uploading"
        ? (
          <UploadDialog
            onClose={close}
            onDone={(items) => {
              const found = items.find((item) => item.kind === kind);
              if (found) chosen(found.path);
              else step.value = "choosing";
            }}
          />
        )
        : null}
    </div>
  );
}

interface ChooseDialogProps {
  readonly kind: Kind;
  readonly onClose: () => void;
  readonly onChoose: (path: string) => void;
  readonly onUpload: () => void;
}

function ChooseDialog({ kind, onClose, onChoose, onUpload }: ChooseDialogProps): VNode {
  const { loaded } = useLoaded(readStored);
  const what = kind === "key" ? "private key" : "certificate";
  const upload = <button class="button button-main" type="button" onClick={onUpload}>Upload a file…</button>;
  return (
    <Dialog title={`Choose a ${what}`} onClose={onClose} closeText="Cancel" actions={upload}>
      <View of={loaded.value} what="what was uploaded">
        {(items) => {
          const fitting = items.filter((item) => item.kind === kind);
          if (fitting.length === 0) return <p class="empty">No {what} was uploaded yet.</p>;
          return (
            <div class="panel-list">
              {fitting.map((item) => (
                <Choice
                  key={item.id}
                  item={item}
                  others={items}
                  onChoose={() => onChoose(item.path)}
                />
              ))}
            </div>
          );
        }}
      </View>
    </Dialog>
  );
}

interface ChoiceProps {
  readonly item: StoredItem;
  /** Among them the certificate that a key belongs to. */
  readonly others: readonly StoredItem[];
  readonly onChoose: () => void;
}

function Choice({ item: { kind, path, public_key, certificate }, others, onChoose }: ChoiceProps): VNode {
  const own = others.find((each) => each.kind === "certificate" && each.public_key === public_key)?.certificate;
  const hasKey = others.some((each) => each.kind === "key" && each.public_key === public_key);
  const name = kind === "key"
    ? own ? `Key of ${commonName(own.subject)}` : "Key of no certificate that was uploaded"
    : commonName(certificate?.subject ?? "");
  return (
    <article class="card">
      <header>
        <h3 class="break">{name}</h3>
        <button class="button" type="button" aria-label={`Choose ${name}`} onClick={onChoose}>Choose</button>
      </header>
      {certificate ? <DaysLeft days={certificate.days_left} notAfter={certificate.not_after} /> : null}
      <span class="soft small">
        {certificate ? `${hasKey ? "Its private key was uploaded too" : "Without a private key"}. ` : ""}
        <span class="mono break">{path}</span>
      </span>
    </article>
  );
}

/** The dialogs stand in a form, which Enter in one of their fields must not send. */
function keepInside(event: KeyboardEvent): void {
  if (event.key === "Enter" && event.target instanceof HTMLInputElement) event.preventDefault();
}
