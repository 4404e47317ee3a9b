import { z } from "zod";
import { parseJsonPath, parseRowPath } from "./json_path.ts";

/** How a payload writes its timestamp. */
export const TIMESTAMP_FORMATS = ["unix_s", "unix_ms", "unix_us", "unix_ns", "iso8601"] as const;

export type TimestampFormat = (typeof TIMESTAMP_FORMATS)[number];

const PATH_HELP = "must be a JSON path to one value, such as $.v, $.data[0].value or $['a name']";

function jsonPath(description: string): z.ZodDefault<z.ZodNullable<z.ZodString>> {
  return z.string().refine((text) => parseRowPath(text) !== undefined, PATH_HELP).nullable().default(null).meta({
    description,
    examples: ["$.v"],
  });
}

/** Text, a JSON path, or text with levels of the topic in it. */
function pathOrText(description: string, example: string): z.ZodDefault<z.ZodNullable<z.ZodString>> {
  return z.string().min(1).refine(isPathOrText, `${PATH_HELP}, or text in which {topic[0]} is a level of the topic`)
    .nullable().default(null).meta({ description, examples: [example] });
}

function isPathOrText(text: string): boolean {
  if (/^[$@][.[]/.test(text)) return parseRowPath(text) !== undefined;
  return !/[{}]/.test(text.replaceAll(/\{topic\[-?\d{1,3}\]\}/g, ""));
}

/** The block `payload:`, of a source or of one topic. */
export const payloadSettings = z.strictObject({
  format: z.enum(["auto", "json", "text", "binary", "sparkplug_b"]).default("auto").meta({
    description:
      "auto: a JSON object or number is read as JSON, other text as text, other bytes as base64. json, text: anything else becomes a dead letter. binary: any bytes, as base64. sparkplug_b: metrics of Sparkplug B, one row each.",
  }),
  rows: z.string().refine((text) => parseJsonPath(text) !== undefined, PATH_HELP).nullable().default(null).meta({
    description:
      "Where in the JSON an array or an object is whose members are a row each. The other paths then begin with @ for the member and with $ for the whole payload; value is the member unless set, and sensor_name a member's name in an object. Not set: a payload is one row.",
    examples: ["$.readings"],
  }),
  value: jsonPath("Where in the JSON the value is. Not set: the whole payload is the value."),
  timestamp: jsonPath("Where in the JSON the device's timestamp is. Not set: the time of arrival counts."),
  timestamp_format: z.enum(TIMESTAMP_FORMATS).default("unix_ms").meta({
    description: "How the timestamp is written; iso8601 needs a time zone, such as Z or +02:00.",
  }),
  unit: pathOrText("The unit: a JSON path, or text for all messages.", "$.u"),
  sensor_name: pathOrText(
    "The sensor's name: a JSON path, or text in which {topic[0]} is the topic's first level and {topic[-1]} its last. Not set: the last level.",
    "{topic[1]}",
  ),
  sensor_type: pathOrText("The kind of sensor: a JSON path, or text as in sensor_name.", "temperature"),
}).superRefine(checkTogether);

export type PayloadSettings = z.output<typeof payloadSettings>;

/** JSON paths have nothing to look into where the payload is not JSON, and rows are members of it. */
function checkTogether(settings: z.output<typeof payloadSettings>, context: z.RefinementCtx): void {
  if (settings.format === "sparkplug_b") return checkSparkplug(settings, context);
  const fail = (path: string, message: string) => context.addIssue({ code: "custom", path: [path], message });
  const isJson = settings.format === "json" || settings.format === "auto";
  for (const key of ["rows", "value", "timestamp", "unit", "sensor_name", "sensor_type"] as const) {
    const isOfRow = isPath(settings[key]) && settings[key].startsWith("@");
    if (!isJson && isPath(settings[key])) {
      fail(key, `a JSON path needs format json or auto, and this is format ${settings.format}`);
    } else if (isOfRow && settings.rows === null) fail(key, "a path that begins with @ needs rows to be set");
  }
}

function isPath(setting: string | null): setting is string {
  return setting !== null && /^[$@]([.[]|$)/.test(setting);
}

/** Sparkplug B says value, time and name of a metric itself. */
function checkSparkplug(settings: z.output<typeof payloadSettings>, context: z.RefinementCtx): void {
  const fail = (path: string, message: string) => context.addIssue({ code: "custom", path: [path], message });
  for (const key of ["rows", "value", "timestamp", "sensor_name"] as const) {
    if (settings[key] !== null) fail(key, "must not be set with format sparkplug_b: each metric says it itself");
  }
  for (const key of ["unit", "sensor_type"] as const) {
    if (isPath(settings[key])) fail(key, "must be text with format sparkplug_b, which has no JSON paths");
  }
}
