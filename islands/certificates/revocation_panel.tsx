import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import { readRevocations, removeRevocations, type RevocationItem } from "../../src/web/client/certificates.ts";
import { dateTime, number } from "../../src/web/client/format.ts";
import { useLoaded } from "../../src/web/client/loaded.ts";
import { View } from "../parts/problem.tsx";
import { State } from "../parts/state.tsx";
import { ConfirmDialog } from "./confirm_dialog.tsx";

interface RevocationPanelProps {
  readonly canChange: boolean;
  /** Changes when a list was added. */
  readonly round: number;
}

/** What authorities have revoked. */
export function RevocationPanel({ canChange, round }: RevocationPanelProps): VNode {
  const { loaded, reload } = useLoaded(readRevocations, String(round));
  const removed = useSignal<RevocationItem | undefined>(undefined);
  return (
    <section class="panel" aria-labelledby="lists-title">
      <header>
        <h2 id="lists-title">Revocation lists</h2>
      </header>
      <View of={loaded.value} what="the revocation lists">
        {(lists) =>
          lists.length === 0
            ? (
              <p class="empty">
                None. They are needed for authorities whose servers are trusted by their word, unless
                security.certificates.validation.check_revocation is never.
              </p>
            )
            : (
              <div class="panel-body">
                <div class="panel-list">
                  {lists.map((list) => (
                    <RevocationCard
                      key={list.id}
                      list={list}
                      canChange={canChange}
                      onRemove={(list) => removed.value = list}
                    />
                  ))}
                </div>
              </div>
            )}
      </View>
      {removed.value
        ? (
          <ConfirmDialog
            title="Remove this revocation list?"
            yes="Remove it"
            task={() => removeRevocations(removed.value?.id ?? "")}
            onClose={() => removed.value = undefined}
            onDone={() => {
              removed.value = undefined;
              reload();
            }}
          >
            <p>Servers that {removed.value.issuer} signed certificates for may be turned away without it.</p>
          </ConfirmDialog>
        )
        : null}
    </section>
  );
}

interface RevocationCardProps {
  readonly list: RevocationItem;
  readonly canChange: boolean;
  readonly onRemove: (list: RevocationItem) => void;
}

function RevocationCard({ list, canChange, onRemove }: RevocationCardProps): VNode {
  const { issuer, this_update, next_update, is_overdue, revoked } = list;
  return (
    <article class="card" aria-label={issuer}>
      <header>
        <h3 class="break">{issuer}</h3>
        <State level={is_overdue ? "warn" : "ok"}>{is_overdue ? "Overdue" : "Current"}</State>
      </header>
      <dl class="facts">
        <dt>Revoked</dt>
        <dd>{number(revoked)} certificates</dd>
        <dt>Made</dt>
        <dd>{dateTime(this_update)}</dd>
        <dt>Next one due</dt>
        <dd>{next_update ? dateTime(next_update) : "not said"}</dd>
      </dl>
      {canChange
        ? (
          <div class="actions">
            <button
              class="button button-bad"
              type="button"
              aria-label={`Remove the list of ${issuer}`}
              onClick={() => onRemove(list)}
            >
              Remove…
            </button>
          </div>
        )
        : null}
    </article>
  );
}
