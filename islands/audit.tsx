import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import {
  type AuditCheck,
  type AuditFilter,
  type AuditItem,
  auditQuery,
  auditWords,
  checkAudit,
  checkWords,
  readAudit,
} from "../src/web/client/audit.ts";
import { dateTime, number } from "../src/web/client/format.ts";
import { type Loaded, problemIn, useLoaded } from "../src/web/client/loaded.ts";
import { AuditDetail } from "./audit/detail.tsx";
import { AuditFilters } from "./audit/filters.tsx";
import { ProblemNote, View } from "./parts/problem.tsx";
import { Note, State } from "./parts/state.tsx";
import { Turn } from "./parts/turn.tsx";

const NO_FILTER: AuditFilter = { who: "", what: "", from: "", to: "" };

/** Who changed what, the newest first. */
export function AuditPage(_props: Record<never, never>): VNode {
  const filter = useSignal(NO_FILTER);
  const trail = useSignal<readonly string[]>([]);
  const open = useSignal<AuditItem | undefined>(undefined);
  const key = JSON.stringify([filter.value, trail.value]);
  const { loaded, reload } = useLoaded((signal) => readAudit(filter.value, trail.value.at(-1), signal), key);
  const page = loaded.value.state === "ready" ? loaded.value.value : undefined;
  function narrow(change: Partial<AuditFilter>): void {
    filter.value = { ...filter.value, ...change };
    trail.value = [];
  }
  return (
    <>
      <div class="head">
        <h1>Audit</h1>
        <span class="soft" role="status">{page ? `${number(page.total)} lines` : ""}</span>
        <div class="actions">
          <button class="button" type="button" onClick={reload}>Refresh</button>
          <a class="button" href={`/api/audit/export?${auditQuery(filter.value)}`} download="audit.jsonl">Export</a>
        </div>
      </div>
      <Check />
      <AuditFilters filter={filter.value} onChange={narrow} />
      <section class="panel" aria-label="Lines of the audit">
        <View of={loaded.value} what="the audit">
          {({ items }) => items.length === 0 ? <None /> : <Table items={items} onOpen={(item) => open.value = item} />}
        </View>
        {page ? <Turn next={page.next} trail={trail} what="the audit" /> : null}
      </section>
      {open.value ? <AuditDetail item={open.value} onClose={() => open.value = undefined} /> : null}
    </>
  );
}

function None(): VNode {
  return (
    <div class="empty">
      <h2>No line matches</h2>
      <p>Every login and every change is a line. Lines of thirteen months are kept.</p>
    </div>
  );
}

/** Looks whether the chain of all lines is whole, when asked to. */
function Check(): VNode {
  const checked = useSignal<Loaded<AuditCheck> | undefined>(undefined);
  async function check(): Promise<void> {
    checked.value = { state: "loading" };
    await checkAudit().then(
      (value) => checked.value = { state: "ready", value },
      (error) => checked.value = { state: "failed", problem: problemIn(error) },
    );
  }
  const now = checked.value;
  return (
    <div class="head">
      <button class="button" type="button" disabled={now?.state === "loading"} onClick={check}>Verify the chain</button>
      {now?.state === "loading" ? <State level="busy">Reading every line…</State> : null}
      {now?.state === "failed" ? <ProblemNote problem={now.problem} /> : null}
      {now?.state === "ready"
        ? (
          <Note level={now.value.intact ? "ok" : "bad"} isUrgent>
            {checkWords(now.value)}
            {now.value.faults.slice(0, 20).map((fault) => <span class="mono break" key={fault}>{fault}</span>)}
          </Note>
        )
        : (
          <span class="soft small">
            Each line holds the hash of the line before: what was changed or taken out is seen.
          </span>
        )}
    </div>
  );
}

interface TableProps {
  readonly items: readonly AuditItem[];
  readonly onOpen: (item: AuditItem) => void;
}

function Table({ items, onOpen }: TableProps): VNode {
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label="Table of the audit">
      <table class="stack">
        <thead>
          <tr>
            <th scope="col">Time</th>
            <th scope="col">Who</th>
            <th scope="col">What</th>
            <th scope="col">To what</th>
            <th scope="col">From</th>
            <th scope="col">
              <span class="seen-by-readers">Detail</span>
            </th>
          </tr>
        </thead>
        <tbody>{items.map((item) => <Row key={item.n} item={item} onOpen={onOpen} />)}</tbody>
      </table>
    </div>
  );
}

function Row({ item, onOpen }: Pick<TableProps, "onOpen"> & { readonly item: AuditItem }): VNode {
  const { n, time, who, from, target } = item;
  return (
    <tr>
      <td>{dateTime(time)}</td>
      <td class="break">{who}</td>
      <td>{auditWords(item)}</td>
      <td class="break">{target}</td>
      <td class="mono break">{from === "" ? "command line" : from}</td>
      <td>
        <button class="button" type="button" aria-label={`Line ${n}: detail`} onClick={() => onOpen(item)}>
          Detail
        </button>
      </td>
    </tr>
  );
}
