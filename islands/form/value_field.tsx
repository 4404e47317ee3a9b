import type { VNode } from "preact";
import { useContext, useState } from "preact/hooks";
import type { FormNode, Json } from "../../src/web/client/form_model.ts";
import { fileKindOf } from "../../src/web/client/certificates.ts";
import { typedNumber } from "../../src/web/client/typed_number.ts";
import { PathChoice } from "../certificates/path_choice.tsx";
import { type ControlProps, Field } from "../parts/field.tsx";
import type { FieldProps } from "./node_props.ts";
import { FieldMarks } from "./field_marks.tsx";
import { Origins, Saved, Unsaved } from "./origins.ts";

/** One by one, because the element's type hangs on them. */
const TYPES = { text: { type: "text" }, password: { type: "password" } } as const;
/** What the connector shows in place of a secret, and takes for the one that it has. */
const HIDDEN = "***";

/** One value. Empty means that the default holds, which stands in the field as a hint. */
export function ValueField({ field, value, path, faults, onChange }: FieldProps): VNode {
  const { label, help, unit, node, isRequired, preset, example } = field;
  const kind = fileKindOf(field.key);
  const origin = useContext(Origins)(path);
  const isOfYaml = origin === "yaml" || origin === "both";
  const control = (props: ControlProps) => {
    const input = (
      <Control
        {...props}
        node={node}
        value={value}
        hint={isOfYaml ? "as the YAML says" : hintOf(preset, example)}
        preset={preset}
        isRequired={isRequired}
        onChange={onChange}
      />
    );
    return kind
      ? (
        <>
          {input} <PathChoice kind={kind} label={label} onChoose={onChange} />
        </>
      )
      : input;
  };
  const isUnsaved = useContext(Unsaved)(path);
  const saved = useContext(Saved)(path);
  const marks = (
    <FieldMarks
      field={field}
      value={value}
      origin={origin}
      isUnsaved={isUnsaved}
      saved={saved}
      onChange={onChange}
    />
  );
  const mark = isRequired ? `${label} *` : label;
  return <Field label={mark} unit={unit} help={help} marks={marks} fault={faults.get(path)} control={control} />;
}

function hintOf(preset: Json | undefined, example: Json | undefined): string | undefined {
  if (preset !== undefined && preset !== null && preset !== "") return `${preset} (default)`;
  return example === undefined
    ? undefined
    : `such as ${typeof example === "string" ? example : JSON.stringify(example)}`;
}

interface ValueControlProps extends ControlProps {
  readonly node: FormNode;
  readonly value: Json | undefined;
  readonly hint: string | undefined;
  readonly preset: Json | undefined;
  readonly isRequired: boolean;
  readonly onChange: (value: Json | undefined) => void;
}

function Control(props: ValueControlProps): VNode {
  const { node, value, hint: _hint, preset, isRequired: _isRequired, onChange, ...control } = props;
  if (node.kind === "flag") {
    const isOn = (value ?? preset) === true;
    return <input {...control} type="checkbox" checked={isOn} onChange={() => onChange(!isOn)} />;
  }
  if (node.kind === "choice") {
    return <Choice {...control} options={node.options} value={value} preset={preset} onChange={onChange} />;
  }
  return <Text {...props} />;
}

function Text({ node, value, hint, preset: _preset, isRequired, onChange, ...props }: ValueControlProps): VNode {
  // What a number says is not what was typed: 1.0 is on its way to 1.05.
  const [typed, setTyped] = useState<{ readonly text: string; readonly value: Json | undefined } | undefined>(
    undefined,
  );
  const isSecret = node.kind === "text" && node.isSecret;
  const shown = isSecret && value === HIDDEN ? "" : typed?.value === value ? typed?.text : value;
  function take(text: string): void {
    const next = valueOf(text, node, isSecret && value === HIDDEN);
    setTyped({ text, value: next });
    onChange(next);
  }
  return (
    <input
      {...props}
      {...(isSecret ? TYPES.password : TYPES.text)}
      inputMode={node.kind === "number" ? "decimal" : undefined}
      autocomplete={isSecret ? "new-password" : "off"}
      spellcheck={false}
      aria-required={isRequired}
      value={shown === undefined || shown === null ? "" : String(shown)}
      placeholder={isSecret && value === HIDDEN ? "set; empty keeps it" : hint}
      onInput={(event) => take(event.currentTarget.value)}
    />
  );
}

/** What was typed. A number that is none stays a text, so that it can be told about. */
function valueOf(text: string, { kind }: FormNode, hasSecret: boolean): Json | undefined {
  if (text === "") return hasSecret ? HIDDEN : undefined;
  if (kind !== "number") return text;
  return typedNumber(text, "unknown") ?? text;
}

interface ChoiceProps extends ControlProps {
  readonly options: readonly Json[];
  readonly value: Json | undefined;
  readonly preset: Json | undefined;
  readonly onChange: (value: Json | undefined) => void;
}

function Choice({ options, value, preset, onChange, ...props }: ChoiceProps): VNode {
  const texts = options.map(String);
  const chosen = value === undefined ? "" : String(value);
  const none = preset === undefined || preset === null ? "not set" : `${preset} (default)`;
  return (
    <select
      {...props}
      value={chosen}
      onChange={(event) => onChange(options[texts.indexOf(event.currentTarget.value)])}
    >
      <option value="" selected={chosen === ""}>{none}</option>
      {/* A reference to the environment stands in the YAML alone. */}
      {chosen !== "" && !texts.includes(chosen) ? <option value={chosen} selected>{chosen}</option> : null}
      {texts.map((text) => <option key={text} value={text} selected={text === chosen}>{text}</option>)}
    </select>
  );
}
