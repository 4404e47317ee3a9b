import type { ComponentType, VNode } from "preact";
import { entryName } from "../../src/web/client/entry_name.ts";
import { pathTo } from "../../src/web/client/form_faults.ts";
import type { FormNode, Json } from "../../src/web/client/form_model.ts";
import { beginning } from "../../src/web/client/form_value.ts";
import { Paged } from "../parts/paged.tsx";
import { TextField } from "../parts/field.tsx";
import { Fold } from "./fold.tsx";
import type { NodeProps } from "./node_props.ts";

const PER_PAGE = 20;

interface ListProps extends NodeProps<FormNode & { kind: "list" }> {
  /** Shows an entry that has fields. */
  readonly entry: ComponentType<NodeProps>;
}

/** Any number of entries, page by page. */
export function ListForm({ node, value, path, faults, onChange, entry }: ListProps): VNode {
  const items: readonly Json[] = Array.isArray(value) ? value : [];
  const replace = (index: number, item: Json) => onChange(items.with(index, item));
  function remove(index: number): void {
    const rest = items.toSpliced(index, 1);
    onChange(rest.length > 0 ? rest : undefined);
  }
  const indexed = items.map((item, index) => ({ item, index }));
  return (
    <>
      <Paged items={indexed} size={PER_PAGE} what="entries">
        {(shown) => (
          <div class="panel-list">
            {shown.map(({ item, index }) => (
              <Entry
                key={index}
                node={node.item}
                value={item}
                index={index}
                path={`${path}[${index}]`}
                faults={faults}
                entry={entry}
                onChange={(now) => replace(index, now ?? "")}
                onRemove={() => remove(index)}
              />
            ))}
          </div>
        )}
      </Paged>
      <div class="actions">
        <button
          class="button"
          type="button"
          disabled={items.length >= node.max}
          onClick={() => onChange([...items, newItem(node.item)])}
        >
          Add an entry
        </button>
      </div>
    </>
  );
}

function newItem(node: FormNode): Json {
  if (node.kind === "variants" && node.variants[0]) return beginning(node.variants[0]);
  return node.kind === "group" ? {} : "";
}

interface EntryProps extends NodeProps {
  readonly index: number;
  readonly entry: ComponentType<NodeProps>;
  readonly onRemove: () => void;
}

function Entry({ index, entry: Form, onRemove, ...props }: EntryProps): VNode {
  const { node, value, path, faults, onChange } = props;
  const removal = (
    <button class="button" type="button" aria-label={`Remove entry ${index + 1}`} onClick={onRemove}>Remove</button>
  );
  if (node.kind !== "group" && node.kind !== "variants") {
    const fault = faults.get(path);
    return (
      <div class="filters">
        <div class="grow">
          <TextField label={`Entry ${index + 1}`} value={String(value ?? "")} fault={fault} onInput={onChange} />
        </div>
        {removal}
      </div>
    );
  }
  const hasFault = [...faults.keys()].some((each) => each === path || each.startsWith(pathTo(path, "")));
  return (
    <Fold isOpen={isNew(value)} hasFault={hasFault} summary={`${index + 1}: ${titleOf(value)}`}>
      <fieldset>
        <legend class="seen-by-readers">Entry {index + 1}</legend>
        {faults.get(path) ? <p class="fault">{faults.get(path)}</p> : null}
        <Form {...props} />
        <div class="actions">{removal}</div>
      </fieldset>
    </Fold>
  );
}

function titleOf(value: Json | undefined): string {
  return entryName(value) ?? "new";
}

function isNew(value: Json | undefined): boolean {
  return titleOf(value) === "new";
}
