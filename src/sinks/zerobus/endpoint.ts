/** Where a workspace's services are, parsed once from the configuration's text. */

/** The ingest service of one workspace in one region. */
export interface IngestEndpoint {
  readonly host: string;
  readonly port: number;
  /** False only for `http://` on a loopback address. */
  readonly isTls: boolean;
  /** The first DNS label of the host: `1234567890` in `1234567890.zerobus.eu-west-1.cloud.databricks.com`. */
  readonly workspaceId: string;
}

/**
 * Reads `zerobus_endpoint`; scheme and port may be missing.
 *
 * ```ts
 * parseIngestEndpoint("1234567890.zerobus.eu-west-1.cloud.databricks.com").port; // 443
 * ```
 * @throws {TypeError} saying what is wrong with the text
 */
export function parseIngestEndpoint(text: string): IngestEndpoint {
  const url = parseServiceUrl(text);
  const isTls = url.protocol === "https:";
  const host = url.hostname.replace(/^\[|\]$/g, "");
  return { host, port: Number(url.port || (isTls ? 443 : 80)), isTls, workspaceId: host.split(".")[0] ?? host };
}

/**
 * Reads the address of an HTTPS service; a missing scheme means `https://`. Plain `http://` would show the client secret
 * to the network and is taken for loopback addresses only.
 * @throws {TypeError} saying what is wrong with the text
 */
export function parseServiceUrl(text: string): URL {
  const url = toUrl(text.includes("://") ? text : `https://${text}`);
  if (!url) throw new TypeError(`is not a host name or URL: ${text}`);
  if (url.protocol !== "https:" && url.protocol !== "http:") throw new TypeError("must begin with https://");
  if (url.protocol === "http:" && !isLoopback(url.hostname)) {
    throw new TypeError("must begin with https://: http:// would show the client secret to the network");
  }
  if (url.username || url.password) throw new TypeError("must not hold a user name or password");
  return url;
}

function toUrl(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined;
}

function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127(\.\d+){3}$/.test(hostname);
}
