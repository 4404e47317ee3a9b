import { messageNamed, requiredFields, type RowFault } from "../bronze/mod.ts";
import type { Config } from "../config/mod.ts";
import type { SourceSpec } from "../core/source.ts";

/** Says why a row of this protocol may not be accepted, as the configuration wants it; undefined where no row is looked at. */
export function rowFaultOf({ message }: Pick<SourceSpec, "message">, { processing }: Config): RowFault | undefined {
  const { enabled, required_fields } = processing.validation;
  return enabled ? requiredFields(messageNamed(message), required_fields) : undefined;
}
