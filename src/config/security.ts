import { z } from "zod";
import { count, file, flag, text } from "./keys.ts";

/** Ours so far: the one for OPC UA servers (docs/protocols/opcua.md). */
const ownRenewal = "our certificate for OPC UA is always renewed, 30 days before it ends";
const alwaysChecked = { notInEffect: "it always must", happens: true };
const certificates = z.strictObject({
  auto_rotation: flag(true, "Whether our own certificates are renewed by themselves.", {
    notInEffect: ownRenewal,
    happens: true,
  }),
  rotation_days_before_expiry: count([1, 30, 365], "How early.", {
    unit: "days",
    notInEffect: ownRenewal,
    happens: 30,
  }),
  validation: z.strictObject({
    verify_hostname: flag(
      true,
      "Whether a certificate that an authority signed for an OPC UA server must name the host in the source's endpoint; one that is trusted by itself or pinned need not. For all else the name is always checked, unless the source says otherwise.",
    ),
    verify_chain: flag(true, "Whether a certificate must come from an authority that is trusted.", alwaysChecked),
    check_revocation: z.enum(["never", "when_crl_present", "always"]).default("when_crl_present").meta({
      description:
        "What the revocation lists of authorities count for, with OPC UA servers; for all else there are none. when_crl_present: each authority needs a list that it signed, and one that is overdue goes on counting, with a warning. always: one that is overdue counts as missing. never: no list is needed, and none is asked for its age or who signed it.",
    }),
  }).prefault({}).meta({ description: "What peers' certificates must be." }),
});

const fromEnv = { notInEffect: "secrets come from the environment and from files, by ${VAR} and ${file:…}" };
const secrets = z.strictObject({
  provider: z.enum(["env", "file", "vault", "azure_keyvault", "aws_secrets_manager"]).default("env").meta({
    description: "Where secrets come from.",
    ...fromEnv,
    happens: "env",
  }),
  vault: z.strictObject({
    address: text("Address of the vault."),
    token_path: file("File with the vault's token."),
    mount_point: z.string().min(1).max(256).default("secret").meta({ description: "Mount point in the vault." }),
    path: z.string().min(1).max(1024).default("iot-connector").meta({ description: "Path in the vault." }),
  }).prefault({}).meta({ description: "HashiCorp Vault.", ...fromEnv }),
});

function proxyUrl(description: string, examples: string[]): z.ZodDefault<z.ZodNullable<z.ZodString>> {
  const rule = "must begin with http:// and be an address without spaces, such as http://user:password@proxy:3128; " +
    "write other characters of a password as %20 and the like";
  return z.string().min(1).max(2048).refine(isProxyUrl, rule).nullable().default(null).meta({ description, examples });
}

function isProxyUrl(text: string): boolean {
  // deno-lint-ignore no-control-regex -- control characters are what it is about
  if (!/^http:\/\/[^\s\x00-\x1f\x7f-\x9f]+$/i.test(text)) return false;
  const url = URL.parse(text);
  try {
    return url !== null && decodeURIComponent(url.username + url.password) !== undefined;
  } catch {
    return false; // a % with no number behind it
  }
}

const proxy = z.strictObject({
  enabled: flag(false, "Whether the workspace is reached through a proxy. Devices never are."),
  http_proxy: proxyUrl("Proxy, where https_proxy is not set.", ["http://proxy.plant:3128"]),
  https_proxy: proxyUrl("Proxy for HTTPS, by CONNECT; user and password may stand in it.", [
    "http://user:password@proxy.plant:3128",
  ]),
  no_proxy: z.string().default("localhost,127.0.0.1").meta({
    description: "Hosts reached without it: names, or ends of names, with commas between them.",
  }),
}).superRefine(({ enabled, http_proxy, https_proxy }, context) => {
  if (!enabled || http_proxy || https_proxy) return;
  context.addIssue({ code: "custom", path: ["https_proxy"], message: "is needed while proxy.enabled is true" });
});

/** The block `security:`. */
export const security = z.strictObject({
  certificates: certificates.prefault({}).meta({ description: "Our certificates, and what peers' must be." }),
  ca_bundle_path: file(
    "Authorities that are trusted beside the built-in ones for outgoing TLS (PEM): for a proxy that opens TLS, or a private broker.",
  ),
  secrets: secrets.prefault({}).meta({ description: "Where secrets come from." }),
  network: z.strictObject({ proxy: proxy.prefault({}).meta({ description: "A proxy on the way to the workspace." }) })
    .prefault({}).meta({ description: "Ways out." }),
});
