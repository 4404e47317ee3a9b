import type { VNode } from "preact";
import { useContext } from "preact/hooks";
import { pathTo } from "../../src/web/client/form_faults.ts";
import type { FormField, FormNode, Json } from "../../src/web/client/form_model.ts";
import { isObject, withMember } from "../../src/web/client/form_value.ts";
import { State } from "../parts/state.tsx";
import { Fold } from "./fold.tsx";
import { LabelsForm } from "./labels_form.tsx";
import { ListForm } from "./list_form.tsx";
import type { FieldProps, NodeProps } from "./node_props.ts";
import { Unfolded, Unsaved } from "./origins.ts";
import { ValueField } from "./value_field.tsx";
import { VariantsForm } from "./variants_form.tsx";

/** The fields of an object: simple ones side by side, then what has fields of its own. */
export function GroupForm({ node, value, path, faults, onChange }: NodeProps<FormNode & { kind: "group" }>): VNode {
  const shown = node.fields.filter((field) => field.node.kind !== "fixed");
  const change = (key: string) => (member: Json | undefined) => onChange(withMember(value, key, member));
  const memberOf = (key: string) => isObject(value) ? value[key] : undefined;
  const props = (field: FormField) => ({
    field,
    value: memberOf(field.key),
    path: pathTo(path, field.key),
    faults,
    onChange: change(field.key),
  });
  const simple = shown.filter(({ node: { kind } }) => !isNested(kind));
  const nested = shown.filter(({ node: { kind } }) => isNested(kind));
  return (
    <>
      {simple.length > 0
        ? <div class="fields">{simple.map((field) => <ValueField key={field.key} {...props(field)} />)}</div>
        : null}
      {nested.map((field) => <Section key={field.key} {...props(field)} />)}
    </>
  );
}

function isNested(kind: FormNode["kind"]): boolean {
  return kind === "group" || kind === "list" || kind === "variants" || kind === "labels";
}

/** A field with fields of its own. What need not be filled in is folded until something of it is set. */
function Section({ field, ...rest }: FieldProps): VNode {
  const { label, help, node, isRequired } = field;
  const hasFault = [...rest.faults.keys()].some((path) => path.startsWith(rest.path));
  const isUnfolded = useContext(Unfolded);
  const isUnsaved = useContext(Unsaved)(rest.path);
  const isOpen = isUnfolded || isRequired || rest.value !== undefined || isMain(node);
  return (
    <Fold
      key={isUnfolded ? "found" : "all"}
      isOpen={isOpen}
      hasFault={hasFault}
      summary={
        <>
          {label}
          {isRequired ? "" : <span class="unit">{countOf(rest.value)}</span>}
          {isUnsaved
            ? (
              <>
                {" "}
                <State level="warn">Not saved</State>
              </>
            )
            : null}
        </>
      }
    >
      <fieldset>
        <legend class="seen-by-readers">{label}</legend>
        {help ? <p class="soft small">{help}</p> : null}
        {rest.faults.get(rest.path) ? <p class="fault" role="alert">{rest.faults.get(rest.path)}</p> : null}
        <NodeForm node={node} {...rest} value={rest.value ?? presetOf(field)} isOptional={!isRequired} />
      </fieldset>
    </Fold>
  );
}

/** What holds in a block that is not there may be another than what holds in one that is: `zerobus` is off. */
function presetOf({ preset, node }: FormField): Json | undefined {
  return node.kind === "group" ? preset : undefined;
}

/** A list of things with fields of their own is what a source is about: nodes, topics, registers. */
function isMain(node: FormNode): boolean {
  return node.kind === "list" && (node.item.kind === "group" || node.item.kind === "variants");
}

function countOf(value: Json | undefined): string {
  if (value === undefined) return " (default)";
  return Array.isArray(value) ? ` (${value.length})` : " (changed)";
}

/** The form of any value that has parts. */
export function NodeForm(
  { node, isOptional = false, ...rest }: NodeProps & { readonly isOptional?: boolean },
): VNode | null {
  switch (node.kind) {
    case "group":
      return <GroupForm node={node} {...rest} />;
    case "list":
      return <ListForm node={node} {...rest} entry={NodeForm} />;
    case "variants":
      return <VariantsForm node={node} {...rest} isOptional={isOptional} shape={GroupForm} />;
    case "labels":
      return <LabelsForm node={node} {...rest} />;
    default:
      return null; // a simple value is a field of its group
  }
}
