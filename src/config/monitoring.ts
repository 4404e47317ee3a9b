import { z } from "zod";
import { homeFile } from "../core/schema.ts";
import { bind } from "./gui.ts";
import { count, flag, part, seconds } from "./keys.ts";

const prometheus = z.strictObject({
  enabled: flag(true, "Whether the listener for Prometheus is open."),
  bind: bind.meta({ description: "Address that it listens on." }),
  port: count([1, 9090, 65_535], "Port that it listens on."),
  path: z.string().regex(/^\/[A-Za-z0-9/_.-]*$/, "must be a path such as /metrics").default("/metrics").meta({
    description: "Path of the metrics.",
  }),
});

const toStdout = { notInEffect: "log lines go to standard output" };
const logging = z.strictObject({
  level: z.enum(["DEBUG", "INFO", "WARNING", "ERROR"]).default("INFO").meta({
    description: "The least severe lines that are written.",
  }),
  format: z.enum(["json", "text"]).default("json").meta({ description: "json for machines, text for a terminal." }),
  output: z.enum(["stdout", "file", "both"]).default("both").meta({ description: "Where lines go.", ...toStdout }),
  file_path: homeFile("Log file.").default("logs/connector.log").meta({ description: "The log file.", ...toStdout }),
  rotation: z.strictObject({
    max_size_mb: count([1, 100, 100_000], "Size at which a new file begins.", { unit: "MB", ...toStdout }),
    max_files: count([1, 10, 1000], "Files that are kept.", toStdout),
    compress: flag(true, "Whether kept files are compressed.", toStdout),
  }).prefault({}).meta({ description: "How the log file is kept small." }),
});

const noTraces = { notInEffect: "no traces are made" };
const tracing = z.strictObject({
  enabled: flag(false, "Whether traces are made.", noTraces),
  service_name: z.string().min(1).default("databricks-iot-connector").meta({
    description: "Name of the service in traces.",
    ...noTraces,
  }),
  sample_ratio: part(0.01, "Part of the batches that is traced.", noTraces),
  otlp: z.strictObject({
    enabled: flag(true, "Whether traces are sent.", noTraces),
    endpoint: z.url({ protocol: /^https?$/, error: "must be an http or https address" }).default(
      "http://localhost:4318",
    )
      .meta({ description: "Collector that takes OTLP over HTTP.", ...noTraces }),
  }).prefault({}).meta({ description: "Where traces go." }),
});

const noAlerts = { notInEffect: "no alerts are raised" };
const rule = z.strictObject({
  name: z.string().min(1).max(64),
  condition: z.string().min(1).max(1000),
  severity: z.enum(["info", "warning", "critical"]).default("warning"),
  window_seconds: seconds([1, 60, 86_400], "Time that rates are taken over."),
  duration_seconds: seconds([0, 0, 86_400], "How long the condition must hold."),
});
const destination = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("email"),
    enabled: z.boolean().default(false),
    smtp_host: z.string().min(1),
    smtp_port: z.number().int().min(1).max(65_535).default(587),
    from: z.email(),
    to: z.array(z.email()).min(1).max(100),
  }),
  z.strictObject({
    type: z.literal("webhook"),
    enabled: z.boolean().default(false),
    url: z.url({ protocol: /^https?$/, error: "must be an http or https address" }),
    method: z.enum(["POST", "PUT"]).default("POST"),
  }),
]);
const alerts = z.strictObject({
  enabled: flag(true, "Whether rules are looked at.", noAlerts),
  rules: z.array(rule).max(1000).default([]).meta({ description: "What raises an alert.", ...noAlerts }),
  destinations: z.array(destination).max(100).default([]).meta({ description: "Who is told.", ...noAlerts }),
});

/** The block `monitoring:`. */
export const monitoring = z.strictObject({
  metrics: z.strictObject({
    enabled: flag(true, "Whether metrics can be read."),
    prometheus: prometheus.prefault({}).meta({ description: "Metrics for Prometheus to scrape." }),
  }).prefault({}).meta({ description: "Metrics." }),
  logging: logging.prefault({}).meta({ description: "The log." }),
  tracing: tracing.prefault({}).meta({ description: "Traces (OpenTelemetry)." }),
  alerts: alerts.prefault({}).meta({ description: "Alerts." }),
});
