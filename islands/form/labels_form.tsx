import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import type { FormNode, Json } from "../../src/web/client/form_model.ts";
import { isObject, withMember } from "../../src/web/client/form_value.ts";
import { TextField } from "../parts/field.tsx";
import type { NodeProps } from "./node_props.ts";

/** Names of one's own, each with a text. */
export function LabelsForm({ value, path, faults, onChange }: NodeProps<FormNode & { kind: "labels" }>): VNode {
  const name = useSignal("");
  const entries = isObject(value) ? Object.entries(value) : [];
  const isThere = (label: string) => entries.some(([key]) => key === label);
  function add(): void {
    const added = name.value.trim();
    if (isThere(added)) return;
    if (added !== "") onChange(withMember(value, added, ""));
    name.value = "";
  }
  function remove(key: string): void {
    const rest = withMember(value, key, undefined);
    onChange(Object.keys(rest).length > 0 ? rest : undefined);
  }
  return (
    <>
      {entries.map(([key, text]) => (
        <div class="filters" key={key}>
          <div class="grow">
            <TextField
              label={key}
              value={textOf(text)}
              fault={faults.get(`${path}.${key}`)}
              onInput={(now) => onChange(withMember(value, key, now))}
            />
          </div>
          <button class="button" type="button" aria-label={`Remove ${key}`} onClick={() => remove(key)}>Remove</button>
        </div>
      ))}
      <div class="filters">
        <TextField
          label="New name"
          value={name.value}
          fault={isThere(name.value.trim()) ? "This name is there already, above." : undefined}
          onInput={(now) => name.value = now}
        />
        <button class="button" type="button" onClick={add}>Add</button>
      </div>
    </>
  );
}

function textOf(value: Json): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
