import type { Clock } from "../core/clock.ts";
import { ConfigError, reasonOf } from "../core/error.ts";
import { within } from "../lib/within.ts";
import { Connections } from "./connections.ts";
import type { Fetch } from "./http_bridge.ts";

/** How long answers under way may take once the listener closes. */
const CLOSE_MS = 2000;

export interface ListenOptions {
  readonly bind: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** The block of the configuration that `bind` and `port` stand in, such as `monitoring.metrics.prometheus`. */
  readonly setting: string;
  readonly clock: Clock;
  /** For TLS: certificate and private key, PEM text. */
  readonly tls?: TlsFiles | undefined;
}

/** PEM text. */
export interface TlsFiles {
  readonly certificate: string;
  readonly privateKey: string;
}

/** An open listener. Disposing of it ends it, with the answers under way given a short time. */
export interface Listener extends AsyncDisposable {
  readonly address: Readonly<Deno.NetAddr>;
  /**
   * Shows another certificate to all that connect from now on. `onDelay` is called where nobody can connect for a while.
   * @throws {ConfigError} when it cannot be used: the former one stays
   */
  showCertificate(tls: TlsFiles, onDelay: (error: unknown) => void): Promise<void>;
}

/**
 * Answers HTTP requests until disposed, one per connection, with bounds on how many connections there are and how long
 * each lasts. Headers beyond 16 KiB are refused, and of a body no more is taken in than is read.
 * @throws {ConfigError} when the address cannot be listened on
 */
export function listen(fetch: Fetch, { clock, ...place }: ListenOptions): Listener {
  const listener = openListener(place);
  const connections = new Connections(listener, { fetch, clock });
  const address = listener.addr as Deno.NetAddr; // it listens on TCP
  let shown = place.tls;
  return {
    address,
    async showCertificate(tls, onDelay) {
      const before = { ...place, port: address.port, tls: shown };
      const fault = await changeTls(connections, { before, tls }, onDelay);
      if (fault) throw fault;
      shown = tls;
    },
    async [Symbol.asyncDispose]() {
      await within(connections.drain(), CLOSE_MS, clock);
      connections[Symbol.dispose]();
    },
  };
}

type Place = Omit<ListenOptions, "clock">;

/**
 * What is wrong with the new files, with which the former ones are used again. Whether they can be used is known once they
 * listen, and that the system may forbid at any port but this one.
 */
async function changeTls(
  connections: Connections,
  { before, tls }: { readonly before: Place; readonly tls: TlsFiles },
  onDelay: (error: unknown) => void,
): Promise<ConfigError | undefined> {
  let fault: ConfigError | undefined;
  await connections.change(() => {
    try {
      return openListener({ ...before, tls: fault ? before.tls : tls });
    } catch (error) {
      if (!(error instanceof ConfigError) || error.code !== "tls_files_unusable") throw error;
      fault = error;
      return openListener(before);
    }
  }, onDelay);
  return fault;
}

function openListener({ tls, ...place }: Place): Deno.TcpListener | Deno.TlsListener {
  const address = { hostname: place.bind, port: place.port };
  try {
    return tls ? Deno.listenTls({ ...address, cert: tls.certificate, key: tls.privateKey }) : Deno.listen(address);
  } catch (error) {
    throw listenError(error, place);
  }
}

function listenError(error: unknown, { bind, port, setting }: Place): unknown {
  const start = `Cannot listen on ${bind.includes(":") ? `[${bind}]` : bind}:${port}`;
  if (error instanceof Deno.errors.AddrInUse) {
    const message = `${start}: another program has the port; end it, or set ${setting}.port to a free one`;
    return new ConfigError("port_in_use", message, { cause: error, path: `${setting}.port` });
  }
  if (error instanceof Deno.errors.AddrNotAvailable) {
    const message = `${start}: this host has no such address; set ${setting}.bind to one it has`;
    return new ConfigError("address_not_available", message, { cause: error, path: `${setting}.bind` });
  }
  if (error instanceof Deno.errors.PermissionDenied || error instanceof Deno.errors.NotCapable) {
    const message = `${start}: the connector's user may not; set ${setting}.port to one above 1023`;
    return new ConfigError("port_not_permitted", message, { cause: error, path: `${setting}.port` });
  }
  if (tlsFault(error)) {
    const message = `${start} with TLS: certificate and private key cannot be used (${reasonOf(error)}); ` +
      `set ${setting}.tls.certificate_path and private_key_path to PEM files that belong together`;
    return new ConfigError("tls_files_unusable", message, { cause: error, path: `${setting}.tls` });
  }
  return error;
}

function tlsFault(error: unknown): boolean {
  return error instanceof Deno.errors.InvalidData || error instanceof TypeError ||
    (error instanceof Error && /certificate|key/i.test(error.message));
}
