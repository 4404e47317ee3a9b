import type { ComponentType, VNode } from "preact";
import type { FormNode } from "../../src/web/client/form_model.ts";
import { beginning, variantFor } from "../../src/web/client/form_value.ts";
import { ChoiceField } from "../parts/field.tsx";
import type { NodeProps } from "./node_props.ts";

interface VariantsProps extends NodeProps<FormNode & { kind: "variants" }> {
  readonly isOptional: boolean;
  /** Shows the fields of the chosen one. */
  readonly shape: ComponentType<NodeProps<FormNode & { kind: "group" }>>;
}

/** An object of one of several shapes: which one, and its fields. */
export function VariantsForm({ node, value, path, faults, onChange, isOptional, shape: Shape }: VariantsProps): VNode {
  const variant = value === undefined && isOptional ? undefined : variantFor(node.variants, value);
  const options = [
    ...(isOptional ? [["", "Not set"] as const] : []),
    ...node.variants.map(({ title }) => [title, title] as const),
  ];
  function choose(title: string): void {
    const chosen = node.variants.find((each) => each.title === title);
    onChange(chosen && beginning(chosen));
  }
  return (
    <>
      <ChoiceField label="Kind" value={variant?.title ?? ""} options={options} help={variant?.help} onChange={choose} />
      {variant ? <Shape node={variant.node} value={value} path={path} faults={faults} onChange={onChange} /> : null}
    </>
  );
}
