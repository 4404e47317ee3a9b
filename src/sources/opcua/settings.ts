import { z } from "zod";
import { homeFile, integer, secretText } from "../../core/schema.ts";
import { checkTags, nodeSettings } from "./node_settings.ts";
import { POLICIES, type SecurityMode } from "./policies.ts";

/** A file of the home directory that need not be set. */
function securityFile(description: string): z.ZodDefault<z.ZodNullable<z.ZodType<string, string>>> {
  return homeFile(description).nullable().default(null).meta({ description, group: "security" });
}

const subscription = z.strictObject({
  publishing_interval_ms: z.number().min(10).max(86_400_000).default(1000).meta({
    description: "How often the server sends what has changed.",
    unit: "ms",
  }),
  max_notifications_per_publish: integer(0, 1_000_000).default(1000).meta({
    description: "The most values in one answer of the server; 0 lets the server decide.",
  }),
  priority: integer(0, 255).default(0).meta({
    description: "Which subscription the server serves first; higher goes first.",
  }),
  lifetime_count: integer(3, 1_000_000).default(1000).meta({
    description:
      "Publishing intervals without a request from us after which the server drops the subscription; at least three times max_keep_alive_count.",
  }),
  max_keep_alive_count: integer(1, 100_000).default(10).meta({
    description: "Publishing intervals without a change after which the server says that it is still there.",
  }),
  queue_size: integer(1, 1_000_000).default(10).meta({
    description: "Values of one node that the server keeps between two answers.",
  }),
  discard_oldest: z.boolean().default(true).meta({
    description: "When that queue is full: true drops the oldest value, false the newest. Both are counted.",
  }),
});

/** The block `opcua:` of a source. */
export const opcuaSettings = z.strictObject({
  security_policy: z.enum([...POLICIES, "auto"]).default("Basic256Sha256").meta({
    description:
      "How the channel to the server is secured; auto takes the best that the server offers, never None. Basic128Rsa15 and Basic256 are withdrawn by the standard: for old servers only.",
    examples: ["Basic256Sha256"],
    group: "security",
  }),
  security_mode: z.enum(["None", "Sign", "SignAndEncrypt"]).nullable().default(null).meta({
    description: "Whether messages are signed and encrypted. Not set: None for policy None, else SignAndEncrypt.",
    group: "security",
  }),
  certificate_path: securityFile(
    "Our application certificate (DER or PEM). Not set: the connector makes its own under certs/opcua/own at first use.",
  ),
  private_key_path: securityFile("The private key of certificate_path (PEM)."),
  server_certificate_path: securityFile(
    "The one certificate that the server must show (DER or PEM). Not set: the folder certs/opcua/trusted decides.",
  ),
  username: z.string().default("").meta({
    description: "User of the server; empty for anonymous.",
    examples: ["${OPCUA_USERNAME:-}"],
    group: "security",
  }),
  password: secretText("Password of the user.").prefault("").meta({
    description: "Password of the user.",
    examples: ["${OPCUA_PASSWORD:-}"],
    secret: true,
    group: "security",
  }),
  allow_plain_password: z.boolean().default(false).meta({
    description: "Send user and password over a channel that is not encrypted.",
    group: "security",
  }),
  user_certificate_path: securityFile("Certificate of the user (DER or PEM), instead of a password."),
  user_private_key_path: securityFile("The private key of user_certificate_path (PEM)."),
  subscription: subscription.prefault({}).meta({ description: "How the server reports changes." }),
  nodes: z.array(nodeSettings).max(100_000).superRefine(checkTags).default([]).meta({
    description: "What to read: nodes by their id, or all variables of an object by its browse path.",
    examples: [[{ node_id: "nsu=urn:plant:line1;s=Temperature" }, { browse_path: "0:Root/0:Objects/2:ProcessArea" }]],
  }),
  mode: z.enum(["subscription", "poll"]).default("subscription").meta({
    description: "subscription: the server reports changes; poll: all nodes are read again and again.",
  }),
  poll_interval_seconds: z.number().min(0.01).max(86_400).default(1).meta({
    description: "How often nodes are read in mode poll.",
    unit: "s",
  }),
  transaction_timeout_seconds: z.number().min(1).max(600).default(15).meta({
    description: "How long one request to the server may take; a server that froze shows after this time.",
    unit: "s",
  }),
  repair_timeout_seconds: z.number().min(1).max(3600).default(30).meta({
    description: "How long a lost session may take to be mended before it is given up and made anew.",
    unit: "s",
  }),
  max_waiting_values: integer(1000, 10_000_000).default(100_000).meta({
    description: "Values received and not yet taken over; above it the server is left waiting and queues by itself.",
    unit: "rows",
  }),
  max_waiting_mb: integer(1, 4096).default(64).meta({
    description: "The same bound, by the size of the values: of their text and of their encoding.",
    unit: "MB",
  }),
}).superRefine(checkTogether);

export type OpcuaSettings = z.output<typeof opcuaSettings>;

/** What no single key can say. */
function checkTogether(settings: z.output<typeof opcuaSettings>, context: z.RefinementCtx): void {
  const fail = (key: string, message: string) => context.addIssue({ code: "custom", path: [key], message });
  const { security_policy: policy, security_mode: mode, subscription } = settings;
  if (policy === "None" && mode !== null && mode !== "None") {
    fail("security_mode", `must be None with security_policy None, or choose a policy that can do ${mode}`);
  }
  if (policy !== "None" && mode === "None") fail("security_mode", `must be Sign or SignAndEncrypt with ${policy}`);
  if ((settings.certificate_path === null) !== (settings.private_key_path === null)) {
    fail("private_key_path", "certificate_path and private_key_path go together: set both or neither");
  }
  const { user_certificate_path: userCertificate, user_private_key_path: userKey } = settings;
  if ((userCertificate === null) !== (userKey === null)) {
    fail("user_private_key_path", "user_certificate_path and user_private_key_path go together: set both or neither");
  }
  if (userCertificate !== null && settings.username !== "") {
    fail("username", "a user has a password or a certificate: leave out username, or user_certificate_path");
  }
  if (settings.username !== "" && !settings.allow_plain_password && securityMode(settings) !== "SignAndEncrypt") {
    fail(
      "username",
      "a password is not sent over a channel that is not encrypted: use security_mode SignAndEncrypt, or allow_plain_password: true",
    );
  }
  if (subscription.lifetime_count < 3 * subscription.max_keep_alive_count) {
    fail("subscription", "lifetime_count must be at least three times max_keep_alive_count (OPC UA Part 4, 5.14.2)");
  }
}

/** The mode in force. */
export function securityMode(settings: Pick<OpcuaSettings, "security_mode" | "security_policy">): SecurityMode {
  return settings.security_mode ?? (settings.security_policy === "None" ? "None" : "SignAndEncrypt");
}
