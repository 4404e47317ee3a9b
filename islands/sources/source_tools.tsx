import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import { CsvPanel } from "./csv_panel.tsx";
import { DraftTest } from "./draft_test_panel.tsx";
import { LabPanel } from "./lab_panel.tsx";
import { ListenPanel } from "./listen_panel.tsx";
import type { ToolProps } from "./tool.ts";

type Tool = "test" | "listen" | "lab" | "csv";

/** What helps to fill in the form of a source: its device, as it answers with what the form says now, and spreadsheets. */
export function SourceTools(props: ToolProps): VNode {
  const { protocol, list } = props.form;
  const open = useSignal<Tool | undefined>(undefined);
  const tools: readonly (readonly [Tool, string])[] = [
    ["test", "Test connection"],
    ...protocol === "mqtt" ? [["listen", "Listen to topics"] as const] : [],
    ...protocol === "modbus" ? [["lab", "Read registers now"] as const] : [],
    ["csv", `${list.charAt(0).toUpperCase()}${list.slice(1)} as CSV`],
  ];
  return (
    <section class="panel" aria-labelledby="tools-title">
      <header>
        <h2 id="tools-title">Try it out</h2>
        <div class="actions">
          {tools.map(([tool, text]) => (
            <button
              key={tool}
              class="button"
              type="button"
              aria-expanded={open.value === tool}
              onClick={() => open.value = open.value === tool ? undefined : tool}
            >
              {text}
            </button>
          ))}
        </div>
      </header>
      <div class="panel-body">
        {open.value === undefined
          ? (
            <p class="soft">
              With what the form says now, saved or not, beside the session that reads. Nothing is written.
            </p>
          )
          : null}
        {open.value === "test" ? <DraftTest {...props} /> : null}
        {open.value === "listen" ? <ListenPanel {...props} /> : null}
        {open.value === "lab" ? <LabPanel {...props} /> : null}
        {open.value === "csv" ? <CsvPanel {...props} /> : null}
      </div>
    </section>
  );
}
