import type { VNode } from "preact";
import { Field } from "../parts/field.tsx";

interface FileFieldProps {
  readonly label: string;
  readonly help: string;
  /** Ends of names that the browser offers first. */
  readonly accept: string;
  readonly onChoose: (file: File | undefined) => void;
}

export const CERTIFICATE_FILES = ".pem,.crt,.cer,.der,.key,.p12,.pfx";

/** Chooses a file of the viewer's own computer. */
export function FileField({ label, help, accept, onChoose }: FileFieldProps): VNode {
  return (
    <Field
      label={label}
      help={help}
      control={(props) => (
        <input
          {...props}
          type="file"
          accept={accept}
          onChange={(event) => onChoose(event.currentTarget.files?.[0])}
        />
      )}
    />
  );
}
