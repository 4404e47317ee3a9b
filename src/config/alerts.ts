import { z } from "zod";
import { secretText } from "../core/schema.ts";
import { Secret } from "../lib/secret.ts";
import { conditionFault } from "./alert_condition.ts";
import { flag, seconds, text } from "./keys.ts";

const condition = z.string().min(1).max(1000).superRefine((written, context) => {
  const fault = conditionFault(written);
  if (fault !== undefined) context.addIssue({ code: "custom", message: fault });
});

const rule = z.strictObject({
  name: z.string().min(1).max(64).meta({ description: "Name of the rule.", examples: ["queue_near_full"] }),
  condition: condition.meta({
    description: "When it is an alert; docs/alerts.md has the language and the names.",
    examples: ["queue_depth > 0.9 * max_queue_size"],
  }),
  recovery_condition: condition.nullable().default(null).meta({
    description: "What must hold before a firing alert ends; without it, that the condition holds no more.",
    examples: ["queue_depth < 0.7 * max_queue_size"],
  }),
  severity: z.enum(["info", "warning", "critical"]).default("warning").meta({ description: "How bad it is." }),
  window_seconds: seconds([1, 60, 86_400], "Time that rates are taken over."),
  duration_seconds: seconds([0, 0, 86_400], "How long the condition must hold."),
  recovery_seconds: seconds([0, 0, 86_400], "How long it must be well again before the alert ends."),
  advice: text("What to do, for whoever is told."),
});

/** Services such as chats know who may post by nothing but the address: it is a secret as a whole. */
const webhookUrl: z.ZodType<Secret, string> = z.string().max(2048).refine(isWebhookUrl, {
  error: "must be an http or https address",
}).transform((text) => new Secret(text)).meta({
  description: "Where the request goes. It is kept and shown as a password is: whoever has it may post there.",
  examples: ["https://hooks.company.com/alerts"],
  secret: true,
});

/** One that stands in a store is not known before it is read. */
function isWebhookUrl(text: string): boolean {
  return text.startsWith("${secret:") || /^https?:$/.test(URL.parse(text)?.protocol ?? "");
}

const enabled = flag(false, "Whether it is told.");

const destination = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("email").meta({ description: "By mail." }),
    enabled,
    smtp_host: z.string().min(1).max(253).meta({ description: "Mail server.", examples: ["smtp.company.com"] }),
    smtp_port: z.number().int().min(1).max(65_535).default(587).meta({ description: "Port of the mail server." }),
    tls: z.enum(["starttls", "tls", "none"]).default("starttls").meta({
      description: "starttls: the connection must become encrypted; tls: it is from the start, as on port 465.",
    }),
    username: text("User name at the mail server, where it wants one."),
    password: secretText("Password at the mail server.").nullable().default(null),
    from: z.email("must be a mail address").meta({ description: "Sender.", examples: ["iot-connector@company.com"] }),
    to: z.array(z.email("must be a mail address")).min(1).max(100).meta({ description: "Receivers." }),
  }),
  z.strictObject({
    type: z.literal("webhook").meta({ description: "By an HTTP request." }),
    enabled,
    url: webhookUrl,
    method: z.enum(["POST", "PUT"]).default("POST").meta({ description: "Its method." }),
    secret: secretText("What requests are signed with, in the header x-signature.").nullable().default(null),
  }),
]);

/** The block `monitoring.alerts:`. */
export const alerts = z.strictObject({
  enabled: flag(true, "Whether rules are looked at."),
  default_rules: flag(true, "Whether the rules that docs/alerts.md lists hold, beside those written here."),
  rules: z.array(rule).max(1000).default([]).meta({ description: "What raises an alert." }),
  destinations: z.array(destination).max(20).default([]).meta({ description: "Who is told." }),
});

/** The block as it is parsed. */
export type Alerts = z.output<typeof alerts>;
