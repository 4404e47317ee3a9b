import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import { type CsvList, csvOf, readCsvList } from "../../src/web/client/csv_list.ts";
import { entriesOf, withEntries } from "../../src/web/client/draft.ts";
import { number } from "../../src/web/client/format.ts";
import { mergedLists } from "../../src/web/client/list_comparison.ts";
import { Note, State } from "../parts/state.tsx";
import { CsvFaults, CsvPreview } from "./csv_preview.tsx";
import type { ToolProps } from "./tool.ts";

interface Given {
  readonly name: string;
  readonly list: CsvList;
}

type Chosen =
  | { readonly state: "none" }
  | { readonly state: "reading"; readonly name: string }
  | { readonly state: "unreadable"; readonly name: string }
  | ({ readonly state: "given" } & Given)
  | { readonly state: "taken"; readonly count: number };

/** So that spreadsheets know that it is UTF-8. */
const BYTE_ORDER_MARK = "\uFEFF";

/** What the form lists, to a spreadsheet and back. */
export function CsvPanel({ form, onChange }: ToolProps): VNode {
  const chosen = useSignal<Chosen>({ state: "none" });
  const keepsMissing = useSignal(false);
  const entries = entriesOf(form);
  async function choose(file: File | undefined): Promise<void> {
    if (!file) return;
    const reading: Chosen = { state: "reading", name: file.name };
    chosen.value = reading;
    const found = await listIn(file);
    // Another file may have been chosen meanwhile.
    if (chosen.value === reading) chosen.value = found;
  }
  async function listIn(file: File): Promise<Chosen> {
    try {
      const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(await file.arrayBuffer());
      return { state: "given", name: file.name, list: readCsvList(text, form.item) };
    } catch {
      return { state: "unreadable", name: file.name };
    }
  }
  function download(separator: string): void {
    const text = BYTE_ORDER_MARK + csvOf(entries, form.item, separator);
    const address = URL.createObjectURL(new Blob([text], { type: "text/csv;charset=utf-8" }));
    const link = document.createElement("a");
    link.href = address;
    link.download = `${form.value.name ?? "source"}_${form.list}.csv`;
    link.click();
    URL.revokeObjectURL(address);
  }
  function take(now: typeof entries): void {
    onChange(withEntries(form, now));
    chosen.value = { state: "taken", count: now.length };
  }
  const now = chosen.value;
  const after = now.state !== "given"
    ? []
    : keepsMissing.value
    ? mergedLists(entries, now.list.entries)
    : now.list.entries;
  return (
    <>
      <div class="filters">
        <div class="field grow">
          <label for="csv-file">Take {form.list} from a CSV file</label>
          <input
            id="csv-file"
            type="file"
            accept=".csv,.txt,text/csv"
            onChange={(event) => void choose(event.currentTarget.files?.[0])}
          />
          <span class="help">
            UTF-8, with commas, semicolons or tabs. The first line has the configuration's keys, as the export shows
            them.
          </span>
        </div>
        <button class="button" type="button" onClick={() => download(",")}>Export with commas</button>
        <button class="button" type="button" onClick={() => download(";")}>Export with semicolons</button>
      </div>
      <div role="status">
        {now.state === "reading" ? <State level="busy">Reading {now.name}…</State> : null}
        {now.state === "taken"
          ? <State level="ok">The form lists {number(now.count)} {form.list} now. Review the change to save it.</State>
          : null}
      </div>
      {now.state === "unreadable"
        ? (
          <Note level="bad" isUrgent>
            <span class="break">
              {now.name} is not UTF-8: save it as “CSV UTF-8” in the spreadsheet, and take it again.
            </span>
          </Note>
        )
        : null}
      {now.state === "given" && now.list.faults.length > 0
        ? <CsvFaults name={now.name} faults={now.list.faults} />
        : null}
      {now.state === "given" && now.list.faults.length === 0
        ? (
          <CsvPreview
            name={now.name}
            before={entries}
            after={after}
            keepsMissing={keepsMissing.value}
            onKeepMissing={(keeps) => keepsMissing.value = keeps}
            onTake={() => take(after)}
          />
        )
        : null}
    </>
  );
}
