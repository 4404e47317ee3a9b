import { configJsonSchema } from "../config/mod.ts";

let schema: unknown;

/** The JSON Schema of the configuration, as a value: made when it is first asked for. */
export function formSchema(): unknown {
  schema ??= JSON.parse(configJsonSchema());
  return schema;
}
