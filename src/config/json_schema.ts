/** The configuration as a JSON Schema: editors check config/connector.yaml by it, and forms and CSV are made from it. */
import { z } from "zod";
import { configSchema } from "./schema.ts";

/** A key's schema that also takes `${…}`: what stands there is checked when the file is loaded. */
const REFERENCE = { $ref: "#/$defs/reference" };

/** Metadata that JSON Schema has no words for. */
const OUR_WORDS = ["unit", "secret", "holdsPassword", "group", "notInEffect", "meaningless", "happens"] as const;

type JsonSchema = z.core.JSONSchema.BaseSchema;

/** The text of docs/configuration.schema.json. */
export function configJsonSchema(): string {
  const { $schema, ...schema } = z.toJSONSchema(configSchema, { io: "input", target: "draft-2020-12", override });
  const document = {
    $schema,
    title: "Databricks IoT Connector",
    description: "config/connector.yaml",
    ...schema,
    $defs: {
      reference: {
        description: "${NAME}, ${NAME:-text} or ${file:/run/secrets/name}",
        type: "string",
        pattern: "\\$\\{",
      },
    },
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

/** Words for people in place of our own metadata, and references beside values that are no free text. */
function override({ jsonSchema }: { jsonSchema: JsonSchema }): void {
  const { unit, secret, group: _, notInEffect } = jsonSchema as z.core.GlobalMeta; // toJSONSchema copies it
  for (const key of OUR_WORDS) delete jsonSchema[key];
  if (secret) jsonSchema.writeOnly = true;
  const notes = [
    unit && !jsonSchema.description?.includes(`(${unit})`) ? `Unit: ${unit}.` : "",
    notInEffect && !jsonSchema.description?.startsWith("Has no meaning here")
      ? `Not in effect in this version: ${notInEffect}.`
      : "",
  ];
  const text = [jsonSchema.description ?? "", ...notes].filter((part) => part !== "").join(" ");
  if (text !== "") jsonSchema.description = text;
  mergeLiterals(jsonSchema);
  if (isStrict(jsonSchema)) allowReference(jsonSchema);
}

/** One list of words instead of a schema for each. */
function mergeLiterals(schema: JsonSchema): void {
  const values = schema.anyOf?.map((each) => typeof each === "object" ? each.const : undefined) ?? [];
  if (values.length === 0 || values.includes(undefined)) return;
  delete schema.anyOf;
  schema.enum = values as JsonSchema["enum"]; // each was some literal
}

/** Whether a reference would not pass as a value. Literals stay as they are: they tell the forms of a block apart. */
function isStrict({ type, enum: words, pattern, format }: JsonSchema): boolean {
  return type === "integer" || type === "number" || type === "boolean" || words !== undefined ||
    pattern !== undefined ||
    format !== undefined;
}

function allowReference(schema: JsonSchema): void {
  if (schema.const !== undefined) return;
  const own: JsonSchema = {};
  for (const key of ["type", "enum", "pattern", "format", "minimum", "maximum", "minLength", "maxLength"] as const) {
    if (schema[key] === undefined) continue;
    Object.assign(own, { [key]: schema[key] });
    delete schema[key];
  }
  schema.anyOf = [own, REFERENCE];
}
