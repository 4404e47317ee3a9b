import { z } from "zod";
import { alerts } from "./alerts.ts";
import { bind } from "./gui.ts";
import { count, fileAt, flag } from "./keys.ts";
import { tracing } from "./tracing.ts";

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

/** The block `monitoring:`. */
export const monitoring = z.strictObject({
  metrics: z.strictObject({
    enabled: flag(true, "Whether metrics can be read."),
    prometheus: prometheus.prefault({}).meta({ description: "Metrics for Prometheus to scrape." }),
  }).prefault({}).meta({ description: "Metrics." }),
  logging: logging.prefault({}).meta({ description: "The log." }),
  tracing: tracing.prefault({}).meta({ description: "Traces (OpenTelemetry), see docs/traces.md." }),
  alerts: alerts.prefault({}).meta({ description: "Alerts." }),
});
