/** Ways out of the plant's network, as `security.network.proxy` says. */
export interface ProxySettings {
  /** `http://[user:password@]proxy:port`; HTTPS connections go through it by CONNECT, with TLS end to end. */
  readonly url: string;
  /** Hosts that are reached without it: names, or suffixes of names, separated by commas. */
  readonly noProxy: string;
}

/** A proxy to connect through. */
export interface ProxyHop {
  readonly host: string;
  readonly port: number;
  /** Plain `user:password`, where the proxy wants one. */
  readonly credentials: { readonly username: string; readonly password: string } | undefined;
}

/** The proxy for connections to `host`; undefined when it is reached directly. */
export function proxyFor(host: string, proxy: ProxySettings | undefined): ProxyHop | undefined {
  if (!proxy || isExempt(host, proxy.noProxy)) return undefined;
  const url = new URL(proxy.url.includes("://") ? proxy.url : `http://${proxy.url}`);
  const credentials = url.username
    ? { username: decodeURIComponent(url.username), password: decodeURIComponent(url.password) }
    : undefined;
  return { host: url.hostname, port: Number(url.port || 80), credentials };
}

/**
 * Whether a list such as `localhost,.corp.example` names `host`: the same name, or a suffix that begins at a label's
 * boundary, so that `example.com` is not `notexample.com`. `*` names every host.
 */
export function isExempt(host: string, noProxy: string): boolean {
  const name = host.toLowerCase();
  return noProxy.split(",").map((entry) => entry.trim().toLowerCase().replace(/^\*?\./, "")).some((entry) =>
    entry === "*" || (entry !== "" && (name === entry || name.endsWith(`.${entry}`)))
  );
}
