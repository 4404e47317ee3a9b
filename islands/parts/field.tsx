import type { ComponentChildren, VNode } from "preact";
import { useId } from "preact/hooks";

/** What a control must carry to belong to its field. */
export interface ControlProps {
  readonly id: string;
  readonly "aria-describedby"?: string | undefined;
  readonly "aria-invalid"?: "true" | undefined;
}

interface FieldProps {
  readonly label: string;
  readonly unit?: string | undefined;
  readonly help?: ComponentChildren;
  /** What there is to know of the value itself. */
  readonly marks?: ComponentChildren;
  readonly fault?: string | undefined;
  readonly isWide?: boolean;
  readonly control: (props: ControlProps) => VNode;
}

/** A control with its label, its help, and what is wrong with its value. */
export function Field({ label, unit, help, marks, fault, isWide = false, control }: FieldProps): VNode {
  const id = useId();
  const notes = [help ? `${id}-help` : "", fault ? `${id}-fault` : ""].filter(Boolean).join(" ");
  return (
    <div class={`field${isWide ? " wide" : ""}`}>
      <label for={id}>{label}{unit ? <span class="unit">{` (${unit})`}</span> : null}</label>
      {control({ id, "aria-describedby": notes || undefined, "aria-invalid": fault ? "true" : undefined })}
      {fault ? <span class="fault" id={`${id}-fault`}>{fault}</span> : null}
      {help ? <span class="help" id={`${id}-help`}>{help}</span> : null}
      {marks ? <span class="marks">{marks}</span> : null}
    </div>
  );
}

interface TextFieldProps extends Omit<FieldProps, "control"> {
  /** Absent where the browser keeps it, which may fill it in before there is a script; then it has a name. */
  readonly value?: string;
  readonly name?: string;
  readonly onInput?: (value: string) => void;
  readonly type?: "text" | "password" | "search";
  readonly autocomplete?: string;
  readonly placeholder?: string;
  readonly isRequired?: boolean;
}

/** One by one, because the element's type hangs on them. */
const TYPES = { text: { type: "text" }, password: { type: "password" }, search: { type: "search" } } as const;

export function TextField(
  { value, name, onInput, type = "text", autocomplete, placeholder, isRequired, ...field }: TextFieldProps,
): VNode {
  return (
    <Field
      {...field}
      control={(props) => (
        <input
          {...props}
          {...TYPES[type]}
          {...(value === undefined ? {} : { value })}
          name={name}
          required={isRequired ?? false}
          autocomplete={autocomplete ?? "off"}
          placeholder={placeholder}
          spellcheck={false}
          onInput={(event) => onInput?.(event.currentTarget.value)}
        />
      )}
    />
  );
}

interface ChoiceFieldProps extends Omit<FieldProps, "control"> {
  readonly value: string;
  readonly options: readonly (readonly [value: string, text: string])[];
  readonly onChange: (value: string) => void;
}

export function ChoiceField({ value, options, onChange, ...field }: ChoiceFieldProps): VNode {
  return (
    <Field
      {...field}
      control={(props) => (
        <select {...props} value={value} onChange={(event) => onChange(event.currentTarget.value)}>
          {options.map(([each, text]) => <option key={each} value={each} selected={each === value}>{text}</option>)}
        </select>
      )}
    />
  );
}
