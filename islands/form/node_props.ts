import type { Faults } from "../../src/web/client/form_faults.ts";
import type { FormField, FormNode, Json } from "../../src/web/client/form_model.ts";

/** What every part of a form is given. */
export interface NodeProps<N extends FormNode = FormNode> {
  readonly node: N;
  readonly value: Json | undefined;
  /** Where the value stands in the form. */
  readonly path: string;
  readonly faults: Faults;
  /** Undefined: not set. */
  readonly onChange: (value: Json | undefined) => void;
}

export interface FieldProps extends Omit<NodeProps, "node"> {
  readonly field: FormField;
}
