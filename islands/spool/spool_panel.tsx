import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import { bytes, dateTime, number } from "../../src/web/client/format.ts";
import { useLoaded } from "../../src/web/client/loaded.ts";
import { type Gap, gapTold, readSpool, type Spool } from "../../src/web/client/spool.ts";
import { View } from "../parts/problem.tsx";
import { CarriedFiles } from "./carried_files.tsx";
import { ExportDialog } from "./export_dialog.tsx";
import { ImportDialog } from "./import_dialog.tsx";
import { VerifyDialog } from "./verify_dialog.tsx";

type Asking = "verify" | "export" | "import" | undefined;

/** What waits on disk, and what an administrator does with it. */
export function SpoolPanel({ canCarry }: { readonly canCarry: boolean }): VNode {
  const asking = useSignal<Asking>(undefined);
  const { loaded, reload } = useLoaded((signal) => readSpool(canCarry, signal));
  const close = () => asking.value = undefined;
  const hasRows = loaded.value.state === "ready" && loaded.value.value.spool.rows > 0;
  const button = (what: Exclude<Asking, undefined>, text: string, isDisabled = false) => (
    <button
      class="button"
      type="button"
      disabled={isDisabled}
      onClick={() => asking.value = what}
    >
      {text}
    </button>
  );
  return (
    <section class="panel" aria-labelledby="spool-title" id="spool">
      <header>
        <h2 id="spool-title">Spool</h2>
        <div class="actions">
          <button class="button" type="button" onClick={reload}>Read again</button>
          {canCarry
            ? [
              button("verify", "Verify"),
              button("export", "Carry rows out", !hasRows),
              button("import", "Take rows in"),
            ]
            : null}
        </div>
      </header>
      <div class="panel-body">
        <View of={loaded.value} what="the spool">
          {({ spool, gaps, files }) => (
            <>
              <Facts spool={spool} />
              <Gaps gaps={gaps} />
              <CarriedFiles files={files} onDone={reload} />
            </>
          )}
        </View>
      </div>
      {asking.value === "verify" ? <VerifyDialog onClose={close} /> : null}
      {asking.value === "export" ? <ExportDialog onClose={close} onDone={reload} /> : null}
      {asking.value === "import" ? <ImportDialog onClose={close} onDone={reload} /> : null}
    </section>
  );
}

function Facts({ spool }: { readonly spool: Spool }): VNode {
  const { rows, bytes: size, oldest, max_bytes: limit, free_disk_bytes: free, keys, quarantined } = spool;
  return (
    <dl class="facts">
      <dt>Rows that wait</dt>
      <dd>{number(rows)}</dd>
      <dt>Size</dt>
      <dd>{bytes(size)} of {bytes(limit)} ({number((100 * size) / Math.max(1, limit))} %)</dd>
      <dt>Oldest row</dt>
      <dd>{oldest ? dateTime(oldest) : "–"}</dd>
      <dt>Free on the disk</dt>
      <dd>{free === null ? "Unknown" : bytes(free)}</dd>
      <dt>Keys</dt>
      <dd>
        {keys.map(({ id, is_current: isCurrent }) => (
          <span class="key-id" key={id}>
            <span class="mono">{id}</span>
            <span class="soft">{isCurrent ? " in use" : " for what is older"}</span>
          </span>
        ))}
      </dd>
      {quarantined > 0 ? [<dt key="q">Quarantined</dt>, <dd key="n">{number(quarantined)} rows</dd>] : null}
    </dl>
  );
}

/** Whoever looks for gaps in a table need not look for these. */
function Gaps({ gaps }: { readonly gaps: readonly Gap[] }): VNode | null {
  if (gaps.length === 0) return null;
  const sum = gaps.reduce((all, { numbers }) => all + numbers, 0);
  return (
    <details>
      <summary>{number(sum)} numbers (seq) that will not arrive, or late</summary>
      <div class="scroll" tabIndex={0} role="region" aria-label="Numbers that will not arrive">
        <table class="stack">
          <thead>
            <tr>
              <th scope="col">Table</th>
              <th scope="col">Why</th>
              <th scope="col" class="number">Numbers</th>
              <th scope="col">Latest</th>
            </tr>
          </thead>
          <tbody>
            {gaps.map(({ table, reason, numbers, latest }) => (
              <tr key={`${table} ${reason}`}>
                <td class="mono break">{table}</td>
                <td>{gapTold(reason)}</td>
                <td class="number">{number(numbers)}</td>
                <td>{latest ? dateTime(latest) : "–"}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}
