import { z } from "zod";
import { alerts } from "./alerts.ts";
import { bind } from "./gui.ts";
import { count, fileAt, flag, part } from "./keys.ts";

const prometheus = z.strictObject({
  enabled: flag(true, "Whether the listener for Prometheus is open."),
  bind: bind.meta({ description: "Address that it listens on.", examples: ["127.0.0.1", "0.0.0.0"] }),
  port: count([1, 9090, 65_535], "Port that it listens on."),
  path: z.string().regex(/^\/[A-Za-z0-9/_.-]*$/, "must be a path such as /metrics").default("/metrics").meta({
    description: "Path of the metrics.",
  }),
});

const logging = z.strictObject({
  level: z.enum(["DEBUG", "INFO", "WARNING", "ERROR"]).default("INFO").meta({
    description: "The least severe lines that are written.",
  }),
  format: z.enum(["json", "text"]).default("json").meta({ description: "json for machines, text for a terminal." }),
  output: z.enum(["stdout", "file", "both"]).default("both").meta({
    description: "Where lines go: standard output, the log file, or both.",
  }),
  file_path: fileAt(
    "logs/connector.log",
    "The log file. Former ones stand beside it: connector.log.1.gz is the newest.",
  ),
  rotation: z.strictObject({
    max_size_mb: count([1, 100, 100_000], "Size at which a new file begins.", { unit: "MB" }),
    max_files: count([1, 10, 1000], "Log files in all, the one that is written to included."),
    max_age_days: count([0, 90, 3650], "Age at which a former file is deleted; 0: only their number counts.", {
      unit: "days",
    }),
    compress: flag(true, "Whether former files are compressed (gzip)."),
  }).prefault({}).meta({ description: "How the log file is kept small." }),
});

const tracing = z.strictObject({
  enabled: flag(false, "Whether traces are made."),
  service_name: z.string().min(1).max(256).default("databricks-iot-connector").meta({
    description: "Name of the service in traces.",
  }),
  sample_ratio: part(0.01, "Part of the batches that is traced."),
  otlp: z.strictObject({
    enabled: flag(true, "Whether traces are sent."),
    endpoint: z.url({ protocol: /^https?$/, error: "must be an http or https address" })
      .default("http://localhost:4318").meta({ description: "Collector that takes OTLP over HTTP." }),
  }).prefault({}).meta({ description: "Where traces go." }),
});

/** The block `monitoring:`. */
export const monitoring = z.strictObject({
  metrics: z.strictObject({
    enabled: flag(true, "Whether metrics can be read."),
    prometheus: prometheus.prefault({}).meta({ description: "Metrics for Prometheus to scrape." }),
  }).prefault({}).meta({ description: "Metrics." }),
  logging: logging.prefault({}).meta({ description: "The log." }),
  tracing: tracing.prefault({}).meta({ description: "Traces (OpenTelemetry).", notInEffect: "no traces are made" }),
  alerts: alerts.prefault({}).meta({ description: "Alerts." }),
});
