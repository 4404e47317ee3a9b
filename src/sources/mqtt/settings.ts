import { z } from "zod";
import { homeFile, integer, secretText, tagLabels } from "../../core/schema.ts";
import { payloadSettings } from "./payload_settings.ts";
import { sparkplugSettings } from "./sparkplug/settings.ts";
import { topicFilterFault } from "./topic_filter.ts";

/** A file of the home directory that need not be set. */
function tlsFile(description: string): z.ZodDefault<z.ZodNullable<z.ZodType<string, string>>> {
  return homeFile(description).nullable().default(null).meta({ description, group: "security" });
}

const tls = z.strictObject({
  enabled: z.boolean().nullable().default(null).meta({
    description: "Whether the connection is encrypted; must agree with the endpoint. Not set: as the endpoint says.",
    group: "security",
  }),
  ca_cert_path: tlsFile(
    "The authority that signed the broker's certificate (PEM). Not set: the public authorities and security.ca_bundle_path.",
  ),
  client_cert_path: tlsFile(
    "Our certificate, and those between it and its authority, for a broker that asks for one (PEM).",
  ),
  client_key_path: tlsFile("The private key of client_cert_path (PEM, without a password)."),
  verify_mode: z.enum(["CERT_REQUIRED", "CERT_OPTIONAL", "CERT_NONE"]).default("CERT_REQUIRED").meta({
    description:
      "CERT_REQUIRED and CERT_OPTIONAL: the broker's certificate is verified, its host name too. CERT_NONE: any certificate is taken, which is warned of at each connection.",
    group: "security",
  }),
  tls_version: z.enum(["TLSv1.2", "TLSv1.3"]).default("TLSv1.2").meta({
    description: "The lowest version of TLS that is accepted.",
    group: "security",
  }),
  server_name: z.string().min(1).nullable().default(null).meta({
    description: "The name that the broker's certificate must show. Not set: the host of the endpoint.",
    examples: ["broker.plant.example"],
    group: "security",
  }),
}).superRefine(checkPair);

/** A certificate is of no use without its key, and the other way round. */
function checkPair(
  tls: { readonly client_cert_path: string | null; readonly client_key_path: string | null },
  context: z.RefinementCtx,
): void {
  const [certificate, key] = ["client_cert_path", "client_key_path"] as const;
  if ((tls[certificate] === null) === (tls[key] === null)) return;
  const [missing, other] = tls[certificate] === null ? [certificate, key] : [key, certificate];
  context.addIssue({ code: "custom", path: [missing], message: `must be set where ${other} is` });
}

const topicFilter = z.string().superRefine((filter, context) => {
  const fault = topicFilterFault(filter);
  if (fault !== undefined) context.addIssue({ code: "custom", message: fault });
}).meta({
  description: "Topic filter; + stands for one level, # for the rest, $share/<group>/ before it shares the messages.",
  examples: ["sensors/temperature/#"],
});

const topic = z.strictObject({
  topic: topicFilter,
  qos: z.union([z.literal(0), z.literal(1), z.literal(2)]).default(1).meta({
    description: "Quality of service asked for; the broker may grant less. With 0 messages can be lost on the way.",
  }),
  payload: payloadSettings.nullable().default(null).meta({
    description: "How payloads of these topics are read. Not set: as the source's payload says.",
  }),
  labels: tagLabels(),
});

/** The block `mqtt:` of a source. */
export const mqttSettings = z.strictObject({
  protocol_version: z.union([z.literal(4), z.literal(5)]).default(5).meta({
    description: "Version of MQTT: 5, or 4 for MQTT 3.1.1.",
  }),
  tls: tls.prefault({}).meta({ description: "Encryption of an endpoint mqtts:// or wss://.", group: "security" }),
  username: z.string().default("").meta({
    description: "User of the broker; empty for none.",
    examples: ["${MQTT_USERNAME:-}"],
    group: "security",
  }),
  password: secretText("Password of the user.").prefault("").meta({
    description: "Password of the user.",
    examples: ["${MQTT_PASSWORD:-}"],
    secret: true,
    group: "security",
  }),
  allow_plain_password: z.boolean().default(false).meta({
    description:
      "Say nothing of user and password that go over a connection which is not encrypted. Not set: check and each connection warn of it.",
    group: "security",
  }),
  client_id: z.string().min(1).max(256).nullable().default(null).meta({
    description:
      "Names our session at the broker; no two clients may have the same. Not set: iot-connector-<8 characters of the installation's id>-<source>.",
  }),
  clean_session: z.boolean().default(false).meta({
    description: "true: the broker forgets us when we disconnect, and what is published meanwhile is lost.",
  }),
  session_expiry_seconds: integer(0, 4_294_967_295).default(86_400).meta({
    description:
      "How long the broker keeps messages for us while we are away (MQTT 5). With 3.1.1 the broker's own setting decides.",
    unit: "s",
  }),
  keepalive_seconds: integer(1, 65_535).default(60).meta({
    description: "How often the broker and we tell each other that we are there.",
    unit: "s",
  }),
  receive_maximum: integer(1, 65_535).default(10_000).meta({
    description:
      "The most QoS 1 and 2 messages under way to us and not yet safe (MQTT 5). With 3.1.1 the broker's own setting decides.",
    unit: "messages",
  }),
  max_payload_kb: integer(1, 262_144).default(1024).meta({
    description: "A longer payload becomes a dead letter that holds its first 64 KiB.",
    unit: "KiB",
  }),
  max_waiting_messages: integer(1000, 1_000_000).default(50_000).meta({
    description: "QoS 0 messages received and not yet taken over; above it further ones are dropped and counted.",
    unit: "messages",
  }),
  max_waiting_mb: integer(1, 4096).default(16).meta({
    description:
      "Payloads and topics received and not yet taken over: above it QoS 0 messages are dropped and counted. Above a sixteenth of it QoS 1 and 2 messages are left with the broker.",
    unit: "MB",
  }),
  topics: z.array(topic).max(10_000).default([]).meta({
    description: "What to subscribe to. Where several entries match a topic, the first says how its payload is read.",
    examples: [[{ topic: "sensors/temperature/#", qos: 1 }]],
  }),
  payload: payloadSettings.prefault({}).meta({ description: "How payloads are read." }),
  sparkplug: sparkplugSettings.prefault({}).meta({ description: "For topics whose payload format is sparkplug_b." }),
}).superRefine(checkTogether);

export type MqttSettings = z.output<typeof mqttSettings>;
export type TopicSettings = MqttSettings["topics"][number];

/** What no single key can say. */
function checkTogether(settings: z.output<typeof mqttSettings>, context: z.RefinementCtx): void {
  const fail = (path: (string | number)[], message: string) => context.addIssue({ code: "custom", path, message });
  if (settings.username === "" && !settings.password.isEmpty) {
    fail(["username"], "must be set where password is: MQTT 3.1.1 sends no password without a user name");
  }
  const seen = new Map<string, number>();
  for (const [index, { topic }] of settings.topics.entries()) {
    const twin = seen.get(topic);
    if (twin !== undefined) fail(["topics", index, "topic"], `must be unique: topics[${twin}] is ${topic} too`);
    else seen.set(topic, index);
  }
  for (const [index, { topic, payload }] of settings.topics.entries()) {
    const fault = (payload ?? settings.payload).format === "sparkplug_b" ? sparkplugFilterFault(topic) : undefined;
    if (fault !== undefined) fail(["topics", index, "topic"], fault);
  }
}

/** What keeps a filter from being of use with Sparkplug B, for a person. */
function sparkplugFilterFault(filter: string): string | undefined {
  if (filter.startsWith("$share/")) {
    return "must not be shared: the data of a Sparkplug node make sense only to who has its births";
  }
  const [first] = filter.split("/");
  if (first === "spBv1.0" || first === "+" || first === "#") return undefined;
  return "must begin with spBv1.0/, as all topics of Sparkplug B do";
}
