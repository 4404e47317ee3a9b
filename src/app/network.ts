import type { Config } from "../config/mod.ts";
import { ConfigError, reasonOf } from "../core/error.ts";
import { linkFree } from "../core/home_file.ts";
import type { CertificateRules } from "../core/source.ts";
import type { ProxySettings } from "../sinks/zerobus/proxy.ts";

/**
 * PEM text of `security.ca_bundle_path`; undefined where it is not set.
 * @throws {ConfigError} when it cannot be read, or holds no certificate
 */
export async function readExtraRoots({ security }: Config, home: string): Promise<string | undefined> {
  const path = security.ca_bundle_path;
  if (path === null) return undefined;
  const setting = { path: "security.ca_bundle_path" };
  let text: string;
  try {
    text = await Deno.readTextFile(linkFree(home, `${home}/${path}`));
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    const message = `Cannot read security.ca_bundle_path, ${home}/${path}: ${reasonOf(error)}`;
    throw new ConfigError("ca_bundle_unreadable", message, { ...setting, cause: error });
  }
  if (text.includes("-----BEGIN CERTIFICATE-----")) return text;
  const message = `security.ca_bundle_path, ${home}/${path}, holds no certificate: it must be PEM text`;
  throw new ConfigError("ca_bundle_empty", message, setting);
}

/** What `security.certificates.validation` asks of peers. */
export function certificateRulesOf({ security }: Config): CertificateRules {
  const { verify_hostname: verifyHostname, check_revocation: checkRevocation } = security.certificates.validation;
  return { verifyHostname, checkRevocation };
}

/** The proxy for HTTPS, where one is enabled. */
export function proxyOf({ security }: Config): ProxySettings | undefined {
  const { enabled, http_proxy, https_proxy, no_proxy } = security.network.proxy;
  const url = https_proxy ?? http_proxy;
  return enabled && url !== null ? { url, noProxy: no_proxy } : undefined;
}
