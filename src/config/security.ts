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

/** A file with a secret: of the home directory, or where container engines and systemd mount them. */
function secretFile(description: string): z.ZodDefault<z.ZodNullable<z.ZodString>> {
  const rule =
    "must be a path relative to the home directory, or under /run/secrets/ or /run/credentials/, without '..'";
  return z.string().min(1).max(1024).refine(isSecretFile, rule).nullable().default(null).meta({ description });
}

function isSecretFile(path: string): boolean {
  // deno-lint-ignore no-control-regex -- control characters are what it is about
  if (/[\x00-\x1f\x7f-\x9f]/.test(path) || path.split("/").includes("..")) return false;
  return !path.startsWith("/") || path.startsWith("/run/secrets/") || path.startsWith("/run/credentials/");
}

/** Of a store: it is shown who the connector is, so nobody on the way may see that. */
function storeUrl(description: string, examples: string[] = []): z.ZodDefault<z.ZodNullable<z.ZodString>> {
  const rule = "must begin with https://, and hold no user, password or path";
  return z.string().max(2048).refine(isStoreUrl, rule).nullable().default(null).meta({ description, examples });
}

function isStoreUrl(text: string): boolean {
  const url = URL.parse(text);
  if (!url || url.username !== "" || url.password !== "" || url.pathname !== "/" || url.search !== "") return false;
  const isHere = ["localhost", "127.0.0.1", "[::1]"].includes(url.hostname);
  return url.protocol === "https:" || (url.protocol === "http:" && isHere);
}

const azure = z.strictObject({
  vault_url: storeUrl("Address of the key vault.", ["https://plant.vault.azure.net"]),
  tenant_id: text("Directory (tenant) of the application that may read it."),
  client_id: text("Application (client) ID."),
  client_secret_path: secretFile("File with the application's secret."),
  token_path: secretFile("File with the token of a workload, in place of a secret; it is read anew for each sign-in."),
  login_url: z.string().refine(isStoreUrl, "must begin with https://, and hold no path").default(
    "https://login.microsoftonline.com",
  ).meta({ description: "Where the application signs in." }),
});

const aws = z.strictObject({
  region: z.string().regex(/^[a-z0-9-]{1,40}$/, "must be a region, such as eu-west-1").nullable().default(null).meta({
    description: "Region of the secrets.",
    examples: ["eu-west-1"],
  }),
  endpoint: storeUrl("Address of Secrets Manager, where it is not AWS's own of that region."),
  sts_endpoint: storeUrl("Address of the Security Token Service, where it is not AWS's own of that region."),
  access_key_id: text("Access key ID, with secret_access_key_path."),
  secret_access_key_path: secretFile("File with the secret access key."),
  role_arn: text("Role that is taken with the token of a workload, in place of an access key."),
  token_path: secretFile("File with that token; it is read anew each time."),
});

/** What a provider cannot do without; of several lists in one place, one must be there whole. */
const NEEDED = {
  env: [],
  file: [],
  vault: [["address"], ["token_path", "role_id"]],
  azure_keyvault: [["vault_url"], ["tenant_id"], ["client_id"], ["client_secret_path", "token_path"]],
  aws_secrets_manager: [["region"], ["secret_access_key_path", "token_path"]],
} as const;
const BLOCKS = { vault: "vault", azure_keyvault: "azure", aws_secrets_manager: "aws" } as const;
const secrets = z.strictObject({
  provider: z.enum(["env", "file", "vault", "azure_keyvault", "aws_secrets_manager"]).default("env").meta({
    description:
      "Where `${secret:name}` in a password or key comes from. env and file: from nowhere; ${VAR}, ${file:…} and ${credential:…} work with all of them. Secrets of a store are read while the connector runs: one that is away is asked again, and a new value is used from the next connection on.",
  }),
  refresh_seconds: count([5, 300, 86_400], "How often secrets of the store are read anew.", { unit: "s" }),
  vault: z.strictObject({
    address: storeUrl("Address of the vault.", ["https://vault.plant.example:8200"]),
    namespace: text("Namespace, where the vault has them."),
    token_path: secretFile("File with the vault's token; whoever keeps it may write another into it."),
    role_id: text("Role of AppRole, in place of a token."),
    secret_id_path: secretFile("File with that role's secret ID."),
    approle_mount: z.string().regex(/^[A-Za-z0-9_.\/-]{1,256}$/).default("approle").meta({
      description: "Mount point of AppRole.",
    }),
    ca_path: file("Authority of the vault's certificate (PEM), where it is not ca_bundle_path."),
    mount_point: z.string().regex(/^[A-Za-z0-9_.\/-]{1,256}$/).default("secret").meta({
      description: "Mount point of the key-value engine (version 2).",
    }),
    path: z.string().regex(/^[A-Za-z0-9_.\/-]{1,1024}$/).default("iot-connector").meta({
      description: "Path in it of `${secret:name}`; `${secret:path#name}` names another.",
    }),
  }).prefault({}).meta({ description: "HashiCorp Vault or OpenBao." }),
  azure: azure.prefault({}).meta({ description: "Azure Key Vault." }),
  aws: aws.prefault({}).meta({ description: "AWS Secrets Manager." }),
}).superRefine((settings, context) => {
  for (const keys of NEEDED[settings.provider]) {
    const block = BLOCKS[settings.provider as keyof typeof BLOCKS]; // a provider that needs something has a block
    const values = Object.entries(settings[block]);
    if (values.some(([key, value]) => (keys as readonly string[]).includes(key) && value !== null)) continue;
    const message = `is needed with provider ${settings.provider}${keys[1] ? `, or ${keys[1]}` : ""}`;
    context.addIssue({ code: "custom", path: [block, keys[0]], message });
  }
});

function proxyUrl(description: string, examples: string[]): z.ZodDefault<z.ZodNullable<z.ZodString>> {
  const rule = "must begin with http:// and be an address without spaces, such as http://user:password@proxy:3128; " +
    "write other characters of a password as %20 and the like";
  return z.string().min(1).max(2048).refine(isProxyUrl, rule).nullable().default(null).meta({
    description,
    examples,
    holdsPassword: true,
  });
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
