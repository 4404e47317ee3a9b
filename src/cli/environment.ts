/**
 * Variables that the runtime obeys by itself, whatever the program may see of its environment. What the connector
 * connects through, and what it writes, is the configuration's to say.
 */

/** Each would send requests to the workspace through a proxy of its own. */
const PROXIES = ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"] as const;
/** Each would add authorities whose certificates every peer could show; those are security.ca_bundle_path's to add. */
const AUTHORITIES = ["DENO_CERT", "NODE_EXTRA_CA_CERTS", "DENO_TLS_CA_STORE", "SSL_CERT_FILE", "SSL_CERT_DIR"] as const;
/** Makes the runtime write the keys of every TLS session into a file; it has opened that before any code of ours runs. */
const KEY_LOG = "SSLKEYLOGFILE";

/** All of them; for the permissions. */
export const RUNTIME_VARIABLES: readonly string[] = [
  ...PROXIES.flatMap((name) => [name, name.toLowerCase()]),
  ...AUTHORITIES,
  KEY_LOG,
];

/** What is needed of `Deno.env`. */
export interface Environment {
  get(name: string): string | undefined;
  delete(name: string): void;
}

/**
 * Takes proxies and authorities out of the environment, before the first connection: the runtime looks at them then.
 * Returns why the connector must not start, if so.
 */
export function ownEnvironment(env: Environment): string | undefined {
  if (env.get(KEY_LOG) !== undefined) {
    return `The variable ${KEY_LOG} is set, which would write the keys of all encrypted connections into a file: unset it.`;
  }
  for (const name of RUNTIME_VARIABLES) env.delete(name);
  return undefined;
}
