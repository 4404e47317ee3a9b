import { z } from "zod";
import { flag, seconds } from "./keys.ts";

const rule = z.strictObject({
  name: z.string().min(1).max(64).meta({ description: "Name of the rule.", examples: ["queue_near_full"] }),
  condition: z.string().min(1).max(1000).meta({
    description: "A metric, a comparison and a value.",
    examples: ["queue_depth > 0.9 * max_queue_size"],
  }),
  severity: z.enum(["info", "warning", "critical"]).default("warning").meta({ description: "How bad it is." }),
  window_seconds: seconds([1, 60, 86_400], "Time that rates are taken over."),
  duration_seconds: seconds([0, 0, 86_400], "How long the condition must hold."),
});

const enabled = flag(false, "Whether it is told.");

const destination = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("email").meta({ description: "By mail." }),
    enabled,
    smtp_host: z.string().min(1).max(253).meta({ description: "Mail server.", examples: ["smtp.company.com"] }),
    smtp_port: z.number().int().min(1).max(65_535).default(587).meta({ description: "Port of the mail server." }),
    from: z.email("must be a mail address").meta({ description: "Sender.", examples: ["iot-connector@company.com"] }),
    to: z.array(z.email("must be a mail address")).min(1).max(100).meta({ description: "Receivers." }),
  }),
  z.strictObject({
    type: z.literal("webhook").meta({ description: "By an HTTP request." }),
    enabled,
    url: z.url({ protocol: /^https?$/, error: "must be an http or https address" }).meta({
      description: "Where the request goes.",
      examples: ["https://hooks.company.com/alerts"],
    }),
    method: z.enum(["POST", "PUT"]).default("POST").meta({ description: "Its method." }),
  }),
]);

/** The block `monitoring.alerts:`. */
export const alerts = z.strictObject({
  enabled: flag(true, "Whether rules are looked at."),
  rules: z.array(rule).max(1000).default([]).meta({ description: "What raises an alert." }),
  destinations: z.array(destination).max(100).default([]).meta({ description: "Who is told." }),
});
