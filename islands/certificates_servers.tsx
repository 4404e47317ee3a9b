import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import { useLoaded } from "../src/web/client/loaded.ts";
import { useStatus } from "../src/web/client/status.ts";
import { readTrust, type TrustChange, type TrustItem } from "../src/web/client/trust.ts";
import { RevocationPanel } from "./certificates/revocation_panel.tsx";
import { TrustCard } from "./certificates/trust_card.tsx";
import { TrustDialog } from "./certificates/trust_dialog.tsx";
import { TrustUpload } from "./certificates/trust_upload.tsx";
import { Paged } from "./parts/paged.tsx";
import { View } from "./parts/problem.tsx";

export interface ServerCertificatesProps {
  readonly role: string;
}

const PER_PAGE = 20;
const SECTIONS = [
  { state: "rejected", title: "Turned away", none: "No server was turned away." },
  { state: "trusted", title: "Trusted", none: "No server is trusted by its certificate yet." },
  { state: "issuer", title: "Authorities in between", none: undefined },
] as const;

/** Which OPC UA servers are trusted. */
export function ServerCertificates({ role }: ServerCertificatesProps): VNode {
  const { loaded, reload } = useLoaded(readTrust, troublesOf(useStatus()));
  const asked = useSignal<{ item: TrustItem; change: TrustChange } | undefined>(undefined);
  const isAdding = useSignal(false);
  const round = useSignal(0);
  const close = () => asked.value = undefined;
  return (
    <>
      <div class="head">
        <h1>Servers’ certificates</h1>
        {role === "administrator"
          ? (
            <div class="actions">
              <button class="button" type="button" onClick={() => isAdding.value = true}>
                Add a certificate or a revocation list
              </button>
            </div>
          )
          : null}
      </div>
      <p class="soft">
        An OPC UA server proves with its certificate that it is the right one. One that nobody trusted yet is turned
        away and listed here.
      </p>
      <View of={loaded.value} what="the certificates">
        {(items) => (
          <>
            {SECTIONS.map(({ state, title, none }) => {
              const some = items.filter((item) => item.state === state);
              if (some.length === 0 && none === undefined) return null;
              return (
                <section key={state} class="panel" aria-labelledby={`${state}-title`}>
                  <header>
                    <h2 id={`${state}-title`}>{title}</h2>
                    <span class="soft">{some.length}</span>
                  </header>
                  {some.length === 0 ? <p class="empty">{none}</p> : (
                    <div class="panel-body">
                      <Paged items={some} size={PER_PAGE} what="certificates">
                        {(shown) => (
                          <div class="panel-list">
                            {shown.map((item) => (
                              <TrustCard
                                key={item.fingerprint}
                                item={item}
                                canChange={role === "administrator"}
                                onChange={(item, change) => asked.value = { item, change }}
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
      <RevocationPanel canChange={role === "administrator"} round={round.value} />
      {isAdding.value
        ? (
          <TrustUpload
            onClose={() => isAdding.value = false}
            onDone={() => {
              isAdding.value = false;
              round.value++;
              reload();
            }}
          />
        )
        : null}
      {asked.value
        ? (
          <TrustDialog
            {...asked.value}
            onClose={close}
            onDone={() => {
              close();
              reload();
            }}
          />
        )
        : null}
    </>
  );
}

/** Changes when a source begins or ends to fail: a server may have shown another certificate. */
function troublesOf(seen: ReturnType<typeof useStatus>): string {
  const sources = Object.entries(seen?.status.sources ?? {});
  return sources.map(([name, { state, last_error }]) => `${name} ${state} ${last_error?.since ?? ""}`).join("\n");
}
