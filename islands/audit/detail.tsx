import type { VNode } from "preact";
import { type AuditItem, auditWords } from "../../src/web/client/audit.ts";
import { dateTime } from "../../src/web/client/format.ts";
import { Diff } from "../form/diff.tsx";
import { Dialog } from "../parts/dialog.tsx";

/** All of one line, with what a change of the configuration changed. */
export function AuditDetail({ item, onClose }: { readonly item: AuditItem; readonly onClose: () => void }): VNode {
  const { n, time, who, from, action, target, detail: { diff, ...detail } } = item;
  const facts: readonly (readonly [string, unknown])[] = [
    ["Time", dateTime(time)],
    ["Who", who],
    ["From", from === "" ? "command line" : from],
    ["Action", action],
    ["To what", target],
    ...Object.entries(detail).filter(([, value]) => value !== null),
  ];
  return (
    <Dialog title={`Line ${n}: ${auditWords(item)}`} onClose={onClose}>
      <dl class="facts">
        {facts.map(([name, value]) => [
          <dt key={name}>{name.replaceAll("_", " ")}</dt>,
          <dd key={`${name} value`}>{String(value)}</dd>,
        ])}
      </dl>
      {typeof diff === "string" && diff !== "" ? <Diff text={diff} /> : null}
    </Dialog>
  );
}
