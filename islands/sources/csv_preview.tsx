import type { VNode } from "preact";
import { useMemo } from "preact/hooks";
import type { CsvListFault } from "../../src/web/client/csv_list.ts";
import { entryName } from "../../src/web/client/entry_name.ts";
import type { Json } from "../../src/web/client/form_model.ts";
import { isObject } from "../../src/web/client/form_value.ts";
import { number } from "../../src/web/client/format.ts";
import { compareLists } from "../../src/web/client/list_comparison.ts";
import { Paged } from "../parts/paged.tsx";
import { Note } from "../parts/state.tsx";

const PER_PAGE = 20;

/** What is wrong with a file, by line and column. */
export function CsvFaults(
  { name, faults }: { readonly name: string; readonly faults: readonly CsvListFault[] },
): VNode {
  return (
    <>
      <Note level="bad" isUrgent>
        <span class="break">
          {name} has {number(faults.length)} {faults.length === 1 ? "fault" : "faults"}: nothing of it is taken.
        </span>
      </Note>
      <Paged items={faults} size={PER_PAGE} what="faults">
        {(shown) => (
          <div class="scroll" tabIndex={0} role="region" aria-label="Faults of the file">
            <table>
              <thead>
                <tr>
                  <th scope="col" class="number">Line</th>
                  <th scope="col">Column</th>
                  <th scope="col">Key</th>
                  <th scope="col">What is wrong</th>
                </tr>
              </thead>
              <tbody>
                {shown.map(({ line, column, key, message }, index) => (
                  <tr key={index}>
                    <td class="number">{line}</td>
                    <td>{column}</td>
                    <td class="mono">{key}</td>
                    <td class="break">{message}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
      </Paged>
    </>
  );
}

interface CsvPreviewProps {
  readonly name: string;
  readonly before: readonly Json[];
  readonly after: readonly Json[];
  /** What the file does not have stays. */
  readonly keepsMissing: boolean;
  readonly onKeepMissing: (keeps: boolean) => void;
  readonly onTake: () => void;
}

interface ChangeRow {
  readonly what: "added" | "changed" | "removed";
  readonly name: string;
  readonly how: string;
}

/** What a file would do to the list in the form. */
export function CsvPreview(props: CsvPreviewProps): VNode {
  const { name, before, after, keepsMissing, onKeepMissing, onTake } = props;
  const { added, changed, removed, sameCount } = useMemo(() => compareLists(before, after), [before, after]);
  const rows: readonly ChangeRow[] = [
    ...added.map((entry): ChangeRow => ({ what: "added", name: nameOf(entry), how: "" })),
    ...changed.map((each): ChangeRow => ({ what: "changed", name: nameOf(each.after), how: difference(each) })),
    ...removed.map((entry): ChangeRow => ({ what: "removed", name: nameOf(entry), how: "" })),
  ];
  return (
    <>
      <p class="break" role="status">
        {name}: {number(added.length)} added, {number(changed.length)} changed, {number(removed.length)} removed,{" "}
        {number(sameCount)} as they are.
      </p>
      <label class="check">
        <input type="checkbox" checked={keepsMissing} onChange={() => onKeepMissing(!keepsMissing)} />
        Keep what the file does not have
      </label>
      {rows.length > 0
        ? (
          <Paged items={rows} size={PER_PAGE} what="changes">
            {(shown) => (
              <div class="scroll" tabIndex={0} role="region" aria-label="What the file changes">
                <table>
                  <thead>
                    <tr>
                      <th scope="col">What</th>
                      <th scope="col">Name</th>
                      <th scope="col">How</th>
                    </tr>
                  </thead>
                  <tbody>
                    {shown.map(({ what, name, how }, index) => (
                      <tr key={index}>
                        <td>{what}</td>
                        <th scope="row" class="mono">{name}</th>
                        <td class="break small">{how}</td>
                      </tr>
                    ))}
                  </tbody>
                </table>
              </div>
            )}
          </Paged>
        )
        : null}
      <div class="actions">
        <button class="button button-main" type="button" disabled={rows.length === 0} onClick={onTake}>
          Put into the form
        </button>
      </div>
    </>
  );
}

function nameOf(entry: Json): string {
  return entryName(entry) ?? "without a name";
}

/** `unit: degC → K, offset: not set → 5` */
function difference({ before, after }: { readonly before: Json; readonly after: Json }): string {
  if (!isObject(before) || !isObject(after)) return "";
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  const text = (value: Json | undefined) =>
    value === undefined ? "not set" : typeof value === "string" ? value : JSON.stringify(value);
  return keys.filter((key) => text(before[key]) !== text(after[key]))
    .map((key) => `${key}: ${text(before[key])} → ${text(after[key])}`).join(", ");
}
