import { z } from "zod";
import { integer, secretText, type SettingMeta } from "../../core/schema.ts";
import { parseIngestEndpoint, parseServiceUrl } from "./endpoint.ts";
import { isNamePart } from "./table_name.ts";

const address = (parse: (text: string) => unknown, meta: SettingMeta) =>
  z.string().superRefine((text, context) => {
    try {
      parse(text);
    } catch (error) {
      context.addIssue({ code: "custom", message: error instanceof Error ? error.message : String(error) });
    }
  }).nullable().default(null).meta({ ...meta });

const namePart = z.string().refine(
  isNamePart,
  "must be ASCII letters, digits and underscores only: Zerobus Ingest takes no other names",
);

const auth = z.strictObject({
  client_id: z.string().nullable().default(null).meta({
    title: "Client ID",
    description: "Application ID of the service principal that writes the bronze tables.",
    examples: ["${DATABRICKS_CLIENT_ID}"],
  }),
  client_secret: secretText("OAuth secret of that service principal.").nullable().default(null).meta({
    title: "Client secret",
    description: "OAuth secret of that service principal.",
    examples: ["${DATABRICKS_CLIENT_SECRET}"],
    secret: true,
  }),
  token_endpoint: address(parseServiceUrl, {
    title: "Token endpoint",
    description: "Where tokens are asked for; by default workspace_host with /oidc/v1/token.",
    examples: ["https://your-workspace.cloud.databricks.com/oidc/v1/token"],
  }),
});

const target = z.strictObject({
  catalog: namePart.default("iot_data").meta({
    title: "Catalog",
    description: "Unity Catalog catalog of the bronze tables.",
  }),
  schema: namePart.default("bronze").meta({ title: "Schema", description: "Schema of the bronze tables." }),
  table: namePart.nullable().default(null).meta({
    title: "One table for all",
    description: "One table for the rows of every protocol; null means one per protocol, as `tables` says.",
  }),
  tables: z.strictObject({
    opcua: namePart.default("opcua_bronze").meta({
      title: "OPC UA table",
      description: "Table for the rows of OPC UA sources.",
    }),
    mqtt: namePart.default("mqtt_bronze").meta({
      title: "MQTT table",
      description: "Table for the rows of MQTT sources.",
    }),
    modbus: namePart.default("modbus_bronze").meta({
      title: "Modbus table",
      description: "Table for the rows of Modbus sources.",
    }),
  }).prefault({}).meta({
    title: "Table per protocol",
    description: "The table for each protocol's rows, unless `table` is set or a source names its own.",
  }),
});

const connection = z.strictObject({
  timeout_seconds: integer(1, 300).default(30).meta({
    title: "Connect timeout",
    description:
      "The longest that opening a stream may take, its token included; an attempt is given up after 15 s at the latest.",
    unit: "s",
  }),
  max_retries: integer(0, 1000).optional().meta({
    title: "Retries",
    description:
      "Has no meaning here: sending is retried until it succeeds, and no row is given up for the number of attempts.",
    notInEffect: "sending is retried until it succeeds",
    group: "meaningless",
  }),
  retry_backoff_multiplier: z.number().min(1).max(10).default(2).meta({
    title: "Backoff multiplier",
    description: "How many times longer the wait after each failed attempt may be than the one before.",
  }),
  health_check_interval_seconds: integer(1, 3600).default(60).meta({
    title: "Probe interval",
    description: "How often a table that cannot be written for lack of rights or for its columns is tried again.",
    unit: "s",
  }),
  streams_per_table: integer(1, 16).nullable().default(null).meta({
    title: "Streams per table",
    description:
      "Streams that share the rows of one table, each tag always on the same one; null takes performance.workers.writer_threads.",
  }),
  max_inflight_mb: integer(11, 1024).default(32).meta({
    title: "In flight",
    description: "The most row bytes per stream that may wait for the service's acknowledgement.",
    unit: "MB",
  }),
  ack_timeout_seconds: integer(1, 3600).default(60).meta({
    title: "Acknowledgement timeout",
    description:
      "A stream with rows in flight that hears nothing for so long is given up, and its rows are sent again.",
    unit: "s",
  }),
  keepalive_seconds: integer(5, 3600).default(30).meta({
    title: "Keep-alive",
    description: "How often an HTTP/2 ping is sent, so that firewalls keep an idle connection.",
    unit: "s",
  }),
});

/** The `zerobus:` block. Absent, it is `{ enabled: false }`. */
export const zerobusSettings = z.strictObject({
  enabled: z.boolean().default(true).meta({
    title: "Enabled",
    description: "Whether rows are streamed to Databricks.",
  }),
  workspace_host: address(parseServiceUrl, {
    title: "Workspace",
    description: "Address of the Databricks workspace.",
    examples: ["https://your-workspace.cloud.databricks.com"],
  }),
  zerobus_endpoint: address(parseIngestEndpoint, {
    title: "Zerobus endpoint",
    description: "Address of the workspace's Zerobus Ingest service; scheme and port may be left out.",
    examples: [
      "1234567890.zerobus.eu-west-1.cloud.databricks.com",
      "1234567890.zerobus.westeurope.azuredatabricks.net",
      "1234567890.zerobus.europe-west3.gcp.databricks.com",
    ],
  }),
  workspace_id: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, "must be the workspace's number").nullable().default(null)
    .meta({
      title: "Workspace ID",
      description: "Number of the workspace; by default the first label of zerobus_endpoint.",
    }),
  auth: auth.prefault({}).meta({
    title: "Credentials",
    description: "The service principal that writes the bronze tables.",
  }),
  target: target.prefault({}).meta({ title: "Target", description: "The tables that rows are written to." }),
  columns: z.enum(["unity_catalog", "bundled"]).default("unity_catalog").meta({
    title: "Columns",
    description:
      "unity_catalog: read each table's columns and send those it has; bundled: send the published bronze columns without asking.",
  }),
  connection: connection.prefault({}).meta({
    title: "Connection",
    description: "Streams, time limits and keep-alive.",
  }),
}).superRefine((settings, context) => {
  if (!settings.enabled) return;
  for (const [path, isMissing] of required(settings)) {
    if (isMissing) context.addIssue({ code: "custom", path, message: "is needed while zerobus is enabled" });
  }
}).meta({ title: "Zerobus", description: "Where rows go: Databricks Zerobus Ingest." });

/** The `zerobus:` block, parsed. */
export type ZerobusSettings = z.infer<typeof zerobusSettings>;

/** The words in `target.tables`. */
export type TargetProtocol = keyof ZerobusSettings["target"]["tables"];

function required(settings: {
  workspace_host: string | null;
  zerobus_endpoint: string | null;
  auth: { client_id: string | null; client_secret: { isEmpty: boolean } | null };
}): [string[], boolean][] {
  const { workspace_host, zerobus_endpoint, auth: { client_id, client_secret } } = settings;
  return [
    [["workspace_host"], !workspace_host],
    [["zerobus_endpoint"], !zerobus_endpoint],
    [["auth", "client_id"], !client_id],
    [["auth", "client_secret"], !client_secret || client_secret.isEmpty],
  ];
}

/**
 * The full name of the table for a source's rows: the source's own (one part, or all three), else the one for all, else
 * the one of its protocol.
 */
export function targetTable(target: ZerobusSettings["target"], protocol: TargetProtocol, own: string | null): string {
  if (own?.includes(".")) return own;
  return `${target.catalog}.${target.schema}.${own ?? target.table ?? target.tables[protocol]}`;
}

/** The setting by which a source names its own table: `table`, or `catalog.schema.table`. */
export const sourceTable: z.ZodType<string, string> = z.string().refine(
  (text) => [1, 3].includes(text.split(".").length) && text.split(".").every(isNamePart),
  "must be a table's name, or catalog.schema.table, in ASCII letters, digits and underscores",
).meta({ title: "Table", description: "Table for this source's rows, in place of the one in zerobus.target." });

/** Loads the sink and its gRPC library: only to be called when zerobus is enabled. */
export function loadZerobus(): Promise<typeof import("./mod.ts")> {
  return import("./mod.ts");
}
