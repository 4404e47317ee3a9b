import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import { type InventoryItem, readInventory, removeStored } from "../src/web/client/certificates.ts";
import { useLoaded } from "../src/web/client/loaded.ts";
import { ConfirmDialog } from "./certificates/confirm_dialog.tsx";
import { InventoryCard } from "./certificates/inventory_card.tsx";
import { UploadDialog } from "./certificates/upload_dialog.tsx";
import { Paged } from "./parts/paged.tsx";
import { View } from "./parts/problem.tsx";

export interface CertificatesProps {
  readonly role: string;
}

const PER_PAGE = 20;
const SECTIONS: readonly { title: string; id: string; origins: readonly InventoryItem["origin"][]; none: string }[] = [
  {
    id: "own",
    title: "Made by the connector",
    origins: ["own_opcua", "own_gui"],
    none: "None yet: it makes one when the first OPC UA source connects, and one for TLS of these pages.",
  },
  {
    id: "named",
    title: "Uploaded, or named by settings",
    origins: ["upload", "file"],
    none: "None. Settings of sources and of TLS can name what is uploaded here.",
  },
  { id: "servers", title: "Of servers that are trusted", origins: ["server"], none: "None yet." },
];

/** Every certificate and key that the connector works with. */
export function Certificates({ role }: CertificatesProps): VNode {
  const { loaded, reload } = useLoaded(readInventory);
  const isUploading = useSignal(false);
  const removed = useSignal<InventoryItem | undefined>(undefined);
  const canChange = role === "administrator";
  function done(): void {
    isUploading.value = false;
    removed.value = undefined;
    reload();
  }
  return (
    <>
      <div class="head">
        <h1>Certificates</h1>
        {canChange
          ? (
            <div class="actions">
              <button class="button" type="button" onClick={() => isUploading.value = true}>
                Upload a certificate or key
              </button>
            </div>
          )
          : null}
      </div>
      <View of={loaded.value} what="the certificates">
        {(items) => (
          <>
            {SECTIONS.map(({ id, title, origins, none }) => {
              const some = soonestFirst(items.filter(({ origin }) => origins.includes(origin)));
              return (
                <section key={id} class="panel" aria-labelledby={`${id}-title`}>
                  <header>
                    <h2 id={`${id}-title`}>{title}</h2>
                    <span class="soft">{some.length}</span>
                  </header>
                  {some.length === 0 ? <p class="empty">{none}</p> : (
                    <div class="panel-body">
                      <Paged items={some} size={PER_PAGE} what="certificates">
                        {(shown) => (
                          <div class="panel-list">
                            {shown.map((item) => (
                              <InventoryCard
                                key={item.path}
                                item={item}
                                canChange={canChange}
                                onRemove={(item) => removed.value = item}
                              />
                            ))}
                          </div>
                        )}
                      </Paged>
                    </div>
                  )}
                </section>
              );
            })}
          </>
        )}
      </View>
      {isUploading.value ? <UploadDialog onClose={() => isUploading.value = false} onDone={done} /> : null}
      {removed.value
        ? (
          <ConfirmDialog
            title="Remove this file?"
            yes="Remove it"
            task={() => removeStored(removed.value?.id ?? "")}
            onClose={() => removed.value = undefined}
            onDone={done}
          >
            <p>Nothing uses it. A private key that is removed cannot be had back from here.</p>
            <p class="mono small break">{removed.value.path}</p>
          </ConfirmDialog>
        )
        : null}
    </>
  );
}

/** What ends next comes first; keys, which do not end, last. */
function soonestFirst(items: readonly InventoryItem[]): readonly InventoryItem[] {
  const days = ({ certificate, faults }: InventoryItem) =>
    certificate?.days_left ?? (faults.length > 0 ? -1 : Infinity);
  return items.toSorted((a, b) => days(a) === days(b) ? 0 : days(a) - days(b));
}
